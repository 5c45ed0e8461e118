"""Open items keep their order, whatever is raised and cleared, and a payment costs the same."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from domain.lines import Posting
from domain.open_items import OpenBalance, OpenItems
from tests.domain.desk import d

DAY = d(7, 1)
SOME, MANY = 10, 25_000
TAKEN = 200  # Items cleared, of as many accounts of each kind.


def posting(item: str, amount: int, due_on: date | None) -> Posting:
    return Posting(
        account="1122", party="dealers/D01", amount_minor=amount, currency="CNY",
        item=item, due_on=due_on,
    )  # fmt: skip


def sorted_anew(items: OpenItems, sign: int) -> list[tuple[str, int]]:
    rows = sorted((item.due_on, key, item.amount_minor) for key, item in items.items())
    return [(key, amount) for _, key, amount in rows if amount * sign > 0]


@pytest.mark.parametrize("seed", range(5))
def test_both_sides_stay_in_the_order_of_their_due_days(seed: int) -> None:
    """Items are raised, raised once more, cleared in part, in full, and beyond: then they change
    sides."""
    chance = random.Random(seed)
    items = OpenItems()
    changed_sides = 0
    for _ in range(2_000):
        key = f"sales/S-{chance.randrange(40)}"
        known = items.get(key)
        due_on = DAY + timedelta(days=chance.randrange(9)) if known is None else None
        amount = chance.choice((-3, -2, -1, 1, 2, 3))
        items.carry(posting(key, amount, due_on), DAY)
        now = items.get(key)
        changed_sides += bool(known and now and known.amount_minor * now.amount_minor < 0)
        assert list(items.owed) == sorted_anew(items, 1)
        assert list(items.owing) == sorted_anew(items, -1)
    assert changed_sides > 50, "the control: it happens"
    restored = OpenItems(dict(items))
    assert list(restored.owed) == list(items.owed), "made of a snapshot, they are the same"
    assert list(restored.owing) == list(items.owing)


def account_of(count: int) -> OpenItems:
    items = OpenItems()
    for number in range(count):
        due_on = DAY + timedelta(days=number % 90)
        items.carry(posting(f"sales/S-{number:05}", 100, due_on), DAY)
    return items


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    begun = time.thread_time()
    yield
    seconds.append(time.thread_time() - begun)


def seconds_to_clear(items: OpenItems, *, anew: bool = False) -> float:
    """To raise an item and clear the oldest, over and over: the same number stays open. The least
    of five looks."""
    found: list[float] = []
    for look in range(5):
        with timed(found):
            for number in range(TAKEN):
                key, amount = (sorted_anew(items, 1) if anew else next_of(items))[0]
                items.carry(posting(key, -amount, None), DAY)
                items.carry(posting(f"sales/N-{look}-{number:05}", 100, DAY), DAY)
    return min(found)


def next_of(items: OpenItems) -> list[tuple[str, int]]:
    return [next(items.owed)]


def test_clearing_costs_the_same_with_ten_items_as_with_25_000() -> None:
    """But for the moving of 200 kB in memory, ten microseconds of a command's several hundred."""
    assert seconds_to_clear(account_of(MANY)) < 25 * seconds_to_clear(account_of(SOME))


def test_in_an_order_made_anew_it_would_not() -> None:
    """The control, with a tenth of them."""
    many, some = account_of(MANY // 10), account_of(SOME)
    assert seconds_to_clear(many, anew=True) > 50 * seconds_to_clear(some, anew=True)


def worth(item: str, amount: int, functional: int, due_on: date | None = None) -> Posting:
    return Posting(
        account="1122", party="dealers/D01", amount_minor=amount, currency="USD",
        functional_minor=functional, item=item, due_on=due_on,
    )  # fmt: skip


def test_an_item_that_is_raised_once_more_is_worth_both() -> None:
    items = OpenItems()
    items.carry(worth("sales/S-1", 3, 10, DAY), d(7, 1))
    items.carry(worth("sales/S-1", 2, 5), d(7, 4))
    assert items["sales/S-1"] == OpenBalance("1122", 5, DAY, d(7, 1), 15)

    items.carry(worth("sales/S-1", 1, 2, DAY + timedelta(days=9)), d(7, 3))
    items.carry(worth("sales/S-1", -4, -11), d(7, 9))
    assert items["sales/S-1"] == OpenBalance("1122", 2, DAY, d(7, 3), 6)


def test_an_item_changes_sides_when_more_is_cleared_than_it_had() -> None:
    items = OpenItems()
    items.carry(posting("sales/S-1", 100, DAY), DAY)
    items.carry(posting("sales/S-2", 1, DAY), DAY)
    items.carry(posting("sales/S-1", -101, None), DAY)
    assert list(items.owed) == [("sales/S-2", 1)]
    assert list(items.owing) == [("sales/S-1", -1)]

    items.carry(posting("sales/S-1", 1, None), DAY)
    assert list(items.owing) == []
    assert list(items) == ["sales/S-2"]


def test_the_parts_of_an_item_are_worth_a_share_of_it() -> None:
    """A third of 0.10 is 0.03; two thirds are 0.07."""
    item = OpenBalance("1122", 3, DAY, DAY, 10)
    assert [item.functional_of(part) for part in (1, 2, 3)] == [3, 7, 10]
    assert OpenBalance("1122", 3, DAY, DAY).functional_of(1) is None
