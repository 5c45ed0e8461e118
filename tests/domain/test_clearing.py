"""What is open is cleared oldest due first, to the last minor unit, and what is left stays open."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain import accounts, clearing
from domain.clearing import Allocation, Netting, nettings, oldest_due, with_difference
from domain.days import Days
from domain.dealer_account import DealerAccount
from domain.errors import OverAllocation
from domain.facts import BookedFact, Booking, Command
from domain.lines import Posting
from domain.open_items import OpenBalance, OpenItems
from domain.use_cases import selling
from tests.domain import account_steps
from tests.domain.account_steps import raised
from tests.domain.desk import CAUSE, TODAY, Desk, all_postings, counted, d, imbalance, on
from tests.domain.givens import sold, stocked_maker

ONE_PUMP = 1999 + 260  # What one pump is invoiced at, tax included.
Amounts = dict[str, int]


def account(open_items: Amounts) -> tuple[DealerAccount, Command]:
    """An account with these items, due on the 1st, the 2nd … in their order; credits negative."""
    command = Command(Desk()._command("ann").recorded_at, TODAY, "ann", "request-1")
    opened = account_steps.opened(command)
    for day, (key, amount) in enumerate(open_items.items(), start=1):
        kind = accounts.RECEIVABLE if amount > 0 else accounts.CLAIMS_PAYABLE
        entry = raised(opened, kind, key, amount, d(7, day))
        opened.post(
            command,
            DealerAccount.MemoPosted,
            counted(d(7, day)),
            entry,
            line_version=1,
            claims_tax_minor=0,
        )
    return opened, command


def left(opened: DealerAccount) -> Amounts:
    return {key: item.amount_minor for key, item in opened.items.items()}


def paid(opened: DealerAccount, command: Command, amount: int) -> Amounts:
    opened.pay(command, counted(d(7, 25)), "PM", amount, (), date.min, None)
    return left(opened)


@pytest.mark.parametrize(
    ("open_items", "set_off", "remain"),
    [
        ({"a": 10, "b": 20, "c": -15}, [("c", "a", 10), ("c", "b", 5)], {"b": 15}),
        ({"a": 10, "b": 20, "c": -30}, [("c", "a", 10), ("c", "b", 20)], {}),
        ({"a": 10, "b": 20, "c": -35}, [("c", "a", 10), ("c", "b", 20)], {"c": -5}),
        ({"a": 10, "b": 20, "c": -10}, [("c", "a", 10)], {"b": 20}),
        ({"a": 10, "b": 20, "c": -9}, [("c", "a", 9)], {"a": 1, "b": 20}),
        ({"a": 10, "b": 20, "c": -11}, [("c", "a", 10), ("c", "b", 1)], {"b": 19}),
        ({"c": -10, "e": -20, "a": 15}, [("c", "a", 10), ("e", "a", 5)], {"e": -15}),
        ({"c": -10, "e": -20, "a": 30}, [("c", "a", 10), ("e", "a", 20)], {}),
        ({"c": -10, "e": -20, "a": 35}, [("c", "a", 10), ("e", "a", 20)], {"a": 5}),
        ({"a": 7, "c": -4, "b": 5, "e": -8},
         [("c", "a", 4), ("e", "a", 3), ("e", "b", 5)], {}),
        ({"a": 1, "b": 2}, [], {"a": 1, "b": 2}),
        ({"c": -1, "e": -2}, [], {"c": -1, "e": -2}),
    ],
)  # fmt: skip
def test_both_sides_are_set_off_until_one_is_used_up(
    open_items: Amounts, set_off: list[tuple[str, str, int]], remain: Amounts
) -> None:
    opened, command = account(open_items)
    assert nettings(opened.items) == [Netting(*each) for each in set_off]

    cleared = opened.net(command, counted(d(8, 6)), date.min)

    assert left(opened) == remain
    assert list(cleared) == sorted(open_items.keys() - remain.keys())


@pytest.mark.parametrize(
    ("amount", "chosen", "remain"),
    [
        (9, [("a", 9)], {"a": 1, "b": 20}),
        (10, [("a", 10)], {"b": 20}),
        (11, [("a", 10), ("b", 1)], {"b": 19}),
        (29, [("a", 10), ("b", 19)], {"b": 1}),
        (30, [("a", 10), ("b", 20)], {}),
        (31, [("a", 10), ("b", 20)], {"payments/PM": -1}),
    ],
)
def test_a_payment_is_used_up_on_the_oldest_and_what_is_left_stays_the_dealers(
    amount: int, chosen: list[tuple[str, int]], remain: Amounts
) -> None:
    opened, command = account({"a": 10, "b": 20})
    assert oldest_due(opened.items, amount) == tuple(Allocation(*each) for each in chosen)

    assert paid(opened, command, amount) == remain


def test_a_payment_clears_no_credit_and_nothing_twice() -> None:
    opened, command = account({"c": -5, "a": 10})

    assert paid(opened, command, 10) == {"c": -5}
    opened.pay(command, counted(d(7, 26)), "PM2", 3, (), date.min, None)
    assert left(opened) == {"c": -5, "payments/PM2": -3}


def test_a_payment_may_take_all_that_is_open_of_an_item_and_not_one_more() -> None:
    desk = stocked_maker()
    sold(desk, 1)
    payment: dict[str, Any] = {
        "number": "PM1",
        "occurrence": on(7, 25),
        "dealer": "D01",
        "currency": "CNY",
    }

    def allocated(allocated_minor: int, amount_minor: int) -> dict[str, Any]:
        chosen = (Allocation("sales/SA1", allocated_minor),)
        return {**payment, "amount_minor": amount_minor, "allocations": chosen}

    desk.refused(
        OverAllocation, selling.receive_payment, **allocated(ONE_PUMP + 1, ONE_PUMP + 1)
    )  # Of the item.
    desk.refused(
        OverAllocation, selling.receive_payment, **allocated(ONE_PUMP, ONE_PUMP - 1)
    )  # Of the payment.
    facts = desk.do(selling.receive_payment, **allocated(ONE_PUMP, ONE_PUMP))

    assert all_postings(facts) == [
        ("1002", "", ONE_PUMP), ("1122", "dealers/D01", -ONE_PUMP),
    ]  # fmt: skip
    assert desk.the(DealerAccount, "D01").items == {}


def due(*rows: tuple[str, int, date]) -> dict[str, OpenBalance]:
    return {key: OpenBalance("1122", amount, day, d(7, 1)) for key, amount, day in rows}


def test_of_items_due_on_one_day_the_first_by_name_comes_first() -> None:
    """As text: SA10 before SA2. The order in which they were raised does not count."""
    same_day = due(("sales/SA2", 5, d(8, 1)), ("sales/SA10", 5, d(8, 1)))
    earlier = due(("sales/SA9", 5, d(7, 31)))

    assert oldest_due(OpenItems(same_day | earlier), 11) == (
        Allocation("sales/SA9", 5), Allocation("sales/SA10", 5), Allocation("sales/SA2", 1),
    )  # fmt: skip
    credits = due(("claims/C2", -3, d(8, 2)), ("claims/C1", -3, d(8, 2)))
    assert nettings(OpenItems(same_day | credits)) == [
        Netting("claims/C1", "sales/SA10", 3), Netting("claims/C2", "sales/SA10", 2),
        Netting("claims/C2", "sales/SA2", 1),
    ]  # fmt: skip


def test_what_is_worth_nothing_more_has_no_difference_and_the_last_fen_is_one() -> None:
    bank = Posting(account="1002", amount_minor=5, currency="USD", functional_minor=36)
    others = [
        Posting(account="1122", amount_minor=-5, currency="USD", functional_minor=worth)
        for worth in (-36, -35)
    ]
    gained = Posting(account="6061", amount_minor=0, currency="USD", functional_minor=-1)

    assert with_difference([bank, others[0]]) == (bank, others[0])
    assert with_difference([bank, others[1]]) == (bank, others[1], gained)
    assert with_difference([replace(bank, functional_minor=None)]) == (
        replace(bank, functional_minor=None),
    )
    assert with_difference([others[1]]) == (others[1], replace(gained, functional_minor=35))
    assert with_difference([]) == ()


def test_what_is_cleared_in_part_keeps_its_account_and_the_day_it_is_due() -> None:
    opened, command = account({"a": 10, "c": -4})
    opened.net(command, counted(d(9, 9)), date.min)
    opened.pay(command, counted(d(9, 10)), "PM", 1, (), date.min, None)

    assert opened.items == {"a": OpenBalance("1122", 5, d(7, 1), d(7, 1))}


def test_nettings_that_use_nothing_up_are_a_defect_and_not_an_endless_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened, _ = account({"a": 10, "c": -4})
    monkeypatch.setattr(clearing, "min", lambda *_: 0, raising=False)

    with pytest.raises(AssertionError, match="use nothing up"):
        nettings(opened.items)


def postings_of(command: Command, recorded: int) -> list[int]:
    """How many postings each fact has that came after so many; each of them balances."""
    found = []
    for fact in command.facts[recorded:]:
        assert isinstance(fact, BookedFact)
        assert not imbalance(fact.postings)
        found.append(len(fact.postings))
    return found


def many(count: int, *amounts: int) -> tuple[DealerAccount, Command]:
    """An account with so many items of each amount, all of one day."""
    opened, command = account({})
    for number in range(count):
        for amount in amounts:
            item = f"sales/{number}{amount:+}"
            entry = raised(opened, accounts.RECEIVABLE, item, amount, d(7, 1))
            opened.post(
                command,
                DealerAccount.MemoPosted,
                counted(d(7, 1)),
                entry,
                line_version=1,
                claims_tax_minor=0,
            )
    return opened, command


@pytest.mark.parametrize(
    ("items", "postings"),
    [
        (61, [63]),  # The bank, sixty-one items, and what is left over.
        (62, [63, 2]),
        (61 + 61, [63, 62]),  # The payment's own item, and sixty-one that it pays.
        (61 + 62, [63, 62, 2]),
    ],
)
def test_a_payment_over_more_than_fits_into_a_fact_is_several_on_its_days(
    items: int, postings: list[int]
) -> None:
    opened, command = many(items, 5)
    recorded = len(command.facts)

    late = Booking(Days(d(6, 25), d(7, 1)), "BANK-1", CAUSE)
    opened.pay(command, late, "PM", 5 * items + 1, (), d(7, 1), None)

    assert postings_of(command, recorded) == postings
    assert left(opened) == {"payments/PM": -1}
    assert {getattr(fact, "days", None) for fact in command.facts[recorded:]} == {late.days}


@pytest.mark.parametrize(
    ("pairs", "postings"), [(31, [62]), (32, [62, 2]), (62, [62, 62]), (63, [62, 62, 2])]
)
def test_a_netting_of_more_than_fits_into_a_fact_is_several_on_its_day(
    pairs: int, postings: list[int]
) -> None:
    opened, command = many(pairs, 5, -5)
    recorded = len(command.facts)

    cleared = opened.net(command, counted(d(7, 25), "SE-1"), date.min)

    assert postings_of(command, recorded) == postings
    assert (left(opened), len(cleared)) == ({}, 2 * pairs)


def test_a_credit_of_many_parts_goes_on_from_fact_to_fact() -> None:
    """One credit against a hundred debts: each fact of it has its own part of the credit."""
    opened, command = many(100, 5)
    entry = raised(opened, accounts.CLAIMS_PAYABLE, "claims/C1", -500, d(7, 1), against="2801")
    opened.post(command, DealerAccount.ClaimCredited, counted(d(7, 1)), entry, claims_tax_minor=0)
    recorded = len(command.facts)

    opened.net(command, counted(d(7, 25), "SE-1"), date.min)

    assert postings_of(command, recorded) == [62, 40]
    assert left(opened) == {}
