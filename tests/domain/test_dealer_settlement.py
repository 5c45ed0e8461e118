"""A settlement: issued by one, reviewed by another, confirmed by hash, invoiced, closed."""

from typing import Any

import pytest

from domain.claim_states import ClaimState
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.errors import (
    ContentHashMismatch,
    DomainError,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    OpenDispute,
    PeriodClosed,
    SamePerson,
)
from domain.facts import Fact
from domain.settlement_states import ALLOWED, SettlementState
from domain.use_cases import claiming, closing, settling
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import decision
from tests.domain.desk import (
    ANN,
    BOB,
    Desk,
    ReadsTogether,
    UseCase,
    all_postings,
    d,
    kinds,
    on,
    only,
)
from tests.domain.givens import form, item, sold, stocked_maker

JULY = "D01/2025-07"
INVOICED = 1999 + 260  # One pump, tax included.


def traded(claimed: int = 500) -> Desk:
    """In July D01 bought a pump (line 2 of its account) and was credited a claim (line 3)."""
    desk = stocked_maker()
    sold(desk, 1)
    desk.do(
        claiming.submit_claim,
        number="C1", occurrence=on(7, 12), form=form(items=(item(claimed),)),
    )  # fmt: skip
    desk.do(
        claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 13),
        decisions=(decision(1, claimed),),
    )  # fmt: skip
    return desk


def issued(desk: Desk) -> list[Fact]:
    return desk.do(settling.issue_statement, dealer="D01", month="2025-07")


def reviewed(claimed: int = 500) -> Desk:
    desk = traded(claimed)
    issued(desk)
    desk.do(settling.review_statement, actor=BOB, number=JULY)
    return desk


def disputed(desk: Desk, line: int) -> list[Fact]:
    return desk.do(settling.dispute_line, number=JULY, line_version=line, because="price")


def resolved(desk: Desk, line: int, memo: int) -> list[Fact]:
    return desk.do(
        settling.resolve_dispute, actor=BOB, number=JULY, occurrence=on(8, 3, "MEMO-1"),
        line_version=line, memo_minor=memo, because="agreed",
    )  # fmt: skip


def confirmed(desk: Desk) -> list[Fact]:
    return desk.do(
        settling.confirm_statement,
        number=JULY, content_hash=settlement(desk).statement.content_hash,
    )  # fmt: skip


def invoiced(desk: Desk) -> list[Fact]:
    return desk.do(
        settling.invoice_settlement, number=JULY, occurrence=on(8, 5, "INV-9"),
        sales_invoice="SI-1", claims_invoice="CI-1",
    )  # fmt: skip


def closed(desk: Desk) -> list[Fact]:
    return desk.do(settling.close_settlement, number=JULY, occurrence=on(8, 6))


def settlement(desk: Desk) -> DealerSettlement:
    return desk.the(DealerSettlement, JULY)


def test_issuing_states_the_month_and_opens_the_settlement() -> None:
    facts = issued(traded())

    assert kinds(facts) == ["DealerAccount.StatementClosed", "DealerSettlement.Issued"]
    assert all_postings(facts) == []
    statement = only(facts, DealerSettlement.Issued).statement
    assert statement == only(facts, DealerAccount.StatementClosed).statement
    assert (statement.debit_minor, statement.credit_minor, statement.closing_minor) == (
        INVOICED, 500, INVOICED - 500,
    )  # fmt: skip
    assert (statement.sales_tax_minor, statement.claims_minor) == (260, 500)
    assert statement.claims_tax_minor == 65, "13 % of 5.00; the sale adds nothing to it"


def test_the_normal_way_matches_the_invoices_nets_and_settles_the_claim() -> None:
    desk = reviewed()
    confirmed(desk)
    invoices, netting = invoiced(desk), closed(desk)

    assert kinds(invoices) == ["DealerSettlement.Invoiced", "DealerAccount.ClaimsInvoiced"]
    assert all_postings(invoices) == [
        ("2221.in", "", 65), ("2221.out", "", -260), ("2221.pend", "", 260),
        ("2241", "dealers/D01", -65),
    ]  # fmt: skip
    assert kinds(netting) == [
        "DealerSettlement.Closed", "DealerAccount.ItemsNetted", "WarrantyClaim.Settled",
    ]  # fmt: skip
    assert all_postings(netting) == [
        ("1122", "dealers/D01", -565), ("2241", "dealers/D01", 65), ("2241", "dealers/D01", 500),
    ]  # fmt: skip
    assert desk.the(WarrantyClaim, "C1").state is ClaimState.SETTLED
    assert settlement(desk).state is SettlementState.CLOSED
    assert {key: open_item.amount_minor
            for key, open_item in desk.the(DealerAccount, "D01").items.items()} == {
        "sales/SA1": INVOICED - 565
    }  # fmt: skip


def test_a_claim_that_is_only_partly_netted_is_not_settled() -> None:
    desk = reviewed(claimed=5000)
    confirmed(desk)
    invoiced(desk)

    assert "WarrantyClaim.Settled" not in kinds(closed(desk))
    assert desk.the(WarrantyClaim, "C1").state is ClaimState.CREDITED


def test_a_claim_charged_back_and_netted_stays_charged_back() -> None:
    desk = reviewed()
    confirmed(desk)
    invoiced(desk)
    desk.do(claiming.charge_back_claim, number="C1", occurrence=on(8, 5), because="audit")

    closed(desk)

    assert desk.the(WarrantyClaim, "C1").state is ClaimState.CHARGED_BACK


def test_a_settlement_without_claims_or_debts_nets_nothing() -> None:
    desk = stocked_maker()
    issued(desk)
    desk.do(settling.review_statement, actor=BOB, number=JULY)
    confirmed(desk)

    assert kinds(invoiced(desk)) == ["DealerSettlement.Invoiced"]
    assert kinds(closed(desk)) == ["DealerSettlement.Closed"]


def test_who_issued_does_not_review() -> None:
    desk = traded()
    issued(desk)

    facts = desk.refused(SamePerson, settling.review_statement, actor=ANN, number=JULY)

    assert facts == {"actor": ANN, "made": "issued", "action": "review"}


@pytest.mark.parametrize(
    ("memo", "expected"),
    [
        (-100, [("1122", "dealers/D01", -100), ("2221.pend", "", 12), ("6001", "", 88)]),
        (100, [("1122", "dealers/D01", 100), ("2221.pend", "", -12), ("6001", "", -88)]),
        (0, []),
    ],
)
def test_a_dispute_ends_in_a_memo_of_a_later_month_or_in_none(
    memo: int, expected: list[tuple[str, str, int]]
) -> None:
    desk = reviewed()
    issued_as = settlement(desk).statement
    disputed(desk, 2)

    facts = resolved(desk, 2, memo)

    assert all_postings(facts) == expected
    assert settlement(desk).statement == issued_as, "the statement stays as it was issued"
    assert settlement(desk).disputes == {}
    for memo_posted in (fact for fact in facts if isinstance(fact, DealerAccount.MemoPosted)):
        assert (memo_posted.statement_month, memo_posted.document) == ("2025-08", "MEMO-1")
    confirmed(desk)
    assert settlement(desk).state is SettlementState.CONFIRMED


def test_a_disputed_statement_is_confirmed_when_every_line_is_resolved() -> None:
    desk = reviewed()
    disputed(desk, 2)
    disputed(desk, 3)
    content_hash = settlement(desk).statement.content_hash
    confirm = {"number": JULY, "content_hash": content_hash}
    assert desk.refused(OpenDispute, settling.confirm_statement, **confirm) == {
        "settlement": JULY, "lines": "2, 3",
    }  # fmt: skip

    resolved(desk, 3, 0)

    assert desk.refused(OpenDispute, settling.confirm_statement, **confirm)["lines"] == "2"


def test_the_dealer_confirms_exactly_what_was_issued() -> None:
    desk = reviewed()
    content_hash = settlement(desk).statement.content_hash

    facts = desk.refused(
        ContentHashMismatch, settling.confirm_statement, number=JULY, content_hash="0" * 64
    )

    assert facts == {"settlement": JULY, "issued": content_hash, "confirmed": "0" * 64}


@pytest.mark.parametrize("line", [0, 1, 4, -1])
def test_only_lines_of_the_statement_can_be_disputed(line: int) -> None:
    facts = reviewed().refused(
        InvalidValue, settling.dispute_line, number=JULY, line_version=line, because="price"
    )

    assert facts == {
        "field": "line_version", "value": str(line),
        "rule": f"must be the account version of a line of statement {JULY}",
    }  # fmt: skip


def test_an_empty_statement_has_no_line_to_dispute() -> None:
    desk = stocked_maker()
    issued(desk)
    desk.do(settling.review_statement, actor=BOB, number=JULY)

    desk.refused(InvalidValue, settling.dispute_line, number=JULY, line_version=0, because="x")


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (InvalidValue, {"line_version": 3},
         {"field": "line_version", "value": "3", "rule": "must be a disputed line"}),
        (PeriodClosed, {"occurrence": on(7, 31)},
         {"month": "2025-07", "date": "2025-07-31", "first_open_day": "2025-08-01"}),
    ],
)  # fmt: skip
def test_a_resolution_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = reviewed()
    disputed(desk, 2)
    desk.do(closing.soft_close, month="2025-07")
    desk.close_for_good("2025-07")
    resolution: dict[str, Any] = {
        "number": JULY, "occurrence": on(8, 3), "line_version": 2, "memo_minor": 5, "because": "",
    }  # fmt: skip

    assert facts == desk.refused(
        refusal, settling.resolve_dispute, actor=BOB, **(resolution | changes)
    )


ATTEMPTS: dict[str, tuple[UseCase, dict[str, Any]]] = {
    "review": (settling.review_statement, {}),
    "dispute": (settling.dispute_line, {"line_version": 2, "because": ""}),
    "resolve a dispute": (
        settling.resolve_dispute,
        {"occurrence": on(8, 7), "line_version": 2, "memo_minor": 0, "because": ""},
    ),
    "confirm": (settling.confirm_statement, {"content_hash": ""}),
    "invoice": (settling.invoice_settlement, {"occurrence": on(8, 7)}),
    "close": (settling.close_settlement, {"occurrence": on(8, 7)}),
}


def in_state(state: SettlementState) -> Desk:
    if state is SettlementState.ISSUED:
        desk = traded()
        issued(desk)
        return desk
    desk = reviewed()
    if state is SettlementState.DISPUTED:
        disputed(desk, 2)
        return desk
    order = [SettlementState.CONFIRMED, SettlementState.INVOICED, SettlementState.CLOSED]
    if state in order:
        for step in (confirmed, invoiced, closed)[: order.index(state) + 1]:
            step(desk)
    return desk


@pytest.mark.parametrize("state", SettlementState)
def test_what_is_not_in_the_table_of_states_is_refused(state: SettlementState) -> None:
    desk = in_state(state)
    assert settlement(desk).state is state
    for action, (use_case, fields) in ATTEMPTS.items():
        if state not in ALLOWED[action]:
            facts = desk.refused(NotAllowedInState, use_case, actor="eve", number=JULY, **fields)
            assert facts == {"kind": "settlement", "key": JULY, "state": state, "action": action}
    assert set(ATTEMPTS) == set(ALLOWED)


def test_unknown_settlements_are_refused() -> None:
    assert reviewed().refused(NotFound, settling.review_statement, number="D02/2025-07") == {
        "kind": "DealerSettlement", "key": "D02/2025-07",
    }  # fmt: skip


def test_the_claims_that_closing_settles_are_read_together() -> None:
    desk = traded()
    for number, day in (("C2", 8), ("C3", 9)):
        failed = form(items=(item(500),), failed_on=d(7, day))
        desk.do(claiming.submit_claim, number=number, occurrence=on(7, 12), form=failed)
        desk.do(
            claiming.adjudicate_claim, actor=BOB, number=number, occurrence=on(7, 13),
            decisions=(decision(1, 500),),
        )  # fmt: skip
    issued(desk)
    desk.do(settling.review_statement, actor=BOB, number=JULY)
    confirmed(desk)
    invoiced(desk)
    desk.ledger.forget()
    log = ReadsTogether(desk.ledger)

    facts = closed(desk)

    assert kinds(facts).count("WarrantyClaim.Settled") == 3
    claims = [asked for asked in log.asked if asked[0].startswith("claims/")]
    assert claims == [["claims/C1", "claims/C2", "claims/C3"]]
