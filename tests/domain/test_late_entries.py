"""Entered late: rules of the trade read the day it happened, books the day it counts.

July is hard-closed, so what comes in late for July counts on 1 August.
"""

from datetime import date
from typing import Any

from domain.accounting_period import AccountingPeriod
from domain.aggregates import AGGREGATES
from domain.days import Days, Done
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.document import Document
from domain.errors import (
    BeforeArrival,
    ChargebackWindowOver,
    InsufficientStock,
    LateSubmission,
    NoPrice,
    NotOverdueYet,
    OutOfSequence,
)
from domain.facts import BookedFact
from domain.parts_return import PartsReturn
from domain.parts_sale import PartsSale
from domain.parts_transfer import PartsTransfer
from domain.stock_item import StockItem
from domain.use_cases import (
    base_data,
    claiming,
    closing,
    returning,
    selling,
    settling,
    transferring,
)
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import FULL, RETURNABLE, decided, submitted
from tests.domain.desk import BOB, Desk, d, on, only
from tests.domain.givens import CUSTODY, LIST, MAIN, NORTH, PUMP, bought, form, sold, stocked_maker
from tests.domain.stored_names import fact_types
from tests.domain.transfer_steps import lines

FIRST_OPEN = d(8, 1)


def july_is_closed(desk: Desk) -> Desk:
    desk.do(closing.soft_close, month="2025-07", occurrence=on(8, 10))
    desk.close_for_good("2025-07", on(8, 10))
    return desk


def late(month: int, day: int) -> Occurrence:
    return on(month, day, late=True)


def test_every_step_of_every_document_and_month_has_its_days() -> None:
    owners = {str(getattr(kind, "TOPIC")): kind for kind in AGGREGATES}  # noqa: B009
    steps = [
        fact
        for fact in fact_types()
        if issubclass(owners[fact.TOPIC.partition(".")[0]], Document | AccountingPeriod)
        and fact is not AccountingPeriod.Opened  # Nobody does it: the first step does.
    ]

    assert len(steps) > 30
    assert [fact.TOPIC for fact in steps if not issubclass(fact, BookedFact)] == []


def test_what_is_entered_late_happened_on_its_day_and_counts_from_the_first_open_one() -> None:
    """The step after it has to come after both."""
    desk = july_is_closed(stocked_maker())
    sold(desk, 2, occurrence=late(7, 15))
    desk.do(
        transferring.request_transfer, number="T1", occurrence=late(7, 15), from_place=MAIN,
        to_place=NORTH, lines=lines(2),
    )  # fmt: skip
    desk.do(claiming.submit_claim, number="C1", occurrence=late(7, 15), form=form())
    desk.do(
        returning.request_good_return, number="R1", occurrence=late(7, 15), sale="SA1", part=PUMP,
        quantity=1, to_place=CUSTODY,
    )  # fmt: skip
    desk.do(settling.issue_statement, dealer="D01", month="2025-06", occurrence=late(7, 15))

    assert {
        desk.the(PartsSale, "SA1").sold,
        desk.the(PartsTransfer, "T1").last,
        desk.the(WarrantyClaim, "C1").last,
        desk.the(PartsReturn, "R1").last,
        desk.the(DealerSettlement, "D01/2025-06").last,
    } == {
        Done(step, Days(d(7, 15), FIRST_OPEN))
        for step in ("sold", "requested", "submitted", "issued")
    }


def test_a_late_sale_has_the_price_and_the_due_date_of_its_own_day() -> None:
    desk = stocked_maker()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=FIRST_OPEN,
        unit_price_minor=9999,
    )  # fmt: skip
    july_is_closed(desk)

    facts = sold(desk, 1, occurrence=late(7, 15))

    sale = only(facts, PartsSale.Sold)
    assert (sale.occurred_on, sale.effective_on) == (d(7, 15), FIRST_OPEN)
    assert (sale.lines[0].net_minor, sale.due_on) == (1999, d(8, 14))
    line = only(facts, DealerAccount.SaleInvoiced)
    assert (line.effective_on, line.statement_month) == (FIRST_OPEN, "2025-08")
    assert sold_on(desk, FIRST_OPEN) == 9999, "control: on the day it counts the price is another"


def sold_on(desk: Desk, day: date) -> int:
    facts = sold(desk, 1, "SA2", Occurrence(day))
    return only(facts, PartsSale.Sold).lines[0].net_minor


def test_a_late_sale_of_a_day_without_a_price_is_refused() -> None:
    desk = stocked_maker()
    bought(desk, 1, 100, Occurrence(date(2024, 12, 1)))
    july_is_closed(desk)
    facts = desk.refused(
        NoPrice, selling.sell_parts, number="SA1", dealer="D01", from_place=MAIN,
        occurrence=Occurrence(date(2024, 12, 31), late=True), lines=(WantedLine(PUMP, 1),),
    )  # fmt: skip

    assert facts["on"] == "2024-12-31"


def test_a_late_decision_sets_the_deadline_of_its_own_day() -> None:
    desk = july_is_closed(submitted(**RETURNABLE))

    decision = only(decided(desk, FULL, late(7, 13)), WarrantyClaim.Approved)

    assert (decision.effective_on, decision.return_due_on) == (FIRST_OPEN, d(8, 12))
    desk.do(
        returning.request_defective_return, number="R1", occurrence=on(8, 11), claim="C1",
        part=PUMP, quantity=1, to_place=CUSTODY,
    )  # fmt: skip
    desk.refused(NotOverdueYet, returning.mark_return_overdue, number="R1", occurrence=on(8, 12))
    desk.do(returning.mark_return_overdue, number="R1", occurrence=on(8, 13))


def test_a_return_is_not_overdue_by_the_day_on_which_that_counts() -> None:
    """The last day of the deadline, entered when its month was closed, counts a day later."""
    desk = submitted(**RETURNABLE)
    decided(desk, FULL, on(7, 13))
    desk.do(
        returning.request_defective_return, number="R1", occurrence=on(7, 14), claim="C1",
        part=PUMP, quantity=1, to_place=CUSTODY,
    )  # fmt: skip
    desk.do(closing.soft_close, month="2025-08", occurrence=on(9, 10))
    desk.close_for_good("2025-08", on(9, 10))
    due_on = desk.the(PartsReturn, "R1").due_on
    assert due_on == d(8, 12)

    refused = desk.refused(
        NotOverdueYet, returning.mark_return_overdue, number="R1", occurrence=late(8, 12)
    )
    assert refused["on"] == "2025-08-12"
    desk.do(returning.mark_return_overdue, number="R1", occurrence=late(8, 13))


def test_a_late_charge_back_is_within_the_window_if_the_audit_was() -> None:
    desk = submitted()
    decided(desk, FULL)  # Credited on 13 July; the window runs to 13 July of next year.
    window_ends = date(2026, 7, 13)
    desk.today = date(2026, 9, 30)
    desk.do(closing.soft_close, month="2026-07", occurrence=Occurrence(date(2026, 8, 10)))
    desk.close_for_good("2026-07", Occurrence(date(2026, 8, 10)))
    charge = {"number": "C1", "because": "audit"}
    desk.refused(
        ChargebackWindowOver, claiming.charge_back_claim,
        occurrence=Occurrence(date(2026, 7, 14), late=True), **charge,
    )  # fmt: skip

    facts = desk.do(
        claiming.charge_back_claim, occurrence=Occurrence(window_ends, late=True), **charge
    )

    assert only(facts, WarrantyClaim.ChargedBack).effective_on == date(2026, 8, 1)


def test_a_claim_that_is_entered_late_was_submitted_when_it_was() -> None:
    desk = july_is_closed(stocked_maker())
    claim: dict[str, Any] = {
        "number": "C1",
        "form": form(),
    }  # Failed on 10 July; to be submitted in 30 days.
    desk.refused(LateSubmission, claiming.submit_claim, occurrence=on(8, 10), **claim)

    desk.do(claiming.submit_claim, occurrence=late(7, 12), **claim)


def test_what_came_in_late_is_as_old_as_it_is_and_leaves_from_the_day_it_counts() -> None:
    desk = july_is_closed(stocked_maker())
    bought(desk, 4, 900, late(7, 20), place=NORTH)
    [layer] = desk.the(StockItem, f"{NORTH}/{PUMP}").layers
    assert (layer.origin_on, layer.arrived_on, layer.counts_from) == (d(7, 20), d(7, 20), d(8, 1))

    too_early = desk.refused(
        InsufficientStock, selling.sell_parts, number="SA1", dealer="D01", from_place=NORTH,
        occurrence=late(7, 19), lines=(WantedLine(PUMP, 1),),
    )  # fmt: skip
    assert too_early["available"] == "0"
    sold(desk, 1, "SA2", late(7, 20), from_place=NORTH)
    sold(desk, 1, "SA3", on(8, 1), from_place=NORTH)


def test_pieces_do_not_leave_the_books_before_they_came_into_them() -> None:
    """August is soft-closed: what is late for July counts in September, approved entries do not."""
    desk = july_is_closed(stocked_maker())
    desk.do(closing.soft_close, month="2025-08", occurrence=on(9, 8))
    invoice = ("2025-08", "INV-8", "sales", "dealers/D01", 2259)
    desk.approve(*invoice, occurrence=on(9, 9))
    bought(desk, 4, 900, late(7, 20), place=NORTH)

    desk.refused(
        InsufficientStock, selling.sell_parts, number="SA1", dealer="D01", from_place=NORTH,
        occurrence=on(8, 20, "INV-8"), lines=(WantedLine(PUMP, 1),),
    )  # fmt: skip
    sold(desk, 1, "SA1", on(8, 20, "INV-8"), from_place=MAIN)  # Control: these counted before.


def test_a_transfer_is_not_received_before_its_dispatch_happened_or_counts() -> None:
    desk = stocked_maker()
    desk.do(
        transferring.request_transfer, number="T1", occurrence=on(7, 11), from_place=MAIN,
        to_place=NORTH, lines=lines(2),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1", occurrence=on(7, 11))
    july_is_closed(desk)
    desk.do(closing.soft_close, month="2025-08", occurrence=on(9, 8))
    desk.approve("2025-08", "GR-1", "transfers", "places/W02", 2000, occurrence=on(9, 9))
    desk.do(transferring.dispatch_transfer, number="T1", occurrence=late(7, 12))  # From September.
    for occurrence, came_on in ((late(7, 11), "2025-07-12"), (on(8, 20, "GR-1"), "2025-09-01")):
        facts = desk.refused(
            BeforeArrival, transferring.receive_transfer, number="T1", occurrence=occurrence
        )
        assert facts["came_on"] == came_on

    received = desk.do(transferring.receive_transfer, number="T1", occurrence=late(7, 14))
    assert only(received, PartsTransfer.Received).effective_on == d(9, 1)


def test_a_step_does_not_count_before_the_one_it_follows() -> None:
    desk = stocked_maker()
    july_is_closed(desk)
    desk.do(closing.soft_close, month="2025-08", occurrence=on(9, 8))
    desk.approve("2025-08", "AP-1", "transfers", "places/W02", 0, occurrence=on(9, 9))
    desk.do(
        transferring.request_transfer, number="T1", occurrence=late(7, 11), from_place=MAIN,
        to_place=NORTH, lines=lines(2),
    )  # fmt: skip
    facts = desk.refused(
        OutOfSequence, transferring.approve_transfer, actor="eve", number="T1",
        occurrence=on(8, 20, "AP-1"),
    )  # fmt: skip

    assert facts == {"step": "requested", "step_on": "2025-09-01", "on": "2025-08-20"}
    desk.do(transferring.approve_transfer, actor="eve", number="T1", occurrence=late(7, 11))
