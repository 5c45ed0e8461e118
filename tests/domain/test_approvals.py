"""An approved entry into a soft-closed month is one entry: kind, party and amount, used once.

10 pumps cost 10.00 each and are sold at 19.99; the tax on one is 2.60.
"""

from typing import Any

import pytest

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.aggregates import AGGREGATES
from domain.approvals import ApprovedEntry, entered, parties
from domain.errors import InvalidValue, NotAsApproved, PeriodSoftClosed, SamePerson
from domain.facts import Aggregate, FirstBookedFact
from domain.parts_sale import PartsSale
from domain.parts_transfer import PartsTransfer
from domain.use_cases import closing, selling, transferring
from domain.use_cases.selling import WantedLine
from domain.values import money_text
from tests.domain.desk import ANN, BOB, Desk, d, kinds, on, only
from tests.domain.givens import AT_D01, MAIN, NORTH, PUMP, sold, stocked_maker
from tests.domain.test_days_of_clearing import paid
from tests.domain.tour import toured
from tests.domain.transfer_steps import lines

JULY = "2025-07"
ONE_PUMP = 2259


def soft_closed_july() -> Desk:
    desk = stocked_maker()
    desk.do(closing.soft_close, month=JULY)
    return desk


def a_sale(quantity: int = 1, dealer: str = "D01", paper: str = "INV-1") -> dict[str, Any]:
    return {
        "number": f"SA-{quantity}-{dealer}", "occurrence": on(7, 20, paper), "dealer": dealer,
        "from_place": MAIN, "lines": (WantedLine(PUMP, quantity),),
    }  # fmt: skip


def test_an_approved_entry_uses_its_approval_up_and_a_second_one_is_refused() -> None:
    desk = soft_closed_july()
    approved = only(
        desk.approve(JULY, "INV-1", "sales", "dealers/D01", ONE_PUMP),
        AccountingPeriod.EntryApproved,
    )
    assert (approved.kind, approved.party) == ("sales", "dealers/D01")
    assert (approved.amount_minor, approved.currency) == (ONE_PUMP, "CNY")

    facts = desk.do(selling.sell_parts, **a_sale())

    used = only(facts, AccountingPeriod.ApprovalUsed)
    assert (used.month, used.entered) == (JULY, "sales/SA-1-D01")
    assert used.approval_version == approved.originator_version
    assert (used.occurred_on, used.effective_on, used.document) == (d(7, 20), d(7, 20), "INV-1")
    assert used.actor == ANN
    assert desk.the(AccountingPeriod, CALENDAR).approvals == {}
    again = a_sale() | {"number": "SA-9"}
    assert desk.refused(PeriodSoftClosed, selling.sell_parts, **again) == {
        "month": JULY, "document": "INV-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "party", "amount", "currency"),
    [
        ("payments", "dealers/D01", ONE_PUMP, "CNY"),
        ("sales", "dealers/D02", ONE_PUMP, "CNY"),
        ("sales", "dealers/D01", ONE_PUMP - 1, "CNY"),
        ("sales", "dealers/D01", -ONE_PUMP, "CNY"),
        ("sales", "dealers/D01", ONE_PUMP, "EUR"),
        ("sales", "dealers/D01", 0, "CNY"),
        ("sales", f"places/{NORTH}", 0, "CNY"),
    ],
)
def test_another_kind_party_or_amount_is_refused_and_both_are_named(
    kind: str, party: str, amount: int, currency: str
) -> None:
    desk = soft_closed_july()
    desk.approve(JULY, "INV-1", kind, party, amount, currency=currency)

    facts = desk.refused(NotAsApproved, selling.sell_parts, **a_sale())

    assert facts == {
        "month": JULY, "document": "INV-1",
        "approved": f"{kind} of {party}, {money_text(amount, currency)}",
        "entered": f"sales of dealers/D01 22.59 CNY, places/{MAIN} -10.00 CNY",
    }  # fmt: skip
    desk.approve(JULY, "INV-1", "sales", "dealers/D01", ONE_PUMP)
    desk.do(selling.sell_parts, **a_sale())  # Control: the right one among two.


def test_an_entry_is_what_counts_in_its_month_of_what_is_recorded() -> None:
    desk = stocked_maker()
    july, august = (sold(desk, 1, number, on(month, 20)) for number, month in (("A", 7), ("B", 8)))

    entry = entered(desk.the(PartsSale, "A"), [*july, *august], JULY)

    assert (entry.stream, entry.kind) == ("sales/A", "sales")
    assert entry.parties == ("dealers/D01", f"places/{MAIN}")
    assert entry.changes["dealers/D01", "CNY"] == ONE_PUMP
    assert entry.changes[f"places/{MAIN}", "CNY"] == -1000


def test_a_sale_may_be_approved_by_what_leaves_the_place_instead() -> None:
    desk = soft_closed_july()
    desk.approve(JULY, "INV-1", "sales", f"places/{MAIN}", -1000)

    desk.do(selling.sell_parts, **a_sale())


def test_who_approves_is_not_who_enters_though_others_approved_something_else() -> None:
    desk = soft_closed_july()
    desk.approve(JULY, "INV-1", "sales", "dealers/D01", ONE_PUMP, actor=ANN)
    facts = desk.refused(SamePerson, selling.sell_parts, **a_sale())
    assert facts == {"actor": ANN, "made": "approved", "action": "enter"}

    desk.approve(JULY, "INV-1", "sales", "dealers/D01", 5, actor=BOB)
    desk.refused(NotAsApproved, selling.sell_parts, **a_sale())

    desk.do(selling.sell_parts, actor="eve", **a_sale())


def test_two_steps_of_one_document_need_an_approval_each() -> None:
    desk = soft_closed_july()
    moved = {"number": "T1", "from_place": MAIN, "to_place": NORTH, "lines": lines(2)}
    steps: list[tuple[Any, str, int, dict[str, Any]]] = [
        (transferring.request_transfer, MAIN, 0, moved),
        (transferring.approve_transfer, MAIN, 0, {"number": "T1"}),
        (transferring.dispatch_transfer, MAIN, -2000, {"number": "T1"}),
        (transferring.receive_transfer, NORTH, 2000, {"number": "T1"}),
    ]
    for number, (use_case, place, amount, fields) in enumerate(steps):
        entry = {**fields, "actor": f"clerk-{number}", "occurrence": on(7, 20)}
        desk.refused(PeriodSoftClosed, use_case, **entry)
        desk.approve(JULY, "T1", "transfers", f"places/{place}", amount)
        desk.do(use_case, **entry)

    assert desk.the(PartsTransfer, "T1").received == {PUMP: 2}


def test_what_is_sent_into_consignment_is_no_debt_of_the_dealer() -> None:
    desk = stocked_maker()
    desk.do(
        transferring.request_transfer, number="T1", occurrence=on(7, 11), from_place=MAIN,
        to_place=AT_D01, lines=lines(2),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    desk.do(transferring.dispatch_transfer, number="T1")
    desk.do(transferring.receive_transfer, number="T1")
    desk.do(closing.soft_close, month=JULY)
    desk.approve(JULY, "INV-1", "sales", "dealers/D01", ONE_PUMP)

    desk.do(selling.sell_parts, **a_sale() | {"from_place": AT_D01})

    assert desk.the(PartsSale, "SA-1-D01").from_place == AT_D01


def test_approvals_are_void_when_the_month_closes_again() -> None:
    desk = soft_closed_july()
    for month in ("2025-06", JULY):
        desk.approve(month, "INV-1", "sales", "dealers/D01", ONE_PUMP)
    desk.do(closing.request_reopening, month=JULY)
    desk.do(closing.reopen, actor=BOB, month=JULY)
    desk.do(closing.soft_close, month=JULY)

    desk.refused(PeriodSoftClosed, selling.sell_parts, **a_sale())
    left = [entry.month for entry, _ in desk.the(AccountingPeriod, CALENDAR).approvals.values()]
    assert left == ["2025-06"], "the control: June stayed closed"


def test_an_entry_into_a_month_that_is_open_again_needs_and_uses_none() -> None:
    desk = soft_closed_july()
    desk.do(closing.request_reopening, month=JULY)
    desk.do(closing.reopen, actor=BOB, month=JULY)

    facts = desk.do(selling.sell_parts, **a_sale())

    assert "AccountingPeriod.ApprovalUsed" not in kinds(facts)


def test_a_refused_entry_leaves_its_approval_unused() -> None:
    desk = soft_closed_july()
    desk.approve(JULY, "INV-1", "sales", "dealers/D01", ONE_PUMP)
    desk.refused(NotAsApproved, selling.sell_parts, **a_sale(quantity=2))

    desk.do(selling.sell_parts, **a_sale())


def test_what_a_payment_causes_in_an_open_month_is_not_part_of_the_entry() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 12))
    sold(desk, 1, "SA2", on(8, 4))
    desk.do(closing.soft_close, month=JULY)
    desk.approve(JULY, "BANK-1", "payments", "dealers/D01", -2 * ONE_PUMP)

    facts = paid(desk, on(7, 20, "BANK-1"), 2 * ONE_PUMP)

    assert kinds(facts)[-2:] == ["DealerAccount.CreditAllocated", "AccountingPeriod.ApprovalUsed"]


def test_only_documents_that_are_entered_can_be_approved() -> None:
    assert closing.ENTERED == (
        "claims", "payments", "payouts", "purchases", "returns", "sales", "settlements",
        "transfers",
    )  # fmt: skip
    entry = ApprovedEntry(JULY, "X", "parts", "dealers/D01", 0, "CNY")
    facts = soft_closed_july().refused(InvalidValue, closing.approve_entry, entry=entry)
    assert (facts["field"], facts["value"]) == ("kind", "parts")


def test_every_document_that_is_entered_names_a_party() -> None:
    """Otherwise none of its entries could ever be approved."""
    desk = toured()
    entered = {kind.KIND for kind in AGGREGATES if any(map(_is_first_booked, vars(kind).values()))}
    seen = set()
    for stream in desk.streams():
        kind = stream.partition("/")[0]
        if kind in entered:
            document: Aggregate = desk.ledger.repository.get(stream)
            assert parties(document), stream
            seen.add(kind)
    assert seen == entered == set(closing.ENTERED)


def _is_first_booked(member: object) -> bool:
    return isinstance(member, type) and issubclass(member, FirstBookedFact)
