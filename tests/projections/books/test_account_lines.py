"""The ledger of an account: its lines, and balances that are those of the trial balance."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

import pytest

from projections.books.account_lines import (
    AccountLine,
    Balance,
    LinePlace,
    account_lines,
    last_account_lines,
)
from projections.books.trial_balance import trial_balance
from projections.engine.reading import Reading
from tests.projections.bookkeeping import Bookkeeper
from tests.small_maker import SmallMaker, terms

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
        assert len(page) <= size
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


@pytest.mark.parametrize("party", [None, "dealers/D01", "dealers/D02"])
def test_the_last_lines_are_the_end_of_the_whole(bookkeeper: Bookkeeper, party: str | None) -> None:
    """As many as asked for, up to a day, with what stood there before them."""
    a_year(bookkeeper)
    with bookkeeper.look() as now:
        whole = list(pages(now, RECEIVABLE, party))
        for to in (date(2025, 5, 4), date(2025, 5, 5), date(2025, 6, 20), END):
            through = [line for line in whole if line.place.day <= to]
            for size in range(1, 8):
                found = last_account_lines(now, RECEIVABLE, party, to=to, limit=size)
                assert list(found.lines) == through[-size:]
                before = through[: -size or None][-1:] if len(through) > size else []
                opening = [line.balance_minor for line in before]
                assert [each.amount_minor for each in found.opening.values()] == opening


def test_the_last_lines_of_an_account_without_any_are_none(bookkeeper: Bookkeeper) -> None:
    a_year(bookkeeper)
    with bookkeeper.look() as now:
        found = last_account_lines(now, "2801", to=END, limit=9)
    assert (found.opening, found.lines) == ({}, ())


def test_each_currency_has_its_own_balance_and_all_have_one_worth(
    bookkeeper: Bookkeeper,
) -> None:
    """A dollar is 7.00 until June and 8.00 then. Months that are over count as their lines do."""
    rates = {"USD": {date(2024, 1, 1): Decimal(7), date(2025, 6, 1): Decimal(8)}}
    dealers = {"D01": terms(), "D02": terms("USD")}
    bookkeeper.open_for_business(SmallMaker(dealers=dealers, exchange_rates=rates))
    for number, day, amount, dealer, currency in (
        ("Z-1", date(2025, 5, 30), 100, "D01", "CNY"),
        ("Z-2", date(2025, 5, 31), 10, "D02", "USD"),
        ("Z-3", date(2025, 6, 1), 20, "D02", "USD"),
        ("Z-4", date(2025, 6, 2), 300, "D01", "CNY"),
    ):
        bookkeeper.pay(number, day, amount, dealer=dealer, currency=currency)
    with bookkeeper.look() as now:
        whole = list(pages(now, BANK))
        assert [(line.currency, line.balance_minor, line.worth_minor) for line in whole] == [
            ("CNY", 100, 100), ("USD", 10, 170), ("USD", 30, 330), ("CNY", 400, 630),
        ]  # fmt: skip
        assert [line.amount for line in whole[1:3]] == [Balance(10, 70), Balance(20, 160)]
        for size in (1, 2, 3):
            assert list(pages(now, BANK, size=size)) == whole
        behind = account_lines(now, BANK, to=END, after=whole[2].place, limit=9)
        assert behind.opening == {"CNY": Balance(100, 100), "USD": Balance(30, 230)}
        assert list(behind.opening) == ["CNY", "USD"]
        last = last_account_lines(now, BANK, to=END, limit=1)
        assert (last.opening, list(last.lines)) == (behind.opening, whole[3:])


def test_pages_as_of_a_position_have_nothing_of_later(bookkeeper: Bookkeeper) -> None:
    """Nor do days on which there is something only since then take the place of others."""
    a_year(bookkeeper)
    bookkeeper.pay("Z-7", date(2025, 7, 20), 70)
    position = bookkeeper.fold().reached
    with bookkeeper.look() as now:
        whole = list(pages(now, RECEIVABLE))
    for day in (1, 5, 6, 7, 20, 25, 26, 27):
        bookkeeper.pay(f"Z-1{day}", date(2025, 7, day), day)
    with bookkeeper.look(position) as then:
        for size in (1, 2, 5, 9):
            assert list(pages(then, RECEIVABLE, size=size)) == whole
            found = last_account_lines(then, RECEIVABLE, to=END, limit=size)
            assert list(found.lines) == whole[-size:]
