"""The ledger of an account: its lines, and balances that are those of the trial balance."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

import pytest

from projections.books.account_lines import AccountLine, LinePlace, account_lines
from projections.books.trial_balance import trial_balance
from projections.engine.reading import Reading
from tests.projections.bookkeeping import Bookkeeper

BEGIN, END = date(1990, 1, 1), date(2025, 7, 31)
RECEIVABLE, INVENTORY, BANK = "1122", "1405", "1002"


def a_year(bookkeeper: Bookkeeper) -> None:
    """Two dealers buy and pay; a payment is entered late, and one is dated back."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.sell("S-1", date(2025, 5, 5), "P-1", 10)
    bookkeeper.sell("S-2", date(2025, 5, 5), "P-1", 1, dealer="D02")
    bookkeeper.pay("Z-1", date(2025, 6, 20), 5_650)
    bookkeeper.sell("S-3", date(2025, 6, 20), "P-1", 2)
    bookkeeper.pay("Z-2", date(2025, 5, 20), 1_000)
    bookkeeper.close("2025-06")
    bookkeeper.pay_late("Z-3", date(2025, 6, 11), 500)


def pages(
    now: Reading, account: str, party: str | None = None, size: int = 100, begin: date = BEGIN
) -> Iterator[AccountLine]:
    after = LinePlace(begin, 0, 0)
    while True:
        page = account_lines(now, account, party, to=END, after=after, limit=size).lines
        yield from page
        if len(page) < size:
            return
        after = page[-1].place


def test_each_line_has_what_stands_there_after_it(bookkeeper: Bookkeeper) -> None:
    a_year(bookkeeper)
    with bookkeeper.look() as now:
        found = list(pages(now, RECEIVABLE, "dealers/D01"))
    assert [(line.place.day, line.item, line.amount[0], line.balance_minor) for line in found] == [
        (date(2025, 5, 5), "sales/S-1", 11_300, 11_300),
        (date(2025, 5, 20), "sales/S-1", -1_000, 10_300),
        (date(2025, 6, 20), "sales/S-1", -5_650, 4_650),
        (date(2025, 6, 20), "sales/S-3", 2_260, 6_910),
        (date(2025, 7, 1), "sales/S-1", -500, 6_410),
    ]
    assert [line.worth_minor for line in found] == [line.balance_minor for line in found]
    assert found[0].due_on == date(2025, 6, 4)
    assert found[1].due_on is None


@pytest.mark.parametrize("party", [None, "dealers/D01", "dealers/D02"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages_of_any_size_say_the_same(
    bookkeeper: Bookkeeper, party: str | None, size: int
) -> None:
    a_year(bookkeeper)
    with bookkeeper.look() as now:
        whole = list(pages(now, RECEIVABLE, party))
        assert list(pages(now, RECEIVABLE, party, size)) == whole
    assert len(whole) == {None: 6, "dealers/D01": 5, "dealers/D02": 1}[party]


@pytest.mark.parametrize("account", [RECEIVABLE, INVENTORY, BANK])
def test_the_balance_after_the_last_line_of_a_day_is_the_trial_balance(
    bookkeeper: Bookkeeper, account: str
) -> None:
    a_year(bookkeeper)
    position = bookkeeper.fold().reached
    bookkeeper.pay("Z-4", date(2025, 7, 2), 77)  # Not seen at the position.
    for at in (None, position):
        with bookkeeper.look(at) as now:
            lines = list(pages(now, account))
            for day, of_day in groupby(lines, key=lambda line: line.place.day):
                *_, last = of_day
                found = {each.account: each for each in trial_balance(now, day).accounts}
                assert found[account].balance_minor == last.balance_minor == last.worth_minor
            assert len(lines) > 1 or account == INVENTORY


@pytest.mark.parametrize("party", [None, "dealers/D01"])
def test_what_stood_there_before_a_day_is_not_listed(
    bookkeeper: Bookkeeper, party: str | None
) -> None:
    a_year(bookkeeper)
    with bookkeeper.look() as now:
        whole = list(pages(now, RECEIVABLE, party))
        for begin in (date(2025, 5, 5), date(2025, 5, 6), date(2025, 6, 1), date(2025, 6, 20)):
            later = [line for line in whole if line.place.day >= begin]
            earlier = [line for line in whole if line.place.day < begin]
            assert list(pages(now, RECEIVABLE, party, begin=begin)) == later
            page = account_lines(
                now, RECEIVABLE, party, to=END, after=LinePlace(begin, 0, 0), limit=1
            )
            before = sum(line.amount.amount_minor for line in earlier)
            assert (page.opening["CNY"].amount_minor if earlier else 0) == before


def test_days_after_the_last_are_left_out(bookkeeper: Bookkeeper) -> None:
    a_year(bookkeeper)
    first = LinePlace(BEGIN, 0, 0)
    with bookkeeper.look() as now:
        for day in (date(2025, 6, 20), date(2025, 6, 19), date(2025, 5, 4)):
            found = account_lines(now, RECEIVABLE, to=day, after=first, limit=100).lines
            assert all(line.place.day <= day for line in found)
            through = [line for line in pages(now, RECEIVABLE) if line.place.day <= day]
            assert list(found) == through
        assert account_lines(now, "2801", to=END, after=first, limit=9).lines == ()
        late = LinePlace(END + timedelta(days=1), 0, 0)
        assert account_lines(now, RECEIVABLE, to=END, after=late, limit=9).lines == ()
