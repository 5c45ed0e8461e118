"""The lines of an open item, and the entry behind a line of a statement.

A sale of 10 P-1 is 100.00 plus 13 % tax: 113.00.
"""

from datetime import date

import pytest

from projections.books.journal import JOURNAL_LINES
from projections.dealers.item_lines import item_lines, stated_line
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.rows import rows_of

END = date(2025, 12, 31)
SALE = "sales/S-1"


@pytest.fixture
def paid(bookkeeper: Bookkeeper) -> Bookkeeper:
    """S-1 is paid in three parts, the second recorded last, and a later sale is left open."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.sell("S-1", date(2025, 5, 5), "P-1", 10)
    bookkeeper.sell("S-2", date(2025, 5, 6), "P-1", 1, dealer="D02")
    bookkeeper.sell("S-3", date(2025, 5, 6), "P-1", 1)
    bookkeeper.pay("Z-1", date(2025, 5, 31), 1_000)
    bookkeeper.pay("Z-3", date(2025, 6, 2), 3_000)
    bookkeeper.pay("Z-2", date(2025, 6, 1), 2_000)
    return bookkeeper


def test_an_item_has_what_raised_it_and_what_cleared_it_by_day(paid: Bookkeeper) -> None:
    with paid.look() as now:
        found = item_lines(now, "D01", SALE, END)
        assert [line.amount_minor for line in item_lines(now, "D01", "sales/S-3", END)] == [1_130]
        assert item_lines(now, "D02", SALE, END) == []
        assert item_lines(now, "D01", "sales/S-2", END) == []
    assert [line[1:] for line in found] == [
        (date(2025, 5, 5), "1122", "CNY", 11_300),
        (date(2025, 5, 31), "1122", "CNY", -1_000),
        (date(2025, 6, 1), "1122", "CNY", -2_000),
        (date(2025, 6, 2), "1122", "CNY", -3_000),
    ]
    positions = [line.position for line in found]
    assert sorted(positions) == [positions[0], positions[1], positions[3], positions[2]]


@pytest.mark.parametrize(
    ("day", "lines"),
    [(date(2025, 5, 4), 0), (date(2025, 5, 5), 1), (date(2025, 5, 31), 2), (date(2025, 6, 1), 3)],
)
def test_an_item_has_the_lines_up_to_a_day_that_day_included(
    paid: Bookkeeper, day: date, lines: int
) -> None:
    with paid.look() as now:
        assert len(item_lines(now, "D01", SALE, day)) == lines


def test_an_item_has_the_lines_up_to_a_position(paid: Bookkeeper) -> None:
    with paid.look() as now:
        last = max(line.position for line in item_lines(now, "D01", SALE, END))
    for position, lines in ((last, 4), (last - 1, 3)):
        with paid.look(position) as then:
            assert len(item_lines(then, "D01", SALE, END)) == lines


def test_a_line_of_a_statement_leads_to_its_entry(paid: Bookkeeper) -> None:
    """By the dealer, the month and the version, and not before it was recorded."""
    with paid.look() as now:
        raised, cleared, later, _ = item_lines(now, "D01", SALE, END)
        assert stated_line(now, "D01", "2025-05", 2) == (raised.position, 11_300, "CNY")
        assert stated_line(now, "D01", "2025-05", 4) == (cleared.position, -1_000, "CNY")
        assert stated_line(now, "D01", "2025-06", 6) == (later.position, -2_000, "CNY")
        assert stated_line(now, "D01", "2025-06", 4) is None
        assert stated_line(now, "D01", "2025-05", 9) is None
        assert stated_line(now, "D02", "2025-05", 4) is None
    for position, seen in ((cleared.position, True), (cleared.position - 1, False)):
        with paid.look(position) as then:
            assert (stated_line(then, "D01", "2025-05", 4) is not None) is seen


def test_lines_of_one_entry_are_in_its_order(bookkeeper: Bookkeeper) -> None:
    """No command changes an item twice today."""
    day = date(2025, 5, 5)
    rows = [
        (1, 100 * number, number, day, None, "1122", "dealers/D01", "CNY", SALE, "2025-05", None)
        for number in (3, 1, 4, 2)
    ]
    with rows_of(bookkeeper, JOURNAL_LINES, rows, through=1) as now:
        now.cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        found = item_lines(now, "D01", SALE, day)
    assert [line.amount_minor for line in found] == [100, 200, 300, 400]
