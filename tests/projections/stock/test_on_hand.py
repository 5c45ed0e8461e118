"""Stock on hand is what the log has moved: on any day, as of any position, page by page."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from projections.stock.balances import ITEM_BALANCES
from projections.stock.on_hand import StockQuantity, our_places, stock_quantities
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.rows import rows_of
from tests.projections.trading import Entry, a_busy_spring, entries

# Each before and after something came or went, in closed months and in open ones.
DAYS = [
    date(2025, month, day)
    for month, day in (
        (4, 1),
        (4, 2),
        (4, 9),
        (4, 10),
        (5, 1),
        (5, 2),
        (5, 31),
        (6, 10),
        (6, 11),
        (6, 12),
        (6, 19),
        (6, 20),
    )
]


@pytest.fixture
def traded(bookkeeper: Bookkeeper) -> Bookkeeper:
    return a_busy_spring(bookkeeper)


def moved(log: list[Entry], day: date | None, position: int) -> list[StockQuantity]:
    """What the facts have moved in all, of what was ever there, by place and part."""
    pieces, worth = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    there = set[tuple[str, str]]()
    for entry in log:
        for movement in getattr(entry.fact, "movements", ()):
            counts = day is None or entry.fact.effective_on <= day
            if entry.position > position or not counts:
                continue
            for place, sign in ((movement.from_place, -1), (movement.to_place, 1)):
                item = place, movement.part
                there.add(item)
                pieces[item] += sign * sum(layer.quantity for layer in movement.layers)
                worth[item] += sign * sum(layer.value_minor for layer in movement.layers)
    return [
        StockQuantity(*item, pieces[item], worth[item])
        for item in sorted(there)
        if not item[0].startswith("@")
    ]


def test_it_is_what_was_moved_on_any_day_as_of_any_position(traded: Bookkeeper) -> None:
    size, log = traded.fold().reached, entries(traded)
    with traded.look() as latest:
        for position in range(size + 1):
            now = latest.as_of(position)
            for day in (None, *DAYS):
                expected = moved(log, day, position)
                for show_empty in (True, False):
                    found = stock_quantities(now, as_of=day, show_empty=show_empty)
                    shown = [each for each in expected if show_empty or each.quantity]
                    assert list(found) == shown, (day, position)
        for day in (None, *DAYS):
            found = stock_quantities(latest, as_of=day, show_empty=True)
            assert list(found) == moved(log, day, size), day


@pytest.mark.parametrize("day", [None, date(2025, 5, 10), date(2025, 6, 30)])
def test_pages_of_any_size_have_all_of_it_each_once(traded: Bookkeeper, day: date | None) -> None:
    with traded.look() as now:
        whole = stock_quantities(now, as_of=day, show_empty=True)
        assert list(whole) == moved(entries(traded), day, now.position)
        assert len(whole) > 2
        for limit in range(1, len(whole) + 2):
            found: list[StockQuantity] = []
            while True:
                after = (found[-1].place, found[-1].part) if found else ("", "")
                page = stock_quantities(
                    now, as_of=day, show_empty=True, after=after, limit=limit
                )  # fmt: skip
                found += page
                assert len(page) <= limit
                if len(page) < limit:
                    break
            assert found == list(whole)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"place": "W01"}, [("W01", "P-1"), ("W01", "P-2")]),
        ({"place": "W02"}, [("W02", "P-1"), ("W02", "P-2")]),
        ({"part": "P-1"}, [("W01", "P-1"), ("W02", "P-1")]),
        ({"place": "W02", "part": "P-2"}, [("W02", "P-2")]),
        ({"place": "W09", "part": "P-2"}, []),
        ({"place": "@in-transit"}, []),
        ({"after": ("W01", "P-1")}, [("W01", "P-2"), ("W02", "P-1"), ("W02", "P-2")]),
        ({"after": ("W01", "P-9")}, [("W02", "P-1"), ("W02", "P-2")]),
        ({"after": ("W02", "P-1")}, [("W02", "P-2")]),
        ({"after": ("W02", "P-2")}, []),
    ],
)
def test_a_place_and_a_part_let_through_what_is_of_them(
    traded: Bookkeeper, asked: dict[str, Any], named: list[tuple[str, str]]
) -> None:
    with traded.look() as now:
        for day in (None, date(2025, 6, 30)):
            found = stock_quantities(now, as_of=day, show_empty=True, **asked)
            assert [(each.place, each.part) for each in found] == named


def test_the_places_are_those_where_something_ever_lay(traded: Bookkeeper) -> None:
    with traded.look() as now:
        assert our_places(now) == ["@in-transit", "W01", "W02"]


def test_unless_told_otherwise_a_page_has_a_hundred(bookkeeper: Bookkeeper) -> None:
    rows = [(1, 1, 1, 100, "W01", f"P-{number:03}") for number in range(101)]
    with rows_of(bookkeeper, ITEM_BALANCES, rows, through=1) as now:
        found = stock_quantities(now, show_empty=False)
        assert len(stock_quantities(now, show_empty=False, limit=200)) == 101  # The control.
    assert [each.part for each in found] == [part for *_, part in rows[:100]]
