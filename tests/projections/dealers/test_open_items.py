"""Open items in their pages, by their age, and in two currencies, however they are found."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from projections.dealers.open_items import OpenByAge, OpenItem, by_age, open_items
from projections.dealers.receivables import receivables
from projections.engine.reading import Reading
from tests.projections.bookkeeping import Bookkeeper
from tests.small_maker import SmallMaker, terms

DUE = date(2025, 5, 5)
END = date(2025, 6, 30)


@pytest.mark.parametrize(
    ("days", "column"),
    [
        (-1, 0), (0, 1), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (180, 4),
        (181, 5), (900, 5),
    ],
)  # fmt: skip
def test_the_last_day_of_an_age_still_counts_to_it(days: int, column: int) -> None:
    item = OpenItem("D01", "1122", "sales/S-1", "CNY", 700, 0, DUE)
    expected = [700 if number == column else 0 for number in range(6)]

    assert by_age([item], DUE + timedelta(days=days)) == OpenByAge(*expected)


def test_items_of_one_age_are_added_up() -> None:
    items = [OpenItem("D01", "1122", f"sales/{n}", "CNY", n, 0, DUE) for n in (5, -2, 4)]

    assert by_age(items, DUE) == OpenByAge(days_0_30=7)
    assert by_age([], DUE) == OpenByAge()


def two_currencies(bookkeeper: Bookkeeper) -> None:
    """Each pays in advance, D02 in dollars: one is 7.00 until June and 8.00 then."""
    rates = {"USD": {date(2024, 1, 1): Decimal(7), date(2025, 6, 1): Decimal(8)}}
    dealers = {"D01": terms(), "D02": terms("USD")}
    bookkeeper.open_for_business(SmallMaker(dealers=dealers, exchange_rates=rates))
    for number, day, amount, dealer, currency in (
        ("Z-4", date(2025, 6, 5), 40, "D02", "USD"),
        ("Z-3", date(2025, 6, 5), 30, "D02", "USD"),
        ("Z-2", date(2025, 5, 10), 20, "D02", "USD"),
        ("Z-1", date(2025, 5, 10), 10, "D01", "CNY"),
        ("Z-5", date(2025, 6, 5), 50, "D01", "CNY"),
    ):
        bookkeeper.pay(number, day, amount, dealer=dealer, currency=currency)


def open_on(now: Reading, day: date) -> list[tuple[str, str, int, int]]:
    return [
        (item.item, item.currency, item.amount_minor, item.functional_minor)
        for item in open_items(now, day).items
    ]


MAY = [("payments/Z-1", "CNY", -10, 0), ("payments/Z-2", "USD", -20, -140)]
JUNE = [
    MAY[0],
    ("payments/Z-5", "CNY", -50, 0),
    MAY[1],
    ("payments/Z-3", "USD", -30, -240),
    ("payments/Z-4", "USD", -40, -320),
]
ON_DAYS = {
    date(2025, 5, 9): [],
    date(2025, 5, 10): MAY,
    date(2025, 5, 31): MAY,
    date(2025, 6, 4): MAY,
    date(2025, 6, 5): JUNE,
    END: JUNE,
}


def test_items_keep_what_they_were_worth_stated_or_not(bookkeeper: Bookkeeper) -> None:
    """From those of now, from a statement of the month, and as of a position before it."""
    two_currencies(bookkeeper)
    position = bookkeeper.fold().reached

    def is_so(at: int | None) -> None:
        with bookkeeper.look(at) as now:
            for day, expected in ON_DAYS.items():
                assert open_on(now, day) == expected, (day, at)

    is_so(None)
    for month in ("2025-05", "2025-06"):
        bookkeeper.state(month, "D01")
        bookkeeper.state(month, "D02")
        is_so(None)
        is_so(position)
    bookkeeper.pay("Z-6", date(2025, 7, 1), 60, dealer="D02", currency="USD")
    is_so(None)
    is_so(position)


def test_of_one_dealer_its_items_are_found_alone(bookkeeper: Bookkeeper) -> None:
    two_currencies(bookkeeper)
    with bookkeeper.look() as now:
        whole = open_items(now, END).items
        for dealer in ("D01", "D02", "D03"):
            found = open_items(now, END, dealer).items
            assert found == tuple(item for item in whole if item.dealer == dealer)


@pytest.mark.parametrize("dealer", [None, "D02"])
def test_pages_of_items_skip_what_stands_before_them(
    bookkeeper: Bookkeeper, dealer: str | None
) -> None:
    two_currencies(bookkeeper)
    bookkeeper.state("2025-05", "D02")  # Some are found from a statement.
    with bookkeeper.look() as now:
        for day in (date(2025, 5, 31), END):
            whole = open_items(now, day, dealer).items
            for skip in range(len(whole) + 2):
                for limit in (1, 2, 9):
                    page = open_items(now, day, dealer, skip=skip, limit=limit).items
                    assert page == whole[skip : skip + limit]


def test_receivables_are_the_sums_of_their_items_by_dealer_and_by_currency(
    bookkeeper: Bookkeeper,
) -> None:
    two_currencies(bookkeeper)
    with bookkeeper.look() as now:
        found = receivables(now, END)
        early = receivables(now, date(2025, 5, 9))
    assert [(each.dealer, each.currency, each.functional_minor) for each in found.dealers] == [
        ("D01", "CNY", 0), ("D02", "USD", -700),
    ]  # fmt: skip
    assert [sum(each.open_by_age) for each in found.dealers] == [-60, -90]
    # On 30 June those of 10 May are 51 days old, and those of 5 June 25.
    assert found.dealers[1].open_by_age == OpenByAge(days_0_30=-70, days_31_60=-20)
    assert found.totals == tuple(each._replace(dealer="") for each in found.dealers)
    assert (early.dealers, early.totals) == ((), ())
