"""The stock card of a part: its lines, and balances that are those of the stock."""

from collections.abc import Iterator
from datetime import date

import pytest

from projections.engine.reading import Reading
from projections.stock.lines import STOCK_LINES
from projections.stock.on_hand import stock_quantities
from projections.stock.stock_card import CardLine, CardPlace, stock_card
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.rows import rows_of

BEGIN, END = date(1990, 1, 1), date(2025, 12, 31)
PLACES = [None, "W01", "W02", "@in-transit"]


def moves(bookkeeper: Bookkeeper) -> None:
    """Two receipts of one part, a transfer of layers of both, sales, and another part beside it."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 10, 800)
    bookkeeper.buy("R-2", date(2025, 2, 10), "P-1", 10, 900)
    bookkeeper.buy("R-3", date(2025, 2, 10), "P-2", 5, 100)
    bookkeeper.dispatch("T-1", date(2025, 3, 1), "P-1", 12)
    bookkeeper.sell("S-1", date(2025, 3, 1), "P-1", 3)
    bookkeeper.receive("T-1", date(2025, 3, 4))
    bookkeeper.sell("S-2", date(2025, 3, 4), "P-1", 12, at="W02")


def pages(
    now: Reading, place: str | None, size: int = 100, begin: date = BEGIN
) -> Iterator[CardLine]:
    after = CardPlace(begin)
    while True:
        page = stock_card(now, "P-1", place, to=END, after=after, limit=size).lines
        assert len(page) <= size
        yield from page
        if len(page) < size:
            return
        after = page[-1].after


def test_what_an_entry_moves_is_a_line_with_what_lies_there_after_it(
    bookkeeper: Bookkeeper,
) -> None:
    moves(bookkeeper)
    with bookkeeper.look() as now:
        found = list(pages(now, None))
    assert [
        (line.after.place, line.after.other, line.quantity, line.value_minor, line.after[4:])
        for line in found
    ] == [
        ("W01", "@supplier", 10, 8_000, (10, 8_000)),
        ("W01", "@supplier", 10, 9_000, (20, 17_000)),
        ("@in-transit", "W01", 12, 9_800, (32, 26_800)),
        ("W01", "@in-transit", -12, -9_800, (20, 17_000)),
        ("W01", "@sold", -3, -2_700, (17, 14_300)),
        ("@in-transit", "W02", -12, -9_800, (5, 4_500)),
        ("W02", "@in-transit", 12, 9_800, (17, 14_300)),
        ("W02", "@sold", -12, -9_800, (5, 4_500)),
    ]
    assert [line.after.day for line in found[1:3]] == [date(2025, 2, 10), date(2025, 3, 1)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_any_size_say_the_same(
    bookkeeper: Bookkeeper, place: str | None, size: int
) -> None:
    moves(bookkeeper)
    with bookkeeper.look() as now:
        whole = list(pages(now, place))
        assert list(pages(now, place, size)) == whole
    assert len(whole) == {None: 8, "W01": 4, "W02": 2, "@in-transit": 2}[place]


@pytest.mark.parametrize("place", PLACES)
def test_a_later_day_begins_with_what_came_before(
    bookkeeper: Bookkeeper, place: str | None
) -> None:
    moves(bookkeeper)
    with bookkeeper.look() as now:
        whole = list(pages(now, place))
        for begin in (date(2025, 2, 10), date(2025, 3, 1), date(2025, 3, 4), date(2025, 3, 5)):
            card = stock_card(now, "P-1", place, to=END, after=CardPlace(begin), limit=100)
            assert list(card.lines) == [line for line in whole if line.after.day >= begin]
            before = [line for line in whole if line.after.day < begin]
            opening = before[-1].after[4:] if before else (0, 0)
            assert card.opening == (begin, 0, "", "", *opening)


@pytest.mark.parametrize("place", ["W01", "W02"])
def test_the_last_balance_is_the_stock_as_of_any_position(
    bookkeeper: Bookkeeper, place: str
) -> None:
    moves(bookkeeper)
    head = bookkeeper.fold().reached
    bookkeeper.buy("R-4", date(2025, 2, 11), "P-1", 7, 700)  # Dated back, behind that position.
    for at in (None, head):
        with bookkeeper.look(at) as now:
            *_, last = pages(now, place)
            [stock] = stock_quantities(now, place=place, part="P-1", show_empty=True)
            assert last.after[4:] == (stock.quantity, stock.value_minor)
    with bookkeeper.look() as now:
        assert len(list(pages(now, "W01"))) == 5


def test_days_after_the_last_are_left_out(bookkeeper: Bookkeeper) -> None:
    moves(bookkeeper)
    with bookkeeper.look() as now:
        whole = list(pages(now, None))
        for day in (date(2025, 3, 1), date(2025, 2, 28)):
            card = stock_card(now, "P-1", to=day, after=CardPlace(BEGIN), limit=100)
            assert list(card.lines) == [line for line in whole if line.after.day <= day]
        assert stock_card(now, "P-9", to=END, after=CardPlace(BEGIN), limit=100).lines == ()


@pytest.mark.parametrize("plan", ["enable_sort", "enable_hashagg"])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_one_entry_takes_from_a_place_to_several_is_in_the_order_of_these(
    bookkeeper: Bookkeeper, size: int, plan: str
) -> None:
    """No command does that today; a page that ends between two of the lines goes on all the
    same."""
    day, others = date(2025, 3, 1), ("W09", "W05", "W07", "@sold", "W03", "@scrap", "W08")
    rows = [
        (1, 2 * number + side, sign, 8 * sign, *[day] * 4, place, "P-1", "purchases/1", "", "")
        for number, other in enumerate(others)
        for side, (place, sign) in enumerate((("W01", -1), (other, 1)))
    ]
    with rows_of(bookkeeper, STOCK_LINES, rows, through=1) as now:
        now.cursor.execute(f"SET LOCAL {plan} = off")
        found = [line.after for line in pages(now, "W01", size)]
    assert [after.other for after in found] == sorted(others)
    assert [after.quantity for after in found] == [-1, -2, -3, -4, -5, -6, -7]
