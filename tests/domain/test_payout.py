"""Money goes out to a dealer in credit: no more than it is owed, and never before it is owed."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from domain.claim_states import ClaimState
from domain.clearing import Allocation
from domain.days import Days
from domain.dealer_account import DealerAccount
from domain.errors import DomainError, NotACredit, OutOfSequence, OverPayout, WrongCurrency
from domain.facts import Booking, Command, Fact
from domain.ledger import Ledger
from domain.lines import MOST_POSTINGS
from domain.payout import Payout
from domain.use_cases import claiming, paying
from domain.use_cases.booking import Occurrence
from domain.use_cases.crediting import settle_cleared
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import decision
from tests.domain.desk import BOB, Desk, command, d, kinds, on, only
from tests.domain.givens import form, maker, sold, stocked_maker
from tests.domain.test_days_of_clearing import account_lines, items, open_on, paid
from tests.domain.test_ledger import part


def pays(
    occurrence: Occurrence, amount: int, *allocations: Allocation, currency: str = "CNY"
) -> dict[str, Any]:
    return {
        "number": "PO1", "occurrence": occurrence, "dealer": "D01", "amount_minor": amount,
        "currency": currency, "allocations": allocations,
    }  # fmt: skip


def paid_out(
    desk: Desk, occurrence: Occurrence, amount: int, *allocations: Allocation
) -> list[Fact]:
    return desk.do(paying.pay_out, **pays(occurrence, amount, *allocations))


def refused(
    desk: Desk, rule: type[DomainError], occurrence: Occurrence, amount: int, *named: Allocation
) -> dict[str, str]:
    return desk.refused(rule, paying.pay_out, **pays(occurrence, amount, *named))


def overpaid() -> Desk:
    """D01 has paid 30 on 1 August and 50 on 5 August, and bought nothing."""
    desk = maker()
    paid(desk, on(8, 1), 30, number="PM1")
    paid(desk, on(8, 5), 50, number="PM2")
    return desk


def credited(desk: Desk, net: int = 2000) -> None:
    """Claim C1 is credited on 13 July, without a part that has to come back."""
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 12, "CL-1"), form=form())
    desk.do(
        claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 13),
        decisions=(decision(1, net), decision(2, 500)),
    )  # fmt: skip


def test_what_was_paid_too_much_goes_back_oldest_first() -> None:
    desk = overpaid()

    facts = paid_out(desk, on(8, 6, "BANK-9"), 45)

    assert kinds(facts) == ["Payout.Paid", "DealerAccount.PaidOut"]
    assert account_lines(facts) == [("PaidOut", d(8, 6), {"payments/PM1": 30, "payments/PM2": 15})]
    line = only(facts, DealerAccount.PaidOut)
    assert [(p.account, p.party, p.amount_minor, p.currency) for p in line.postings] == [
        ("1122", "dealers/D01", 30, "CNY"),
        ("1122", "dealers/D01", 15, "CNY"),
        ("1002", "", -45, "CNY"),
    ]
    assert line.document == "BANK-9"
    assert items(desk) == {"payments/PM2": -35}
    payout = desk.the(Payout, "PO1")
    assert (payout.dealer, payout.amount_minor, payout.currency) == ("D01", 45, "CNY")


def test_the_credits_that_are_named_are_paid_and_no_others() -> None:
    desk = overpaid()

    paid_out(desk, on(8, 6), 20, Allocation("payments/PM2", 5), Allocation("payments/PM2", 15))

    assert items(desk) == {"payments/PM1": -30, "payments/PM2": -30}


def test_all_of_the_credit_may_go_out_and_one_minor_unit_more_is_refused() -> None:
    desk = overpaid()

    assert refused(desk, OverPayout, on(8, 6), 81) == {
        "dealer": "D01", "credit_minor": "80", "amount_minor": "81", "on": "2025-08-06",
    }  # fmt: skip
    paid_out(desk, on(8, 6), 80)  # The control.

    assert items(desk) == {}


def test_no_more_than_is_left_of_a_credit_is_paid_of_it() -> None:
    desk = overpaid()

    told = refused(desk, OverPayout, on(8, 6), 31, Allocation("payments/PM1", 31))

    assert told == {"item": "payments/PM1", "credit_minor": "30", "amount_minor": "31"}
    paid_out(desk, on(8, 6), 30, Allocation("payments/PM1", 30))  # The control.


@pytest.mark.parametrize(("item", "owed"), [("sales/SA1", "2259"), ("sales/SA9", "0")])
def test_an_item_that_is_no_credit_is_not_paid_out(item: str, owed: str) -> None:
    desk = stocked_maker()
    sold(desk, 1)

    told = refused(desk, NotACredit, on(8, 6), 10, Allocation(item, 10))

    assert told == {"item": item, "dealer": "D01", "owed_minor": owed}


def test_what_is_owed_to_its_last_minor_unit_is_no_credit() -> None:
    desk = stocked_maker()
    sold(desk, 1)
    paid(desk, on(8, 1), 2258, number="PM1")

    told = refused(desk, NotACredit, on(8, 6), 1, Allocation("sales/SA1", 1))

    assert told["owed_minor"] == "1"


def test_a_claim_is_settled_when_the_last_of_its_items_is_cleared() -> None:
    """As where pieces that were refused came again, and are credited by themselves."""
    desk = stocked_maker()
    credited(desk)
    days = {"claims/C1": 20, "claims/C1/again-1": 25, "claims/C1/again-2": 22, "sales/SA1": 30}
    account = cast(DealerAccount, SimpleNamespace(items={}))
    asked = command(99)

    def settle(ledger: Ledger, cmd: Command) -> None:
        cause = part("A")(ledger, cmd).last_step  # It has to be of the same command.
        cleared = {
            item: Booking(Days(d(7, day), d(7, day)), "", cause) for item, day in days.items()
        }
        settle_cleared(ledger, cmd, account, cleared)

    desk.ledger.decide(asked, settle)

    assert only(asked.facts, WarrantyClaim.Settled).effective_on == d(7, 25)


def test_nothing_is_paid_out_on_a_day_before_it_is_owed() -> None:
    desk = overpaid()

    told = refused(desk, OverPayout, on(8, 4), 31)
    assert (told["credit_minor"], told["on"]) == ("30", "2025-08-04")
    told = refused(desk, OutOfSequence, on(8, 4), 1, Allocation("payments/PM2", 1))
    assert told == {"step": "payments/PM2", "step_on": "2025-08-05", "on": "2025-08-04"}

    paid_out(desk, on(8, 4), 30)  # The control.
    assert [open_on(desk, d(8, day)) for day in (1, 4, 5)] == [
        {"payments/PM1": -30}, {}, {"payments/PM2": -50},
    ]  # fmt: skip


@pytest.mark.parametrize("named", [(), (Allocation("payments/PM2", 50),)])
def test_a_credit_may_go_out_on_the_very_day_from_which_it_counts(
    named: tuple[Allocation, ...],
) -> None:
    desk = overpaid()
    paid_out(desk, on(8, 5), 50 if named else 80, *named)

    assert "payments/PM2" not in items(desk)


def test_a_claim_that_is_paid_in_money_is_settled_with_its_last_minor_unit() -> None:
    desk = stocked_maker()
    credited(desk)

    paid_out(desk, on(7, 20), 2499, Allocation("claims/C1", 2499))
    assert desk.the(WarrantyClaim, "C1").state is ClaimState.CREDITED

    facts = desk.do(
        paying.pay_out, **(pays(on(7, 21), 1, Allocation("claims/C1", 1)) | {"number": "PO2"})
    )
    assert kinds(facts) == ["Payout.Paid", "DealerAccount.PaidOut", "WarrantyClaim.Settled"]
    assert only(facts, WarrantyClaim.Settled).effective_on == d(7, 21)
    assert desk.the(WarrantyClaim, "C1").state is ClaimState.SETTLED


def test_it_is_paid_in_the_dealers_currency() -> None:
    desk = overpaid()

    desk.refused(WrongCurrency, paying.pay_out, **pays(on(8, 6), 1, currency="USD"))


def test_a_payout_of_more_credits_than_fit_into_a_fact_is_several_facts() -> None:
    desk = maker()
    for number in range(2 * MOST_POSTINGS):
        paid(desk, on(8, 1), 1, number=f"PM{number}")

    facts = paid_out(desk, on(8, 2), 2 * MOST_POSTINGS)

    assert kinds(facts) == ["Payout.Paid", *["DealerAccount.PaidOut"] * 3]
    assert [len(line) for _, _, line in account_lines(facts)] == [61, 61, 6]
    assert items(desk) == {}


def test_the_money_of_a_payout_stands_on_the_statement_of_its_month_and_on_no_invoice() -> None:
    desk = stocked_maker()
    credited(desk)
    before = desk.the(DealerAccount, "D01").months["2025-07"].claims_minor

    paid_out(desk, on(7, 20), 2500)

    sums = desk.the(DealerAccount, "D01").months["2025-07"]
    assert (sums.debit_minor, sums.credit_minor) == (2500, 2500)
    assert (sums.claims_minor, sums.sales_line_count) == (before, 0)
