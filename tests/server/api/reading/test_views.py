"""Ageing, stock, statements and the trial balance over the wire: now, then, and of any day."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import grpc
import psycopg2
import pytest
from psycopg2 import sql

from projections.engine.schemas import schemas
from server.app import App
from tests.on_the_wire import day, minor, money, on
from tests.server.api.reading.front_desk import FrontDesk, Refused


@pytest.fixture
def shop(desk: FrontDesk) -> FrontDesk:
    """As `standing`, for tests that go on trading."""
    desk.open_for_business()
    desk.trade()
    return desk


def head(desk: FrontDesk) -> int:
    return int(desk.call("View.GetViewStatus").head_position)


def test_ageing_tells_age_and_dwell_of_the_same_pieces(shop: FrontDesk) -> None:
    shop.request_transfer("T-1", "2025-07-01", "P-1", 2)
    shop.dispatch("T-1", "2025-07-01")
    last = shop.receive("T-1", "2025-07-02", "P-1", 1).receipt.last_position

    ageing = shop.call("Ageing.GetInventoryAgeing", as_of_date=day("2025-07-10"), min_position=last)

    rows = {row.place.rpartition("/")[2]: row for row in ageing.rows}
    assert list(rows) == ["@in-transit", "W01", "W02"]
    assert [(b.from_days, b.to_days) for b in rows["W02"].age] == [
        (0, 30), (31, 60), (61, 90), (91, 180), (181, 365), (366, 0)
    ]  # fmt: skip
    assert [b.quantity for b in rows["W02"].age] == [0, 0, 0, 0, 1, 0]
    assert [b.quantity for b in rows["W02"].dwell] == [1, 0, 0, 0, 0, 0]
    assert (rows["W01"].quantity, minor(rows["W01"].value)) == (15, 5 * 600 + 10 * 800)
    assert (ageing.total.quantity, ageing.total.place) == (17, "")
    assert ageing.total.share_under_three_months_basis_points == 6_557  # 80.00 of 122.00.
    assert (ageing.target_basis_points, ageing.target_met) == (8_000, False)
    assert ageing.HasField("target_met")
    empty = shop.call("Ageing.GetInventoryAgeing", as_of_date=day("2024-07-10"), min_position=last)
    assert not empty.HasField("target_met"), "where nothing lies, nothing is said"


def test_ageing_is_of_the_places_and_parts_asked_for(shop: FrontDesk) -> None:
    last = shop.buy("B-3", "2025-07-01", "P-2", 1, 40).receipt.last_position

    def rows(**fields: Any) -> list[tuple[str, str, int]]:
        ageing = shop.call("Ageing.GetInventoryAgeing", min_position=last, **fields)
        return [(r.place[-3:], r.part.rpartition("/")[2], r.quantity) for r in ageing.rows]

    assert rows() == [("W01", "", 17)]
    assert rows(by_part=True) == [("W01", "P-1", 16), ("W01", "P-2", 1)]
    assert rows(parts=[shop.name("parts/P-2")]) == [("W01", "", 1)]
    assert rows(places=[shop.name("places/W02")]) == []
    assert rows(places=[shop.name("places/@in-transit")]) == []
    with pytest.raises(Refused) as refusal:
        rows(places=[shop.name("places/W02"), shop.name("places/@nowhere")])
    assert refusal.value.facts["field"] == "places[1]"


def test_a_read_as_of_a_past_position_knows_nothing_of_what_came_later(shop: FrontDesk) -> None:
    then = head(shop)
    last = shop.sell("S-3", "2025-07-20", "P-1", 5).receipt.last_position

    def pieces(**fields: Any) -> int:
        ageing = shop.call("Ageing.GetInventoryAgeing", **fields)
        assert ageing.as_of_position == fields.get("as_of_position", last)
        return int(ageing.total.quantity)

    assert pieces(min_position=last) == 11
    assert pieces(as_of_position=then) == 16


def test_a_read_as_of_a_past_day_leaves_out_what_counts_later(standing: FrontDesk) -> None:
    last = head(standing)

    def sold(**fields: Any) -> list[int]:
        balance = standing.call("Statement.GetTrialBalance", min_position=last, **fields)
        assert [minor(difference) for difference in balance.differences] == [0]
        return [minor(a.balance) for a in balance.accounts if a.account == "6001"]

    assert sold() == [-4_000]
    assert sold(as_of_date=day("2025-07-01")) == [-3_000]
    assert sold(as_of_date=day("2025-06-30")) == []


def test_the_trial_balance_is_divided_by_party_when_asked(standing: FrontDesk) -> None:
    balance = standing.call("Statement.GetTrialBalance", by_party=True, min_position=head(standing))

    receivable = {a.party: minor(a.debit) for a in balance.accounts if a.account == "1122"}
    assert receivable == {"dealers/D01": 3_390, "dealers/D02": 1_130}
    assert {a.title for a in balance.accounts if a.account == "1122"} != {""}


@contextmanager
def views_held(app: App) -> Iterator[None]:
    """Nobody can move the views on; whoever reads them is not in the way."""
    with closing(psycopg2.connect(app.database_url)) as holder, holder.cursor() as c:
        views = sql.Identifier(schemas(app.reads.schema).views, "positions")
        c.execute(sql.SQL("SELECT FROM {} FOR UPDATE").format(views))
        yield


def test_reading_ones_own_write_waits_for_the_views(app: App, shop: FrontDesk) -> None:
    with views_held(app):
        last = shop.sell("S-3", "2025-07-20", "P-1", 5).receipt.last_position
        assert shop.call("Ageing.GetInventoryAgeing").as_of_position < last  # The control.
        with pytest.raises(Refused) as refusal:
            shop.call("Ageing.GetInventoryAgeing", min_position=last, timeout=1)
    assert refusal.value.reason == "VIEWS_BEHIND"
    assert refusal.value.code is grpc.StatusCode.UNAVAILABLE

    assert shop.call("Ageing.GetInventoryAgeing", min_position=last).as_of_position >= last


def test_a_statement_runs_from_opening_to_closing(shop: FrontDesk) -> None:
    payment = {"dealer": shop.name("dealers/D01"), "amount": money(1_050)}
    paid = shop.call(
        "Payment.CreatePayment", payment_id="Z-1", payment=payment, occurrence=on("2025-08-02")
    )
    name = shop.name("dealers/D01/statements/2025-08")

    answer = shop.call("Statement.GetStatement", name=name, min_position=paid.receipt.last_position)

    statement = answer.statement
    assert (statement.name, statement.month, statement.currency) == (name, "2025-08", "CNY")
    assert [minor(a) for a in (statement.opening, statement.debit, statement.credit)] == [
        3_390, 0, 1_050
    ]  # fmt: skip
    assert minor(statement.closing) == 2_340 == sum(minor(i.amount) for i in statement.open_items)
    [line] = statement.lines
    assert (line.kind, minor(line.credit), minor(line.balance)) == ("PaymentReceived", 1_050, 2_340)
    assert shop.call("Entry.GetEntry", name=line.entry).entry.stream == "accounts/D01"
    assert statement.open_items[0].days_overdue == 31
    assert minor(statement.open_by_age.days_31_to_60) == 2_340
    assert statement.state == 1
    assert not statement.HasField("issue_time")


def test_an_issued_statement_is_what_was_issued(shop: FrontDesk) -> None:
    parent = shop.name("dealers/D01")
    issued = shop.call(
        "Settlement.IssueStatement", parent=parent, month="2025-07", occurrence=on("2025-08-01")
    )

    statement = shop.call(
        "Statement.GetStatement",
        name=f"{parent}/statements/2025-07", min_position=issued.receipt.last_position,
    ).statement  # fmt: skip

    assert statement.state == 2
    assert statement.content_hash == issued.settlement.content_hash
    assert statement.issue_time == issued.receipt.record_time


def test_an_issued_statement_that_reads_otherwise_is_refused(app: App, shop: FrontDesk) -> None:
    parent = shop.name("dealers/D01")
    issued = shop.call(
        "Settlement.IssueStatement", parent=parent, month="2025-07", occurrence=on("2025-08-01")
    )
    wanted = {
        "name": f"{parent}/statements/2025-07", "min_position": issued.receipt.last_position,
    }  # fmt: skip
    assert shop.call("Statement.GetStatement", **wanted)  # The control.
    with closing(psycopg2.connect(app.database_url)) as opened, opened, opened.cursor() as c:
        rows = sql.Identifier(schemas(app.reads.schema).views, "statement_rows")
        c.execute(sql.SQL("UPDATE {} SET net_minor = net_minor + 1").format(rows))

    with pytest.raises(Refused) as refusal:
        shop.call("Statement.GetStatement", **wanted)

    assert (refusal.value.code, refusal.value.reason) == (
        grpc.StatusCode.DATA_LOSS, "STATEMENT_DIFFERS",
    )  # fmt: skip
    assert refusal.value.facts["issued"] == issued.settlement.content_hash
    assert refusal.value.facts["shown"] != issued.settlement.content_hash


@pytest.mark.parametrize(
    ("method", "fields", "reason"),
    [
        ("Statement.GetStatement", {"name": "dealers/D99/statements/2025-07"}, "NOT_FOUND"),
        ("Statement.GetStatement", {"name": "dealers/D01/statements/2025-13"}, "INVALID_VALUE"),
        ("Statement.ListOpenItems", {"parent": "dealers/D99"}, "NOT_FOUND"),
        ("Statement.ListOpenItems", {"parent": "dealers"}, "INVALID_VALUE"),
        ("Stock.GetStockItem", {"name": "places/W02/stock/P-1"}, "NOT_FOUND"),
        ("Stock.ListStockItems", {"parent": "places/W 1"}, "INVALID_VALUE"),
        ("Entry.GetEntry", {"name": "entries/999"}, "NOT_FOUND"),
        ("Entry.GetEntry", {"name": "entries/0"}, "INVALID_VALUE"),
    ],
)
def test_what_does_not_exist_or_cannot_is_refused(
    standing: FrontDesk, method: str, fields: dict[str, str], reason: str
) -> None:
    named: dict[str, Any] = {field: standing.name(path) for field, path in fields.items()}
    with pytest.raises(Refused) as refusal:
        standing.call(method, **named)

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "method",
    [
        "Ageing.GetInventoryAgeing",
        "Statement.GetTrialBalance",
        "Entry.ListEntries",
        "View.GetViewStatus",
    ],
)
def test_another_book_is_unknown_here(standing: FrontDesk, method: str) -> None:
    standing.call(method)
    with pytest.raises(Refused) as refusal:
        standing.call(method, parent="books/elsewhere")

    assert (refusal.value.code, refusal.value.reason) == (
        grpc.StatusCode.NOT_FOUND,
        "BOOK_UNKNOWN",
    )


def test_open_items_come_in_pages_of_one_day_and_position(shop: FrontDesk) -> None:
    for number in range(3, 8):
        shop.sell(f"S-{number}", "2025-07-20", "P-1", 1)
    last, seen = head(shop), []
    for page in shop.pages(
        "Statement.ListOpenItems",
        parent=shop.name("dealers/-"), page_size=3, min_position=last,
        as_of_date=day("2025-08-31"),
    ):  # fmt: skip
        assert (page.as_of_position, page.as_of_date.day) == (last, 31)
        seen += [item.item for item in page.open_items]
        shop.sell(f"S-{len(seen)}0", "2025-07-01", "P-1", 1)

    assert seen == ["sales/S-1", *(f"sales/S-{n}" for n in range(3, 8)), "sales/S-2"]
    only = shop.call("Statement.ListOpenItems", parent=shop.name("dealers/D02"), min_position=last)
    assert [(item.item, minor(item.amount)) for item in only.open_items] == [("sales/S-2", 1_130)]


def test_receivables_are_the_open_items_added_up_as_of_a_day_and_position(shop: FrontDesk) -> None:
    last = head(shop)
    shop.sell("S-3", "2025-07-20", "P-1", 1)

    now = shop.call(
        "Statement.GetReceivables", as_of_date=day("2025-08-31"), min_position=head(shop)
    )
    then = shop.call("Statement.GetReceivables", as_of_date=day("2025-08-31"), as_of_position=last)

    assert [(each.dealer, minor(each.total)) for each in then.receivables] == [
        (shop.name("dealers/D01"), 3_390), (shop.name("dealers/D02"), 1_130)
    ]  # fmt: skip
    [total] = then.totals
    assert (total.dealer, minor(total.total)) == ("", 4_520)
    assert minor(now.totals[0].total) == 5_650
    assert (then.as_of_position, now.as_of_date.day) == (last, 31)


def list_stock(desk: FrontDesk, place: str, **fields: Any) -> list[tuple[str, int]]:
    pages = desk.pages(
        "Stock.ListStockItems", parent=desk.name(f"places/{place}"), page_size=1, **fields
    )
    return [
        (item.name.partition("places/")[2], item.quantity)
        for page in pages
        for item in page.stock_items
    ]


def test_stock_is_listed_by_place_and_part(shop: FrontDesk) -> None:
    shop.buy("B-3", "2025-07-01", "P-2", 2, 40)
    shop.request_transfer("T-1", "2025-07-16", "P-2", 2)
    shop.dispatch("T-1", "2025-07-16")
    last = shop.receive("T-1", "2025-07-17", "P-2", 2).receipt.last_position
    listed: Callable[..., list[tuple[str, int]]] = lambda place, **fields: list_stock(  # noqa: E731
        shop, place, min_position=last, **fields
    )

    assert listed("-") == [("W01/stock/P-1", 16), ("W02/stock/P-2", 2)]
    assert listed("W01") == [("W01/stock/P-1", 16)]
    assert listed("W01", show_empty=True) == [("W01/stock/P-1", 16), ("W01/stock/P-2", 0)]
    assert listed("-", part=shop.name("parts/P-2")) == [("W02/stock/P-2", 2)]
    assert listed("-", as_of_date=day("2025-07-14")) == [
        ("W01/stock/P-1", 17), ("W01/stock/P-2", 2)
    ]  # fmt: skip


def test_one_stock_item_shows_its_layers_as_the_list_sums_them(standing: FrontDesk) -> None:
    item = standing.call(
        "Stock.GetStockItem", name=standing.name("places/W01/stock/P-1")
    ).stock_item
    listed = standing.call(
        "Stock.ListStockItems", parent=standing.name("places/W01"), min_position=head(standing)
    )

    assert [(layer.quantity, minor(layer.value)) for layer in item.layers] == [
        (6, 3600), (10, 8000)
    ]  # fmt: skip
    [line] = listed.stock_items
    assert (line.quantity, line.value) == (item.quantity, item.value)
    assert (item.etag, line.etag) == ("5", "")
