"""Memory is bounded by what is held in it, and nothing leaves in the middle of a command."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from domain.cache import ROWS, AggregateCache
from domain.dated import Dated, Version
from domain.days import Days
from domain.facts import Aggregate, Booking, Command
from domain.ledger import Ledger
from domain.open_items import OpenBalance, OpenItems
from domain.part import Part
from tests.domain.desk import command, d, on
from tests.domain.givens import MAIN, PUMP, bought, stocked_maker
from tests.domain.test_ledger import part


def holding(rows: int) -> Aggregate:
    return cast(Aggregate, SimpleNamespace(layers=tuple(range(rows)), place="W01"))


def kept(room: int, *rows: int) -> list[str]:
    """Which of A, B, C, … with so many rows are left when there is so much room."""
    cache = AggregateCache(room)
    for name, count in zip("ABCDEF", rows, strict=False):
        cache.keep(name, holding(count))
    cache.trim()
    return list(cache)


def test_an_aggregate_takes_the_more_room_the_more_it_holds() -> None:
    assert kept(3, 0, 7, 0) == ["A", "B", "C"]
    assert kept(3, 0, 8, 0) == ["B", "C"], "it takes as much as two"
    assert kept(4, 0, ROWS, 0) == ["A", "B", "C"]
    assert kept(9, 0, 8 * ROWS, 0, 0) == ["C", "D"]
    assert kept(9, 0, 0, 8 * ROWS) == ["C"]
    assert kept(8, 0, 0, 8 * ROWS) == ["C"], "what was used last stays, however large"


DAYS = [d(7, day) for day in range(1, ROWS + 1)]


@pytest.mark.parametrize(
    "rows",
    [
        DAYS, tuple(DAYS), set(DAYS), frozenset(DAYS), dict.fromkeys(DAYS),
        Dated([Version(day, "A", 1) for day in DAYS]),
        OpenItems({str(day): OpenBalance("1122", 1, day, day) for day in DAYS}),
    ],
    ids=lambda rows: type(rows).__name__,
)  # fmt: skip
def test_rows_are_rows_in_whatever_they_are_held(rows: object) -> None:
    cache = AggregateCache(2)
    cache.keep("A", holding(0))
    cache.keep("B", cast(Aggregate, SimpleNamespace(rows=rows)))
    cache.trim()
    assert list(cache) == ["B"]


@pytest.mark.parametrize("value", ["W" * ROWS, Booking(Days(d(7, 1), d(7, 1)), "W" * ROWS)])
def test_a_value_is_no_rows(value: object) -> None:
    cache = AggregateCache(2)
    cache.keep("A", holding(0))
    cache.keep("B", cast(Aggregate, SimpleNamespace(value=value)))
    cache.trim()
    assert list(cache) == ["A", "B"]


def test_what_is_cleared_takes_no_room_and_is_weighed_afresh() -> None:
    cache = AggregateCache(2)
    cache.keep("A", holding(8))
    cache.clear()
    assert ("A" in cache, len(cache), cache.get("A")) == (False, 0, None)

    for name in "ABC":
        cache.keep(name, holding(0))
    cache.trim()
    assert list(cache) == ["B", "C"]
    assert ("A" in cache, "B" in cache) == (False, True)


def test_what_is_not_there_takes_as_much_as_what_holds_nothing() -> None:
    cache = AggregateCache(2)
    for name in "ABC":
        cache.keep(name, None)
    cache.trim()
    assert list(cache) == ["B", "C"]


def test_what_has_grown_is_weighed_again_and_what_has_left_takes_no_room() -> None:
    cache = AggregateCache(4)
    grows = cast(Any, holding(0))
    for name, aggregate in (("A", holding(0)), ("B", grows), ("C", holding(0))):
        cache.keep(name, aggregate)
    grows.layers = tuple(range(2 * ROWS))
    cache.trim()
    assert list(cache) == ["A", "B", "C"], "nobody has said that it has grown"

    cache.weigh([("B", 2 * ROWS + 1)])
    cache.trim()
    assert list(cache) == ["A", "B", "C"], "it is looked at now and then"
    cache.weigh([("B", 3 * ROWS), ("elsewhere", ROWS)])
    cache.trim()
    assert list(cache) == ["B", "C"]

    cache.drop("B")
    for name in "DEF":
        cache.keep(name, holding(0))
    cache.trim()
    assert list(cache) == ["C", "D", "E", "F"]


def test_a_ledger_weighs_what_its_commands_have_changed() -> None:
    desk = stocked_maker()
    for number in range(4 * ROWS):  # A layer each.
        bought(desk, 1, 1000, on(7, 10), number=f"G{number}")

    cache, afresh = desk.ledger._cache, AggregateCache(0)
    for stream in cache:
        afresh.keep(stream, cache.get(stream))
    assert 0 <= afresh._taken - cache._taken <= 2, "each is up to a unit behind"
    assert cache._takes[f"stock/{MAIN}/{PUMP}"] >= 4, "the control: it has grown"


def test_in_the_middle_of_a_command_nothing_leaves() -> None:
    """A command sees what it has changed itself, however much it reads afterwards."""
    ledger = Ledger(cache_size=1)
    seen: list[Aggregate | None] = []

    def much(ledger: Ledger, cmd: Command) -> Aggregate:
        made = part("A")(ledger, cmd)
        for number in range(10):
            ledger.find(Part, f"X{number}")
        seen.append(ledger.find(Part, "A"))
        return made

    made = ledger.execute(command(), much)

    assert seen == [made]
    assert len(ledger._cache) > 10
    ledger.execute(command(), part("B"))
    assert len(ledger._cache) < 10, (
        "the control: when the next one begins, what does not fit leaves"
    )
