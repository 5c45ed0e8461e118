"""A dealer's months by hand: sales, payments, late entries, and what is open at each month's end.

A sale of 10 P-1 is 100.00 plus 13 % tax: 113.00, due 30 days later.
"""

from datetime import date

import pytest

from domain.clearing import Allocation
from projections.dealers.dealer_statement import (
    DealerStatement,
    StatementDiffers,
    dealer_statement,
)
from projections.dealers.open_items import OpenByAge, by_age, open_items
from projections.engine.reading import Reading
from projections.engine.schemas import schemas
from tests.projections.bookkeeping import Bookkeeper

JUNE = date(2025, 6, 30)


def a_small_history(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 1_000, 800)
    bookkeeper.sell("S-1", date(2025, 5, 5), "P-1", 10)
    bookkeeper.sell("S-2", date(2025, 6, 1), "P-1", 20)
    bookkeeper.sell("S-3", date(2025, 6, 10), "P-1", 30)
    bookkeeper.pay("Z-1", date(2025, 6, 20), 15_000)
    bookkeeper.sell("S-9", date(2025, 6, 10), "P-1", 50, dealer="D02")


def statement(now: Reading, month: str) -> DealerStatement:
    found = dealer_statement(now, "D01", month)
    assert found is not None
    assert sum(item.amount_minor for item in found.open_items) == found.closing_minor
    return found


def test_the_month_opens_with_the_last_closing_and_closes_with_its_open_items(
    bookkeeper: Bookkeeper,
) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        june = statement(now, "2025-06")
        july = statement(now, "2025-07")
    assert june.opening_minor == 11_300
    assert [(r.fact, r.document, r.debit_minor, r.credit_minor) for r in june.rows] == [
        ("SaleInvoiced", "S-2", 22_600, 0),
        ("SaleInvoiced", "S-3", 33_900, 0),
        ("PaymentReceived", "Z-1", 0, 15_000),
    ]
    assert (june.debit_minor, june.credit_minor, june.closing_minor) == (56_500, 15_000, 52_800)
    # The payment cleared S-1 and 37.00 of S-2: both are named with what is left.
    assert [(i.item, i.amount_minor, i.due_on) for i in june.open_items] == [
        ("sales/S-2", 18_900, date(2025, 7, 1)),
        ("sales/S-3", 33_900, date(2025, 7, 10)),
    ]
    assert (july.opening_minor, july.rows, july.closing_minor) == (52_800, (), 52_800)
    assert july.open_by_age == OpenByAge(days_0_30=52_800)
    assert june.open_by_age == OpenByAge(not_due=52_800)


def test_a_dealer_without_an_account_has_no_statement(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        assert dealer_statement(now, "D99", "2025-06") is None
        empty = dealer_statement(now, "D02", "2025-05")
    assert empty is not None
    assert (empty.closing_minor, empty.rows) == (0, ())


def test_a_closed_statement_equals_its_content_hash(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    bookkeeper.state("2025-05")
    with bookkeeper.look() as now:
        provisional = statement(now, "2025-06")
    assert provisional.issued is None
    bookkeeper.state("2025-06")
    with bookkeeper.look() as now:
        june = statement(now, "2025-06")
    assert june.issued is not None
    issued = june.issued.statement
    assert issued.content_hash == june.content_hash == provisional.content_hash
    assert issued.opening_minor == june.opening_minor
    assert issued.closing_minor == june.closing_minor
    assert (issued.debit_minor, issued.credit_minor) == (june.debit_minor, june.credit_minor)
    assert (issued.first_version, issued.last_version) == (
        june.rows[0].version,
        june.rows[-1].version,
    )


def test_an_issued_statement_of_which_a_row_was_changed_is_not_shown(
    bookkeeper: Bookkeeper,
) -> None:
    """Control: a month that is not issued has no hash to differ from."""
    a_small_history(bookkeeper)
    bookkeeper.state("2025-05")
    bookkeeper.state("2025-06")
    with bookkeeper.look() as now:
        issued = statement(now, "2025-06").issued
    assert issued is not None
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(
            f"UPDATE views_of_{bookkeeper.book}.statement_rows SET document = 'S-4'"
            " WHERE document = 'S-2'"
        )
        assert c.rowcount == 1
    with bookkeeper.look() as now:
        with pytest.raises(StatementDiffers, match=issued.statement.content_hash) as differs:
            dealer_statement(now, "D01", "2025-06")
        before = dealer_statement(now.as_of(issued.position - 1), "D01", "2025-06")
    assert differs.value.position == issued.position
    assert before is not None
    assert before.content_hash == differs.value.shown


def test_a_late_sale_stands_on_the_next_statement_and_is_marked(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    bookkeeper.state("2025-05")
    bookkeeper.state("2025-06")
    with bookkeeper.look() as now:
        stated = statement(now, "2025-06")
    bookkeeper.sell("S-4", date(2025, 6, 29), "P-1", 1)
    bookkeeper.sell("S-5", date(2025, 7, 2), "P-1", 1)
    with bookkeeper.look() as now:
        june, july = statement(now, "2025-06"), statement(now, "2025-07")
    assert june.rows == stated.rows
    assert june.open_items == stated.open_items
    assert june.content_hash == stated.content_hash
    assert [(r.document, r.prior_period) for r in july.rows] == [("S-4", True), ("S-5", False)]
    assert july.opening_minor == june.closing_minor


def test_a_late_entry_into_a_hard_closed_month_is_marked_prior_period(
    bookkeeper: Bookkeeper,
) -> None:
    a_small_history(bookkeeper)
    bookkeeper.close("2025-06")
    bookkeeper.pay_late("Z-2", date(2025, 6, 25), 1_000)
    with bookkeeper.look() as now:
        (row,) = statement(now, "2025-07").rows
    assert (row.effective_on, row.occurred_on) == (date(2025, 7, 1), date(2025, 6, 25))
    assert row.prior_period


def test_a_payment_that_is_older_than_what_it_pays_is_open_itself_until_then(
    bookkeeper: Bookkeeper,
) -> None:
    a_small_history(bookkeeper)
    bookkeeper.sell("S-7", date(2025, 8, 1), "P-1", 10)
    early = (Allocation("sales/S-7", 11_300),)
    bookkeeper.pay("Z-7", date(2025, 7, 15), 11_300, allocations=early)
    with bookkeeper.look() as now:
        july, august = statement(now, "2025-07"), statement(now, "2025-08")
    assert ("payments/Z-7", -11_300, date(2025, 7, 15)) in [
        (i.item, i.amount_minor, i.due_on) for i in july.open_items
    ]
    assert "sales/S-7" not in [i.item for i in july.open_items]
    assert {"sales/S-7", "payments/Z-7"}.isdisjoint(i.item for i in august.open_items)
    assert [(r.fact, r.document, r.debit_minor, r.credit_minor) for r in august.rows] == [
        ("SaleInvoiced", "S-7", 11_300, 0),
        ("CreditAllocated", "Z-7", 0, 0),
    ]


def test_an_overpayment_stays_open_in_the_dealers_favour(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    bookkeeper.pay("Z-8", date(2025, 6, 30), 60_000)
    with bookkeeper.look() as now:
        june = statement(now, "2025-06")
    assert june.closing_minor == -7_200
    assert [(i.item, i.amount_minor) for i in june.open_items] == [("payments/Z-8", -7_200)]


def test_open_items_stand_as_of_any_day_and_position(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        all_items = open_items(now, JUNE)
        first_days = open_items(now, date(2025, 6, 5), "D01")
        position = now.position
    assert [(i.dealer, i.item) for i in all_items.items] == [
        ("D01", "sales/S-2"),
        ("D01", "sales/S-3"),
        ("D02", "sales/S-9"),
    ]
    assert [(i.item, i.amount_minor) for i in first_days.items] == [
        ("sales/S-1", 11_300),
        ("sales/S-2", 22_600),
    ]
    bookkeeper.pay("Z-3", date(2025, 6, 2), 22_600)
    with bookkeeper.look(position) as then:
        assert open_items(then, date(2025, 6, 5), "D01") == first_days
    with bookkeeper.look() as now:
        assert open_items(now, date(2025, 6, 5), "D01").items != first_days.items


def test_what_was_open_long_ago_is_found_from_the_month_stated_before(
    bookkeeper: Bookkeeper,
) -> None:
    """A late sale counts on its day, though on no statement of its month."""
    a_small_history(bookkeeper)
    for month in ("2025-05", "2025-06"):
        bookkeeper.state(month)
    bookkeeper.sell("S-4", date(2025, 6, 12), "P-1", 1)
    days = (date(2025, 5, 4), date(2025, 5, 5), date(2025, 6, 11), date(2025, 6, 12), JUNE)

    def found() -> dict[date, list[tuple[str, int]]]:
        with bookkeeper.look() as now:
            items = {day: open_items(now, day).items for day in days}
        return {day: [(i.item, i.amount_minor) for i in of] for day, of in items.items()}

    with bookkeeper.look() as now:
        position = now.position
    expected = found()
    assert expected == {
        days[0]: [],
        days[1]: [("sales/S-1", 11_300)],
        days[2]: [("sales/S-1", 11_300), ("sales/S-2", 22_600), ("sales/S-3", 33_900),
                  ("sales/S-9", 56_500)],
        days[3]: [("sales/S-1", 11_300), ("sales/S-2", 22_600), ("sales/S-3", 33_900),
                  ("sales/S-4", 1_130), ("sales/S-9", 56_500)],
        JUNE: [("sales/S-2", 18_900), ("sales/S-3", 33_900), ("sales/S-4", 1_130),
               ("sales/S-9", 56_500)],
    }  # fmt: skip
    bookkeeper.pay("Z-3", date(2025, 7, 2), 53_930)
    bookkeeper.state("2025-07")
    assert found() == expected
    with bookkeeper.look(position) as then:
        assert [i.item for i in open_items(then, JUNE, "D01").items] == [
            item for item, _ in expected[JUNE] if item != "sales/S-9"
        ]
    # The control: what was open then is told by the view.
    with bookkeeper.connect() as connection, connection.cursor() as c:
        c.execute(f"DELETE FROM {schemas(bookkeeper.book).views}.stated_items")
        assert c.rowcount == 3  # One item at the end of May, two at that of June.
    assert found() != expected


def test_the_due_date_itself_is_day_zero(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        items = [i for i in open_items(now, JUNE).items if i.item == "sales/S-9"]
    due = items[0].due_on.toordinal()
    names = {-1: "not_due", 0: "days_0_30", 30: "days_0_30", 31: "days_31_60", 60: "days_31_60",
             61: "days_61_90", 90: "days_61_90", 91: "days_91_180", 180: "days_91_180",
             181: "over_180"}  # fmt: skip
    for days, bucket in names.items():
        sums = by_age(items, date.fromordinal(due + days))
        assert getattr(sums, bucket) == 56_500, f"{days} days after the due date"
        assert sum(sums) == 56_500
