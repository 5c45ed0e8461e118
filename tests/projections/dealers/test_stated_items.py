"""What is open at the end of a stated month: in the dealer's currency, and in the book's if that is
another one.

A sale of 10 P-1 is 100.00 plus 13 % tax: 113.00; in dollars, of which each is 7 yuan, too.
"""

from datetime import date
from decimal import Decimal

from tests.projections.bookkeeping import Bookkeeper
from tests.small_maker import SmallMaker, terms

ROWS = """
    SELECT party, month, account, item, currency, amount_minor::bigint, functional_minor::bigint
    FROM {views}.stated_items ORDER BY party, month, item
"""


def test_each_item_stands_at_the_end_of_each_month_with_what_is_left_of_it(
    bookkeeper: Bookkeeper,
) -> None:
    """All months are folded at once. Of the dealers, one is paid in May, the other in June."""
    dollars = {"USD": {date(2024, 1, 1): Decimal(7)}}
    bookkeeper.open_for_business(
        SmallMaker(
            dealers={"D01": terms("USD"), "D02": terms()}, other_lists=("USD",),
            exchange_rates=dollars,
        )
    )  # fmt: skip
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    for number, dealer in (("S-1", "D01"), ("S-2", "D02"), ("S-3", "D01")):
        bookkeeper.sell(number, date(2025, 5, 5), "P-1", 10, dealer=dealer)
    bookkeeper.pay("Z-1", date(2025, 5, 20), 1_300, currency="USD")
    for dealer in ("D01", "D02"):
        bookkeeper.state("2025-05", dealer)
    bookkeeper.pay("Z-2", date(2025, 6, 20), 300, dealer="D02")
    bookkeeper.pay("Z-3", date(2025, 6, 21), 11_000, dealer="D02")
    bookkeeper.pay("Z-4", date(2025, 6, 21), 500, currency="USD")
    for dealer in ("D02", "D01"):
        bookkeeper.state("2025-06", dealer)

    with bookkeeper.look() as now:
        found = now.select(ROWS, {})

    assert found == [
        ("dealers/D01", "2025-05", "1122", "sales/S-1", "USD", 10_000, 70_000),
        ("dealers/D01", "2025-05", "1122", "sales/S-3", "USD", 11_300, 79_100),
        ("dealers/D01", "2025-06", "1122", "sales/S-1", "USD", 9_500, 66_500),
        ("dealers/D01", "2025-06", "1122", "sales/S-3", "USD", 11_300, 79_100),
        ("dealers/D02", "2025-05", "1122", "sales/S-2", "CNY", 11_300, 0),
    ]
