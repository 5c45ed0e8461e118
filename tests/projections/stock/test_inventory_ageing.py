"""Ageing by hand: a few receipts, a transfer and a sale, and what lies where since when."""

from datetime import date

from projections.engine.schemas import schemas
from projections.stock.inventory_ageing import Age, Bucket, InventoryAgeing, inventory_ageing
from projections.stock.layers_on_hand import layers_on_hand
from tests.projections.bookkeeping import Bookkeeper

NONE = Bucket()


def a_small_history(bookkeeper: Bookkeeper) -> None:
    """100 old pieces at 8.00 and 20 younger at 9.00 at W01; 30 of the old go to W02."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.buy("R-2", date(2025, 6, 1), "P-1", 20, 900)
    bookkeeper.dispatch("T-1", date(2025, 6, 10), "P-1", 30)
    bookkeeper.receive("T-1", date(2025, 6, 20))
    bookkeeper.sell("S-1", date(2025, 6, 25), "P-1", 60)


def test_stock_is_aged_from_its_origin_wherever_it_lies(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        report = inventory_ageing(now, date(2025, 6, 30))
    w01, w02 = report.rows
    # W01 has 100 − 30 − 60 old pieces of 171 days, and 20 of 29 days.
    assert w01.place == "W01"
    assert w01.buckets == (Bucket(20, 18_000), NONE, NONE, Bucket(10, 8_000), NONE, NONE)
    # W02 got old pieces ten days ago: they are as old as before.
    assert w02.place == "W02"
    assert w02.buckets == (NONE, NONE, NONE, Bucket(30, 24_000), NONE, NONE)
    assert report.total.quantity == 60
    assert report.total.value_minor == 50_000
    assert report.total.young_share_basis_points == 3_600  # 18,000 of 50,000.
    assert report.target_met is False


def test_dwell_counts_from_the_arrival_at_the_place(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        report = inventory_ageing(now, date(2025, 6, 30), Age.ARRIVAL)
    assert report.rows[1].place == "W02"
    assert report.rows[1].buckets[0] == Bucket(30, 24_000)
    assert report.rows[0].buckets[3] == Bucket(10, 8_000)


def test_what_is_on_its_way_has_a_row_of_its_own(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        origin = inventory_ageing(now, date(2025, 6, 15))
        dwell = inventory_ageing(now, date(2025, 6, 15), Age.ARRIVAL)
    assert [row.place for row in origin.rows] == ["@in-transit", "W01"]
    assert origin.rows[0].buckets[3] == Bucket(30, 24_000)
    assert dwell.rows[0].buckets[0] == Bucket(30, 24_000)


def test_the_last_day_of_a_bucket_still_counts_to_it(bookkeeper: Bookkeeper) -> None:
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 1), "P-1", 1, 100)
    first_days = {30: 0, 31: 1, 60: 1, 61: 2, 90: 2, 91: 3, 180: 3, 181: 4, 365: 4, 366: 5}
    with bookkeeper.look() as now:
        for days, bucket in first_days.items():
            day = date.fromordinal(date(2025, 1, 1).toordinal() + days)
            (row,) = inventory_ageing(now, day).rows
            assert [b.quantity for b in row.buckets].index(1) == bucket, f"{days} days"


def test_it_is_narrowed_down_to_a_place_and_shown_by_part(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    bookkeeper.buy("R-3", date(2025, 6, 1), "P-2", 5, 4_000)
    with bookkeeper.look() as now:
        report = inventory_ageing(now, date(2025, 6, 30), by_part=True, places=["W01"])
        narrowed = inventory_ageing(now, date(2025, 6, 30), parts=["P-2"])
    assert [(row.place, row.part, row.quantity) for row in report.rows] == [
        ("W01", "P-1", 30),
        ("W01", "P-2", 5),
    ]
    assert [(row.place, row.value_minor) for row in narrowed.rows] == [("W01", 20_000)]
    assert narrowed.target_met is True


def test_a_day_before_all_stock_shows_none_and_no_share(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        report = inventory_ageing(now, date(2024, 12, 31))
    assert report.rows == ()
    assert report.total.buckets == (NONE,) * 6
    assert report.total.young_share_basis_points is None
    assert report.target_met is None, "of nothing there is no answer"


def test_what_was_printed_does_not_change_when_a_back_dated_receipt_comes(
    bookkeeper: Bookkeeper,
) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        printed = inventory_ageing(now, date(2025, 6, 30))
    bookkeeper.buy("R-9", date(2025, 3, 1), "P-1", 7, 700)
    with bookkeeper.look(printed.as_of_position) as then:
        assert inventory_ageing(then, date(2025, 6, 30)) == printed
    with bookkeeper.look() as now:
        today = inventory_ageing(now, date(2025, 6, 30))
    assert today.as_of_position > printed.as_of_position
    assert today.total.value_minor == printed.total.value_minor + 7 * 700


def test_a_later_movement_does_not_change_an_earlier_day(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        before = inventory_ageing(now, date(2025, 6, 30)).rows
    bookkeeper.sell("S-2", date(2025, 7, 1), "P-1", 30)
    with bookkeeper.look() as now:
        assert inventory_ageing(now, date(2025, 6, 30)).rows == before
        assert inventory_ageing(now, date(2025, 7, 1)).rows != before


def test_stock_on_hand_lists_layers_in_order_of_consumption(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        layers = layers_on_hand(now, date(2025, 6, 30), places=["W01"], parts=["P-1"])
    assert [(layer.origin_on, layer.quantity) for layer in layers] == [
        (date(2025, 1, 10), 10),
        (date(2025, 6, 1), 20),
    ]


def by_part(bookkeeper: Bookkeeper, day: date) -> InventoryAgeing:
    with bookkeeper.look() as now:
        return inventory_ageing(now, day, Age.ARRIVAL, by_part=True)


def test_closing_a_month_changes_no_ageing_of_any_day(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    bookkeeper.buy("R-3", date(2025, 7, 4), "P-2", 5, 4_000)
    days = [date(2025, 1, 31), date(2025, 6, 15), date(2025, 6, 30), date(2025, 7, 31)]
    before = [by_part(bookkeeper, day) for day in days]
    bookkeeper.close("2025-06")  # And all before it: January is the first that has stock.
    after = [by_part(bookkeeper, day) for day in days]
    assert [found.rows for found in after] == [found.rows for found in before]
    assert before[0].total.quantity == 100

    bookkeeper.sell("S-2", date(2025, 7, 20), "P-2", 2)
    assert [by_part(bookkeeper, day).rows for day in days[:3]] == [each.rows for each in before[:3]]
    assert by_part(bookkeeper, days[3]).total.quantity == before[3].total.quantity - 2
    with bookkeeper.look(before[0].as_of_position) as then:  # Nothing was closed by then.
        assert inventory_ageing(then, days[2], Age.ARRIVAL, by_part=True) == before[2]


def test_what_a_closed_month_left_is_where_a_later_day_begins(bookkeeper: Bookkeeper) -> None:
    """The control: without it, only the lines since are found."""
    a_small_history(bookkeeper)
    bookkeeper.buy("R-3", date(2025, 7, 4), "P-2", 5, 4_000)
    bookkeeper.close("2025-06")
    assert by_part(bookkeeper, date(2025, 7, 31)).total.quantity == 65
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(schemas(bookkeeper.book).sql("DELETE FROM {views}.closed_stock"))
        assert c.rowcount > 0
    assert by_part(bookkeeper, date(2025, 7, 31)).total.quantity == 5
    assert by_part(bookkeeper, date(2025, 6, 30)).rows == ()
