"""What is left when an amount is set against items: exactly nothing, or exactly the rest."""

from datetime import date

import pytest

from domain.clearing import Allocation, Netting, nettings, oldest_due
from domain.dealer_account import DealerAccount
from domain.facts import Command, Fact
from domain.ledger import Ledger
from domain.open_items import OpenBalance, OpenItems
from domain.use_cases import selling
from tests.domain.desk import Desk, all_postings, counted, d, on
from tests.domain.givens import sold, stocked_maker

ONE_PUMP = 1999 + 260  # What one pump is invoiced at, tax included.


def items(**amounts: int) -> OpenItems:
    """Open items by name, the first one due on 1 July, each of the others a day later."""
    return OpenItems(
        {
            name: OpenBalance("1122", amount, d(7, number), d(7, 1))
            for number, (name, amount) in enumerate(amounts.items(), 1)
        }
    )


@pytest.mark.parametrize(
    ("amount", "chosen"),
    [
        (9, [Allocation("a", 9)]),
        (10, [Allocation("a", 10)]),
        (11, [Allocation("a", 10), Allocation("b", 1)]),
        (30, [Allocation("a", 10), Allocation("b", 20)]),
        (31, [Allocation("a", 10), Allocation("b", 20)]),
        (0, []),
    ],
)
def test_an_amount_pays_the_oldest_due_until_it_is_used_up(
    amount: int, chosen: list[Allocation]
) -> None:
    assert list(oldest_due(items(a=10, b=20), amount)) == chosen


def test_an_amount_pays_nothing_that_is_owed_to_the_dealer() -> None:
    assert oldest_due(items(credit=-5, debit=10), 10) == (Allocation("debit", 10),)


@pytest.mark.parametrize(
    ("amounts", "found"),
    [
        ({"a": 10, "b": 20, "c": -15}, [Netting("c", "a", 10), Netting("c", "b", 5)]),
        ({"a": 20, "c": -15, "e": -10}, [Netting("c", "a", 15), Netting("e", "a", 5)]),
        ({"a": 10, "c": -10}, [Netting("c", "a", 10)]),
        ({"a": 10, "b": 20, "c": -10}, [Netting("c", "a", 10)]),
        ({"a": 10, "c": -10, "e": -5}, [Netting("c", "a", 10)]),
        ({"a": 10, "b": 5, "c": -10, "e": -5}, [Netting("c", "a", 10), Netting("e", "b", 5)]),
        ({"a": 10}, []),
        ({"c": -10}, []),
    ],
)
def test_both_sides_are_set_off_until_one_of_them_is_used_up(
    amounts: dict[str, int], found: list[Netting]
) -> None:
    assert nettings(items(**amounts)) == found


def test_items_due_on_one_day_are_taken_by_their_names() -> None:
    same_day = OpenItems({name: OpenBalance("1122", 1, d(7, 1), d(7, 1)) for name in ("b", "a")})

    assert list(same_day.owed) == [("a", 1), ("b", 1)]


def indebted() -> Desk:
    """D01 owes for two pumps: SA1 is due on 14 August, SA2 on 15 August."""
    desk = stocked_maker()
    sold(desk, 1, "SA1", on(7, 15, "INV-1"))
    sold(desk, 1, "SA2", on(7, 16, "INV-2"))
    return desk


def paid(desk: Desk, amount: int, *allocations: Allocation, number: str = "PM1") -> None:
    desk.do(
        selling.receive_payment, number=number, occurrence=on(7, 25), dealer="D01",
        amount_minor=amount, currency="CNY", allocations=allocations,
    )  # fmt: skip


def open_items(desk: Desk) -> dict[str, int]:
    account = desk.the(DealerAccount, "D01")
    return {key: item.amount_minor for key, item in account.items.items()}


@pytest.mark.parametrize("named", [True, False])
def test_an_exact_payment_clears_its_item_while_another_stays_open(named: bool) -> None:
    desk = indebted()
    paid(desk, ONE_PUMP, *([Allocation("sales/SA1", ONE_PUMP)] if named else []))

    assert open_items(desk) == {"sales/SA2": ONE_PUMP}


def test_an_exact_payment_of_everything_leaves_no_item_of_its_own() -> None:
    desk = indebted()
    paid(desk, 2 * ONE_PUMP)

    assert open_items(desk) == {}


def test_a_minor_unit_too_much_or_too_little_stays_open() -> None:
    little, much = indebted(), indebted()
    paid(little, 2 * ONE_PUMP - 1)
    paid(much, 2 * ONE_PUMP + 1)

    assert open_items(little) == {"sales/SA2": 1}
    assert open_items(much) == {"payments/PM1": -1}


def test_a_credit_between_two_debts_is_used_up_by_both() -> None:
    desk = indebted()
    paid(desk, ONE_PUMP + 101, Allocation("sales/SA1", 1))  # All but 0.01 is to its credit.
    cleared, facts = netted(desk)

    assert cleared == ["payments/PM1", "sales/SA1"]
    assert all_postings(facts) == [
        ("1122", "dealers/D01", -ONE_PUMP + 1), ("1122", "dealers/D01", -101),
        ("1122", "dealers/D01", ONE_PUMP + 100),
    ]  # fmt: skip
    assert open_items(desk) == {"sales/SA2": ONE_PUMP - 101}


def test_a_credit_of_just_one_debt_clears_both_and_leaves_the_other() -> None:
    desk = indebted()
    paid(desk, ONE_PUMP + 1, Allocation("sales/SA2", 1))
    cleared, _ = netted(desk)

    assert cleared == ["payments/PM1", "sales/SA1"]
    assert open_items(desk) == {"sales/SA2": ONE_PUMP - 1}


def netted(desk: Desk) -> tuple[list[str], list[Fact]]:
    """Which items were cleared, and the facts of it."""
    cleared: list[str] = []

    def net(ledger: Ledger, command: Command) -> DealerAccount:
        account = ledger.get(DealerAccount, "D01")
        netting = counted(d(7, 31)).caused_by(account.next_step)
        cleared.extend(account.net(command, netting, date.min))
        return account

    facts = desk.do(net)
    return cleared, facts
