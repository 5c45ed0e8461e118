"""Which refusal wins where a command breaks several rules: settlements, and the months."""

from typing import Any

from domain.dealer_settlement import DealerSettlement
from domain.errors import (
    AlreadyExists,
    ContentHashMismatch,
    FutureDate,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    OpenDispute,
    OutOfSequence,
    OverMemo,
    SamePerson,
    StatementOutOfOrder,
    StatementTooEarly,
)
from domain.use_cases import closing, settling
from tests.domain.desk import ANN, BOB, Desk, UseCase, d, on
from tests.domain.givens import (
    sold,
    stocked_maker,
)
from tests.domain.refusal_order import FUTURE, Broken, closed_months, dates, in_order


def test_a_statement_its_number_its_dealer_its_month_then_its_turn() -> None:
    desk = stocked_maker()
    desk.do(settling.issue_statement, dealer="D01", month="2025-06")
    for number, month in (("SA1", 7), ("SA2", 8)):
        sold(desk, 1, number, on(month, 15))
    in_order(
        desk, settling.issue_statement, {"dealer": "D01", "month": "2025-06"},
        Broken(AlreadyExists, {"key": "D01/2025-06"}, {"dealer": "D09", "month": "2025-12"}),
        Broken(NotFound, {"kind": "DealerAccount"}, {"dealer": "D01", "occurrence": FUTURE}),
        Broken(FutureDate, {}, {"occurrence": on(12, 31)}),
        Broken(StatementTooEarly, {"month": "2025-12"}, {"month": "2025-08"}),
        Broken(StatementOutOfOrder, {"first_open": "2025-07"}, {"month": "2025-07"}),
    )  # fmt: skip


JULY, OTHER = "D01/2025-07", "D02/2025-07"


def settled(desk: Desk, number: str, *steps: UseCase) -> None:
    """Led through these steps of a settlement by Ann, reviewed by Bob."""
    desk.do(settling.issue_statement, dealer=number[:3], month=number[4:])
    stated = desk.the(DealerSettlement, number).statement
    fields: dict[Any, dict[str, Any]] = {
        settling.review_statement: {"actor": BOB},
        settling.dispute_line: {"line_version": 2, "because": "price"},
        settling.confirm_statement: {"content_hash": stated.content_hash},
        settling.invoice_settlement: {"occurrence": on(8, 5), "sales_invoice": "SI-1"},
    }
    for step in steps:
        desk.do(step, number=number, **fields[step])


def traded() -> Desk:
    """D01 and D02 bought a pump each, the second line of their accounts."""
    desk = closed_months(stocked_maker())
    sold(desk, 1)
    sold(desk, 1, "SA2", dealer="D02")
    return desk


def test_a_review_its_state_then_who_reviews() -> None:
    desk = traded()
    settled(desk, JULY)
    settled(desk, OTHER, settling.review_statement)
    in_order(
        desk, settling.review_statement, {"number": "D03/2025-07", "actor": ANN},
        Broken(NotFound, {"key": "D03/2025-07"}, {"number": OTHER}),
        Broken(NotAllowedInState, {"key": OTHER}, {"number": JULY}),
        Broken(SamePerson, {"made": "issued"}, {"actor": BOB}),
    )  # fmt: skip


def test_a_dispute_its_state_then_its_line() -> None:
    desk = traded()
    settled(desk, JULY, settling.review_statement)
    settled(desk, OTHER)
    in_order(
        desk, settling.dispute_line,
        {"number": "D03/2025-07", "line_version": 9, "because": "price"},
        Broken(NotFound, {"key": "D03/2025-07"}, {"number": OTHER}),
        Broken(NotAllowedInState, {"key": OTHER}, {"number": JULY}),
        Broken(InvalidValue, {"field": "line_version"}, {"line_version": 2}),
    )  # fmt: skip


def test_a_memo_its_state_its_day_its_line_who_resolves_then_its_amount() -> None:
    desk = traded()
    settled(desk, JULY, settling.review_statement, settling.dispute_line)
    settled(desk, OTHER, settling.review_statement)
    in_order(
        desk, settling.resolve_dispute,
        {"number": "D03/2025-07", "occurrence": FUTURE, "line_version": 9, "memo_minor": -9999,
         "because": "agreed"},
        Broken(NotFound, {"key": "D03/2025-07"}, {"number": OTHER}),
        Broken(NotAllowedInState, {"key": OTHER}, {"number": JULY}),
        *dates(on(8, 3)),
        Broken(InvalidValue, {"field": "line_version"}, {"line_version": 2}),
        Broken(SamePerson, {"made": "disputed"}, {"actor": BOB}),
        Broken(OverMemo, {"line_minor": "2259"}, {"memo_minor": -1}),
    )  # fmt: skip


def test_a_confirmation_its_state_what_is_disputed_then_its_hash() -> None:
    desk = traded()
    settled(desk, JULY, settling.review_statement)
    settled(desk, OTHER, settling.review_statement, settling.dispute_line)
    settled(desk, "D03/2025-07")
    in_order(
        desk, settling.confirm_statement, {"number": "D09/2025-07", "content_hash": "0" * 64},
        Broken(NotFound, {"key": "D09/2025-07"}, {"number": "D03/2025-07"}),
        Broken(NotAllowedInState, {"key": "D03/2025-07"}, {"number": OTHER}),
        Broken(OpenDispute, {"settlement": OTHER}, {"number": JULY}),
        Broken(ContentHashMismatch, {"settlement": JULY},
               {"content_hash": desk.the(DealerSettlement, JULY).statement.content_hash}),
    )  # fmt: skip


def test_an_invoice_and_the_close_their_state_then_their_day_then_the_number() -> None:
    confirmed = (settling.review_statement, settling.confirm_statement)
    missing = Broken(InvalidValue, {"field": "sales_invoice"}, {"sales_invoice": "SI-1"})
    numbers: dict[UseCase, tuple[Broken, ...]] = {settling.invoice_settlement: (missing,)}
    for use_case, steps in (
        (settling.invoice_settlement, confirmed),
        (settling.close_settlement, (*confirmed, settling.invoice_settlement)),
    ):
        desk = traded()
        settled(desk, JULY, *steps)
        settled(desk, OTHER)
        in_order(
            desk, use_case, {"number": "D03/2025-07", "occurrence": FUTURE},
            Broken(NotFound, {"key": "D03/2025-07"}, {"number": OTHER}),
            Broken(NotAllowedInState, {"key": OTHER}, {"number": JULY}),
            *dates(on(8, 6)),
            *numbers.get(use_case, ()),
        )  # fmt: skip


def test_a_reopening_its_month_the_request_for_it_then_who_reopens() -> None:
    desk = Desk()
    desk.do(closing.soft_close, month="2025-07")
    desk.close_for_good("2025-05")
    desk.do(closing.request_reopening, month="2025-07")
    in_order(
        desk, closing.reopen, {"month": "2025-05", "actor": ANN},
        Broken(NotAllowedInState, {"state": "hard_closed"}, {"month": "2025-06"}),
        Broken(NotAllowedInState, {"state": "without a request"}, {"month": "2025-07"}),
        Broken(SamePerson, {"made": "requested"}, {"actor": BOB}),
    )  # fmt: skip


def test_a_month_that_is_closed_is_not_closed_again_whether_it_is_over_or_not() -> None:
    """It can be both only where the clock was put back."""
    desk = Desk()
    desk.do(closing.soft_close, month="2025-07")
    desk.today = d(7, 15)

    desk.refused(NotAllowedInState, closing.soft_close, month="2025-07")
    desk.refused(OutOfSequence, closing.soft_close, month="2025-08")
