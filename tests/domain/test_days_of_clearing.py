"""What is set off counts no earlier than the younger of its two items.

Until then a payment is an item of its own, and so is a claim's credit.
"""

from collections.abc import Callable
from datetime import date

import pytest

from domain.account_facts import AccountFact
from domain.claim_lines import ItemDecision
from domain.claim_states import ClaimState
from domain.clearing import Allocation
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.facts import Command, Fact
from domain.ledger import Ledger
from domain.open_items import OpenBalance
from domain.use_cases import claiming, closing, selling, settling
from domain.use_cases.booking import Occurrence
from domain.warranty_claim import WarrantyClaim
from tests.domain.account_steps import opened, raised
from tests.domain.desk import BOB, Desk, command, counted, d, kinds, on, only
from tests.domain.givens import form, item, sold, stocked_maker
from tests.domain.return_steps import announced, inspected, received, shipped

ONE_PUMP = 1999 + 260  # What one pump is invoiced at, tax included.
JULY = "D01/2025-07"


def paid(
    desk: Desk, occurrence: Occurrence, amount: int, *allocations: Allocation, number: str = "PM1"
) -> list[Fact]:
    return desk.do(
        selling.receive_payment, number=number, occurrence=occurrence, dealer="D01",
        amount_minor=amount, currency="CNY", allocations=allocations,
    )  # fmt: skip


def account_lines(facts: list[Fact]) -> list[tuple[str, date, dict[str, int]]]:
    """Of each fact of an account: its name, the day it counts, and what it adds to which item."""
    return [
        (
            fact.TOPIC.rpartition(".")[2], fact.effective_on,
            {p.item: p.amount_minor for p in fact.postings if p.item},
        )
        for fact in facts
        if isinstance(fact, AccountFact)
    ]  # fmt: skip


def open_on(desk: Desk, day: date) -> dict[str, int]:
    """The open items of D01 at the end of a day, from the facts alone."""
    found: dict[str, int] = {}
    for fact in desk.stream("accounts/D01"):
        if isinstance(fact, AccountFact) and fact.effective_on <= day:
            for p in fact.postings:
                if p.item:
                    found[p.item] = found.get(p.item, 0) + p.amount_minor
    return {name: amount for name, amount in found.items() if amount}


def items(desk: Desk) -> dict[str, int]:
    account = desk.the(DealerAccount, "D01")
    return {name: open_item.amount_minor for name, open_item in account.items.items()}


@pytest.mark.parametrize("named", [True, False])
def test_a_payment_that_came_before_the_invoice_is_set_against_it_on_the_invoices_day(
    named: bool,
) -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 20))
    allocations = [Allocation("sales/SA1", ONE_PUMP)] if named else []

    facts = paid(desk, on(7, 15, "BANK-1"), ONE_PUMP + 5, *allocations)

    assert account_lines(facts) == [
        ("PaymentReceived", d(7, 15), {"payments/PM1": -ONE_PUMP - 5}),
        ("CreditAllocated", d(7, 20), {"payments/PM1": ONE_PUMP, "sales/SA1": -ONE_PUMP}),
    ]
    assert [open_on(desk, d(7, day)) for day in (14, 15, 19, 20)] == [
        {}, {"payments/PM1": -ONE_PUMP - 5}, {"payments/PM1": -ONE_PUMP - 5}, {"payments/PM1": -5},
    ]  # fmt: skip
    assert items(desk) == {"payments/PM1": -5}
    assert {getattr(fact, "document", "") for fact in facts} == {"BANK-1"}


def test_an_invoice_of_the_payments_own_day_is_paid_at_once() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 15))

    facts = paid(desk, on(7, 15), ONE_PUMP)

    assert kinds(facts) == ["Payment.Received", "DealerAccount.PaymentReceived"]
    assert items(desk) == {}


def test_a_payment_is_set_against_younger_items_day_by_day_and_oldest_due_first() -> None:
    desk = stocked_maker()
    for number, day in (("SA1", 12), ("SA2", 20), ("SA3", 18), ("SA4", 20), ("SA5", 25)):
        sold(desk, 1, number, on(7, day))

    facts = paid(desk, on(7, 16), 4 * ONE_PUMP + 30)

    assert account_lines(facts) == [
        ("PaymentReceived", d(7, 16),
         {"sales/SA1": -ONE_PUMP, "payments/PM1": -3 * ONE_PUMP - 30}),
        ("CreditAllocated", d(7, 18), {"payments/PM1": ONE_PUMP, "sales/SA3": -ONE_PUMP}),
        ("CreditAllocated", d(7, 20),
         {"payments/PM1": 2 * ONE_PUMP, "sales/SA2": -ONE_PUMP, "sales/SA4": -ONE_PUMP}),
        ("CreditAllocated", d(7, 25), {"payments/PM1": 30, "sales/SA5": -30}),
    ]  # fmt: skip
    assert items(desk) == {"sales/SA5": ONE_PUMP - 30}


def test_the_days_come_in_their_order_whichever_item_is_named_first() -> None:
    desk = stocked_maker()
    for number, day in (("SA1", 20), ("SA2", 25), ("SA3", 18)):
        sold(desk, 1, number, on(7, day))
    named = [Allocation(f"sales/{number}", ONE_PUMP) for number in ("SA1", "SA2", "SA3")]

    facts = paid(desk, on(7, 16), 3 * ONE_PUMP, *named)

    assert [day for _, day, _ in account_lines(facts)] == [
        d(7, 16), d(7, 18), d(7, 20), d(7, 25),
    ]  # fmt: skip


def test_what_was_set_off_on_a_later_day_is_not_there_for_an_earlier_payment() -> None:
    """SA1 was open in full on 15 July. But most of it is paid since, and cannot be paid again."""
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 12))
    paid(desk, on(7, 20), ONE_PUMP - 10)

    facts = paid(desk, on(7, 15), 50, number="PM2")

    assert account_lines(facts) == [
        ("PaymentReceived", d(7, 15), {"sales/SA1": -10, "payments/PM2": -40})
    ]
    assert open_on(desk, d(7, 15)) == {"sales/SA1": ONE_PUMP - 10, "payments/PM2": -40}


def statement_months(facts: list[Fact]) -> list[str]:
    return [fact.statement_month for fact in facts if isinstance(fact, AccountFact)]


def test_credit_and_allocation_stand_on_the_statements_of_their_months() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(8, 10))
    facts = paid(desk, on(7, 25), ONE_PUMP)
    assert statement_months(facts) == ["2025-07", "2025-08"]

    for month in ("2025-07", "2025-08"):
        desk.do(settling.issue_statement, dealer="D01", month=month)
    july, august = (
        desk.the(DealerSettlement, f"D01/{month}").statement for month in ("2025-07", "2025-08")
    )

    assert (july.closing_minor, july.line_count) == (-ONE_PUMP, 1)
    assert (august.opening_minor, august.closing_minor, august.line_count) == (-ONE_PUMP, 0, 2)


def test_where_the_younger_items_month_is_closed_it_is_set_off_on_the_first_open_day() -> None:
    """The payment is let into July, which is soft-closed; what it causes on a later day is not."""
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 12))
    sold(desk, 1, "SA2", on(7, 28))
    sold(desk, 1, "SA3", on(8, 4))
    desk.do(closing.soft_close, month="2025-07")
    desk.approve("2025-07", "BANK-1", "payments", "dealers/D01", -3 * ONE_PUMP)

    facts = paid(desk, on(7, 20, "BANK-1"), 3 * ONE_PUMP)

    assert [fact.days for fact in facts if isinstance(fact, AccountFact)] == [
        (d(7, 20), d(7, 20)), (d(7, 28), d(8, 1)), (d(8, 4), d(8, 4)),
    ]  # fmt: skip
    assert open_on(desk, d(7, 31)) == {"payments/PM1": -2 * ONE_PUMP, "sales/SA2": ONE_PUMP}
    assert open_on(desk, d(8, 1)) == {"payments/PM1": -ONE_PUMP}


def test_a_late_payment_counts_on_the_first_open_day_and_is_older_than_what_came_since() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 12))
    sold(desk, 1, "SA2", on(8, 4))
    desk.do(closing.soft_close, month="2025-07")
    desk.close_for_good("2025-07")

    facts = paid(desk, on(7, 10, late=True), 2 * ONE_PUMP)

    assert account_lines(facts) == [
        ("PaymentReceived", d(8, 1), {"sales/SA1": -ONE_PUMP, "payments/PM1": -ONE_PUMP}),
        ("CreditAllocated", d(8, 4), {"payments/PM1": ONE_PUMP, "sales/SA2": -ONE_PUMP}),
    ]


def credited(desk: Desk, number: str, day: date, amount: int) -> None:
    """A claim over this amount, submitted on 12 July and decided on a day."""
    claimed = form(items=(item(amount),), failed_on=d(7, 1 + int(number[1:])))
    desk.do(claiming.submit_claim, number=number, occurrence=on(7, 12), form=claimed)
    desk.do(
        claiming.adjudicate_claim, actor=BOB, number=number, occurrence=Occurrence(day),
        decisions=(ItemDecision(item=1, approved_minor=amount),),
    )  # fmt: skip


def confirmed(desk: Desk) -> None:
    """July's settlement, up to the step before the invoices."""
    desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    desk.do(settling.review_statement, actor=BOB, number=JULY)
    stated = desk.the(DealerSettlement, JULY).statement
    desk.do(settling.confirm_statement, number=JULY, content_hash=stated.content_hash)


def invoiced(desk: Desk, occurrence: Occurrence) -> None:
    confirmed(desk)
    numbers = {"sales_invoice": "SI-1", "claims_invoice": "CI-1"}
    desk.do(settling.invoice_settlement, number=JULY, occurrence=occurrence, **numbers)


def closed(desk: Desk, occurrence: Occurrence) -> list[Fact]:
    return desk.do(settling.close_settlement, number=JULY, occurrence=occurrence)


def test_a_claim_decided_after_the_close_is_netted_on_the_day_of_its_credit() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 15))
    credited(desk, "C1", d(8, 25), 1500)

    invoiced(desk, on(8, 9))
    facts = closed(desk, on(8, 10))

    assert account_lines(facts) == [
        ("ItemsNetted", d(8, 25), {"claims/C1": 1500, "sales/SA1": -1500})
    ]
    for day in (10, 24):
        assert open_on(desk, d(8, day)) == {"sales/SA1": ONE_PUMP}
    assert open_on(desk, d(8, 25)) == {"sales/SA1": ONE_PUMP - 1500}
    assert desk.the(WarrantyClaim, "C1").state is ClaimState.SETTLED
    assert only(facts, WarrantyClaim.Settled).days == (d(8, 25), d(8, 25))


def test_both_sides_are_netted_oldest_due_first_each_pair_on_its_day() -> None:
    """SA1 is due on 14 August, SA2 on 24 August; C1 counts from 25 August, C2 from 5 August."""
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 15))
    sold(desk, 1, "SA2", on(7, 25))
    credited(desk, "C1", d(8, 25), 2000)
    credited(desk, "C2", d(8, 5), 1000)

    invoiced(desk, on(8, 9))
    facts = closed(desk, on(8, 10))

    assert account_lines(facts) == [
        ("ItemsNetted", d(8, 10), {"claims/C2": 1000, "sales/SA1": -1000}),
        ("ItemsNetted", d(8, 25),
         {"claims/C1": 2000, "sales/SA1": -ONE_PUMP + 1000, "sales/SA2": -2000 + ONE_PUMP - 1000}),
    ]  # fmt: skip
    assert kinds(facts) == [
        "DealerSettlement.Closed", "DealerAccount.ItemsNetted", "DealerAccount.ItemsNetted",
        "WarrantyClaim.Settled", "WarrantyClaim.Settled",
    ]  # fmt: skip
    assert items(desk) == {"sales/SA2": 2 * ONE_PUMP - 3000}


def charge_back(desk: Desk) -> None:
    """SA1 is paid, and C1 credited; it is charged back on 25 August."""
    paid(desk, on(7, 16), ONE_PUMP)
    credited(desk, "C1", d(7, 20), 300)
    desk.do(claiming.charge_back_claim, number="C1", occurrence=on(8, 25), because="audit")


def good_return(desk: Desk) -> None:
    """One of SA1's pieces is taken back on 19 July."""
    announced(desk)
    shipped(desk)
    received(desk)
    inspected(desk)


def memo(desk: Desk) -> None:
    """The disputed line of SA1 is resolved by a memo of 25 August."""
    desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    desk.do(settling.review_statement, actor=BOB, number=JULY)
    desk.do(settling.dispute_line, number=JULY, line_version=2, because="price")
    desk.do(
        settling.resolve_dispute, actor=BOB, number=JULY, occurrence=on(8, 25), line_version=2,
        memo_minor=-100, because="agreed",
    )  # fmt: skip


def claims_tax(desk: Desk) -> None:
    """The dealer's invoice for July's claims is matched on 25 August."""
    credited(desk, "C1", d(7, 20), 300)
    invoiced(desk, on(8, 25))


def overpaid(desk: Desk) -> None:
    """SA1 is paid on 25 August, and 0.10 too much."""
    paid(desk, on(8, 25), ONE_PUMP + 10)
    sold(desk, 1, "SA2", on(7, 16))


@pytest.mark.parametrize("given", [charge_back, good_return, memo, claims_tax, overpaid])
def test_whatever_counts_after_the_netting_is_netted_on_its_own_day(
    given: Callable[[Desk], None],
) -> None:
    """Netted on 18 July: some items are there by then, and the others each on their day."""
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 15))
    given(desk)
    raised = dict(desk.the(DealerAccount, "D01").items)

    def net(ledger: Ledger, asked: Command) -> DealerAccount:
        account = ledger.get(DealerAccount, "D01")
        netting = counted(d(7, 18), "SE-1").caused_by(account.next_step)
        account.net(asked, netting, date.min)
        return account

    facts = desk.do(net)

    netted = account_lines(facts)
    for _, day, amounts in netted:
        assert day == max(d(7, 18), *(raised[name].effective_on for name in amounts))
    young = {name for name, each in raised.items() if each.effective_on > d(7, 18)}
    assert [day for _, day, amounts in netted if young & amounts.keys()], "one of them is younger"


def test_netting_in_a_closed_month_is_put_off_to_the_first_open_day() -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 15))
    sold(desk, 1, "SA2", on(8, 28))
    credited(desk, "C1", d(8, 5), ONE_PUMP + 100)
    invoiced(desk, on(8, 9))
    desk.do(closing.soft_close, month="2025-08")
    desk.approve("2025-08", "SE-1", "settlements", "dealers/D01", 0)

    facts = closed(desk, on(8, 10, "SE-1"))

    assert account_lines(facts) == [
        ("ItemsNetted", d(8, 10), {"claims/C1": ONE_PUMP, "sales/SA1": -ONE_PUMP}),
        ("ItemsNetted", d(9, 1), {"claims/C1": 100, "sales/SA2": -100}),
    ]


def raised_again(*raises: tuple[int, date]) -> OpenBalance:
    """The item that is left when one item is raised so many times."""
    account = opened(command())
    for amount, day in raises:
        entry = raised(account, "1122", "memo", amount, day)
        account.post(command(), DealerAccount.MemoPosted, counted(day), entry,
                     claims_tax_minor=0, line_version=2)  # fmt: skip
    return account.items["memo"]


def test_an_item_that_is_raised_again_is_as_young_as_what_came_last() -> None:
    early, late = d(7, 1), d(7, 9)

    assert raised_again((50, early), (30, late)) == OpenBalance("1122", 80, early, late)
    assert raised_again((50, late), (30, early)) == OpenBalance("1122", 80, late, late)
