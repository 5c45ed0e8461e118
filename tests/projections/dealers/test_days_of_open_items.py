"""On no day is an item open, or cleared, before it is there: money waits as an item of its own.

A sale of one P-1 is 10.00 plus 13 % tax: 11.30, due 30 days later. Each case is looked at again
when its months have been stated: no answer may change with where it is taken from.
"""

from datetime import date
from typing import Any

from domain.clearing import Allocation
from domain.use_cases import settling
from domain.use_cases.booking import Occurrence
from projections.dealers.dealer_statement import DealerStatement, dealer_statement
from projections.dealers.open_items import OpenByAge, by_age, open_items
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.claims.test_pending_claims import adjudicate, submit
from tests.small_maker import SmallMaker, SoldMachine, policy

ONE = 1_130
Items = list[tuple[str, int]]


def on_days(book: Bookkeeper, *days: date) -> list[Items]:
    """What D01 has open at the end of each day."""
    with book.look() as now:
        return [
            [(item.item, item.amount_minor) for item in open_items(now, day, "D01").items]
            for day in days
        ]


def statement(book: Bookkeeper, month: str) -> DealerStatement:
    with book.look() as now:
        found = dealer_statement(now, "D01", month)
    assert found is not None
    assert sum(item.amount_minor for item in found.open_items) == found.closing_minor
    return found


def paid_before_the_invoices(book: Bookkeeper) -> None:
    """One and two pieces were sold in July and paid for in June: with the item named, and not."""
    book.open_for_business()
    book.buy("R-1", date(2025, 1, 10), "P-1", 1_000, 800)
    book.sell("S-1", date(2025, 7, 10), "P-1", 1)
    book.sell("S-2", date(2025, 7, 12), "P-1", 2)
    book.pay("Z-1", date(2025, 6, 25), ONE, allocations=(Allocation("sales/S-1", ONE),))
    book.pay("Z-2", date(2025, 6, 26), 2 * ONE)


PAID_ON = {
    date(2025, 6, 24): [],
    date(2025, 6, 25): [("payments/Z-1", -ONE)],
    date(2025, 6, 30): [("payments/Z-1", -ONE), ("payments/Z-2", -2 * ONE)],
    date(2025, 7, 9): [("payments/Z-1", -ONE), ("payments/Z-2", -2 * ONE)],
    date(2025, 7, 10): [("payments/Z-2", -2 * ONE)],
    date(2025, 7, 11): [("payments/Z-2", -2 * ONE)],
    date(2025, 7, 12): [],
}


def test_a_payment_before_its_invoice_is_an_item_until_the_invoice_is_there(
    bookkeeper: Bookkeeper,
) -> None:
    paid_before_the_invoices(bookkeeper)
    assert on_days(bookkeeper, *PAID_ON) == list(PAID_ON.values())
    with bookkeeper.look() as now:
        position, june = now.position, open_items(now, date(2025, 6, 30), "D01")
    assert by_age(june.items, date(2025, 6, 30)) == OpenByAge(days_0_30=-3 * ONE)

    bookkeeper.state("2025-06")
    assert on_days(bookkeeper, *PAID_ON) == list(PAID_ON.values())
    bookkeeper.state("2025-07")

    assert on_days(bookkeeper, *PAID_ON) == list(PAID_ON.values())
    with bookkeeper.look(position) as then:
        assert open_items(then, date(2025, 6, 30), "D01") == june


def test_the_statement_of_june_has_the_payments_and_that_of_july_what_they_pay(
    bookkeeper: Bookkeeper,
) -> None:
    paid_before_the_invoices(bookkeeper)
    provisional = statement(bookkeeper, "2025-06")
    for month in ("2025-06", "2025-07"):
        bookkeeper.state(month)

    june, july = statement(bookkeeper, "2025-06"), statement(bookkeeper, "2025-07")

    assert (june.closing_minor, june.open_by_age) == (-3 * ONE, OpenByAge(days_0_30=-3 * ONE))
    assert june.rows == provisional.rows
    assert [(row.fact, row.document) for row in june.rows] == [
        ("PaymentReceived", "Z-1"), ("PaymentReceived", "Z-2"),
    ]  # fmt: skip
    assert [(row.fact, row.document, row.net_minor) for row in july.rows] == [
        ("SaleInvoiced", "S-1", ONE), ("SaleInvoiced", "S-2", 2 * ONE),
        ("CreditAllocated", "Z-1", 0), ("CreditAllocated", "Z-2", 0),
    ]  # fmt: skip
    assert (july.opening_minor, july.closing_minor, july.open_items) == (-3 * ONE, 0, ())
    for stated in (june, july):
        assert stated.issued is not None
        assert stated.content_hash == stated.issued.statement.content_hash


def test_a_claim_decided_after_the_netting_is_no_item_before_its_credit(
    bookkeeper: Bookkeeper,
) -> None:
    """July is closed on 10 August. S-2 is sold on the 20th, and C-1 credited on the 25th."""
    book = bookkeeper
    machine = SoldMachine("ZY55", "D01", date(2025, 1, 1), "Zhao")
    maker = SmallMaker(policies={"ZY55": policy()}, machines={"M-1": machine})
    book.open_for_business(maker)
    book.buy("R-1", date(2025, 1, 10), "P-1", 1_000, 800)
    book.sell("S-1", date(2025, 7, 10), "P-1", 100)
    book.sell("S-2", date(2025, 8, 20), "P-1", 1)
    submit(book, "C-1", date(2025, 8, 12))
    adjudicate(book, "C-1", date(2025, 8, 25), (80_000, 20_000))
    book.state("2025-07")
    with book.look() as now:
        stated = dealer_statement(now, "D01", "2025-07")
    assert stated is not None
    step: dict[str, Any] = {
        "number": "D01/2025-07", "occurrence": Occurrence(date(2025, 8, 10), "SE-1"),
    }  # fmt: skip
    book.do(settling.review_statement, actor="li", **step)
    book.do(settling.confirm_statement, content_hash=stated.content_hash, **step)
    book.do(settling.invoice_settlement, sales_invoice="SI-1", claims_invoice="CI-1", **step)
    book.do(settling.close_settlement, **step)

    s_1, s_2 = ("sales/S-1", 100 * ONE), ("sales/S-2", ONE)
    expected: dict[date, Items] = {
        date(2025, 8, 9): [s_1],
        date(2025, 8, 10): [s_1],
        date(2025, 8, 20): [s_1, s_2],
        date(2025, 8, 24): [s_1, s_2],
        date(2025, 8, 25): [("sales/S-1", 100 * ONE - 100_000), s_2],
    }
    assert on_days(book, *expected) == list(expected.values())
    book.state("2025-08")
    assert on_days(book, *expected) == list(expected.values())
    august = statement(book, "2025-08")
    assert [(row.fact, row.effective_on.day, row.net_minor) for row in august.rows] == [
        ("SaleInvoiced", 20, ONE), ("ClaimCredited", 25, -100_000), ("ItemsNetted", 25, 0),
    ]  # fmt: skip
