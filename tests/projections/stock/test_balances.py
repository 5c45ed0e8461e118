"""Balances that become zero: gone from today's ageing, and still found on the days before."""

from datetime import date

from projections.stock.inventory_ageing import Age, inventory_ageing
from projections.stock.on_hand import our_places, stock_quantities
from tests.projections.bookkeeping import Bookkeeper

LATER = date(2025, 7, 31)


def all_of_it_leaves(bookkeeper: Bookkeeper) -> None:
    """100 pieces come to W01, go on to W02, and are sold there."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.dispatch("T-1", date(2025, 6, 10), "P-1", 100)
    bookkeeper.receive("T-1", date(2025, 6, 20))
    bookkeeper.sell("S-1", date(2025, 6, 25), "P-1", 100, at="W02")


def pieces(bookkeeper: Bookkeeper, day: date, position: int | None = None) -> dict[str, int]:
    with bookkeeper.look(position) as now:
        by_age = [inventory_ageing(now, day, age).rows for age in Age]
        found = {row.place: row.quantity for row in by_age[0]}
        assert found == {row.place: row.quantity for row in by_age[1]}
    return found


def balances(bookkeeper: Bookkeeper, columns: str) -> list[tuple[object, ...]]:
    with bookkeeper.look() as now:
        return now.select(f"SELECT {columns} FROM {{views}}.place_balances ORDER BY {columns}", {})


def test_places_that_are_empty_now_are_found_on_the_days_before(bookkeeper: Bookkeeper) -> None:
    all_of_it_leaves(bookkeeper)
    assert balances(bookkeeper, "place") == []
    assert pieces(bookkeeper, LATER) == {}
    assert pieces(bookkeeper, date(2025, 6, 9)) == {"W01": 100}
    assert pieces(bookkeeper, date(2025, 6, 15)) == {"@in-transit": 100}
    assert pieces(bookkeeper, date(2025, 6, 24)) == {"W02": 100}
    with bookkeeper.look() as now:
        assert our_places(now) == ["@in-transit", "W01", "W02"]
        empty = stock_quantities(now, show_empty=True)
    assert [(each.place, each.quantity) for each in empty] == [("W01", 0), ("W02", 0)]


def test_places_that_are_empty_now_are_found_in_closed_months(bookkeeper: Bookkeeper) -> None:
    all_of_it_leaves(bookkeeper)
    days = [date(2025, 1, 31), date(2025, 6, 9), date(2025, 6, 15), date(2025, 6, 30), LATER]
    before = [pieces(bookkeeper, day) for day in days]
    bookkeeper.close("2025-06")
    assert [pieces(bookkeeper, day) for day in days] == before
    assert before[0] == {"W01": 100}


def test_places_that_are_empty_now_are_found_at_a_past_position(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bought = bookkeeper.fold().reached
    bookkeeper.sell("S-1", date(2025, 6, 25), "P-1", 100)
    assert pieces(bookkeeper, LATER, bought) == {"W01": 100}
    assert pieces(bookkeeper, LATER) == {}


def test_a_balance_that_became_zero_comes_back(bookkeeper: Bookkeeper) -> None:
    """Pieces of the same day come in late: their balance has the key of the one that left."""
    bookkeeper.open_for_business()
    day = date(2025, 1, 10)
    bookkeeper.buy("R-1", day, "P-1", 100, 800)
    columns = "place, age, since, quantity, value_minor"
    first = balances(bookkeeper, columns)
    assert first == both_ages(day, 100, 80_000)
    bookkeeper.sell("S-1", date(2025, 6, 25), "P-1", 100)
    assert balances(bookkeeper, columns) == []
    bookkeeper.buy("R-2", day, "P-1", 7, 900)
    assert balances(bookkeeper, columns) == both_ages(day, 7, 6_300)
    assert pieces(bookkeeper, LATER) == {"W01": 7}
    assert pieces(bookkeeper, date(2025, 6, 24)) == {"W01": 107}


def both_ages(since: date, quantity: int, value_minor: int) -> list[tuple[object, ...]]:
    return [("W01", age, since, quantity, value_minor) for age in ("arrived_on", "origin_on")]
