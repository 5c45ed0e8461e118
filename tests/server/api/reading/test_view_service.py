"""The views' own service: how far they are, and building them again."""

import threading
import time
from collections.abc import Callable
from typing import Any

import grpc
import psycopg2
import pytest
from psycopg2 import sql

from projections.engine.schemas import schemas
from projections.views import VIEWS
from server.api.rebuilding import Rebuilding
from server.app import App
from tests.server.api.reading.front_desk import FrontDesk, Refused


@pytest.fixture
def shop(desk: FrontDesk) -> FrontDesk:
    desk.open_for_business()
    last = desk.buy("B-1", "2025-06-01", "P-1", 10, 6).receipt.last_position
    desk.call("Part.ListParts", min_position=last)
    return desk


def test_the_status_tells_position_lag_and_on_request_fingerprints(shop: FrontDesk) -> None:
    plain = shop.call("View.GetViewStatus")
    full = shop.call("View.GetViewStatus", with_fingerprints=True)

    assert (plain.position, plain.lag) == (plain.head_position, 0)
    assert [view.view for view in plain.views] == sorted(view.name for view in VIEWS)
    assert {view.position for view in plain.views} == {plain.position}
    assert {view.fingerprint for view in plain.views} == {""}
    assert all(len(view.fingerprint) == 64 for view in full.views)
    rows = {view.view: view.row_count for view in full.views}
    assert (rows["stock_lines"], rows["dealer_accounts"]) == (2, 2)


def rebuilt(events: Any) -> tuple[list[Any], Any]:
    *progress, last = events
    assert all(event.HasField("progress") for event in progress)
    return [event.progress for event in progress], last.result


def test_a_rebuild_tells_its_progress_and_finds_the_same(shop: FrontDesk) -> None:
    before = shop.call("View.GetViewStatus", with_fingerprints=True)

    progress, result = rebuilt(shop.stream("View.RebuildViews"))

    assert [p.done for p in progress] == sorted(p.done for p in progress)
    assert progress[-1].done == progress[-1].total > 0
    assert (result.same, result.position) == (True, before.position)
    assert {v.view: v.rebuilt_fingerprint for v in result.views} == {
        v.view: v.fingerprint for v in before.views
    }
    sold = shop.sell("S-1", "2025-07-01", "P-1", 4).receipt.last_position
    item = shop.call("Stock.ListStockItems", parent=shop.name("places/-"), min_position=sold)
    assert item.stock_items[0].quantity == 6  # The new views are followed.


def test_a_rebuild_tells_which_view_was_wrong_and_puts_it_right_when_told(
    app: App, shop: FrontDesk
) -> None:
    with psycopg2.connect(app.database_url) as connection, connection.cursor() as c:
        lines = sql.Identifier(schemas(app.reads.schema).views, "stock_lines")
        c.execute(sql.SQL("UPDATE {} SET quantity = quantity * 2").format(lines))

    _, result = rebuilt(shop.stream("View.RebuildViews"))

    assert (result.same, result.differs, result.went_live) == (False, True, False)
    [wrong] = [view for view in result.views if not view.same]
    assert wrong.view == "stock_lines"
    assert {difference.rebuilt for difference in wrong.differences} == {False, True}
    assert '"part": "P-1"' in wrong.differences[0].row
    _, again = rebuilt(shop.stream("View.RebuildViews"))
    assert not again.same  # The live one is as it was.

    _, accepted = rebuilt(shop.stream("View.RebuildViews", accept_difference=True))
    assert (accepted.same, accepted.went_live) == (False, True)
    _, healed = rebuilt(shop.stream("View.RebuildViews"))
    assert (healed.same, healed.went_live) == (True, True)


def test_a_second_rebuild_is_refused_while_one_is_under_way(app: App, shop: FrontDesk) -> None:
    with psycopg2.connect(app.database_url) as connection, connection.cursor() as c:
        c.execute(
            "SELECT pg_advisory_lock(hashtextextended(%s, 0))",
            [f"rebuild of {app.reads.schema}"],
        )
        with pytest.raises(grpc.RpcError) as refused:
            list(shop.stream("View.RebuildViews"))
        c.execute("SELECT pg_advisory_unlock_all()")  # Closing does not wait for that.
    connection.close()

    refusal = Refused(refused.value)
    assert refusal.code is grpc.StatusCode.FAILED_PRECONDITION
    assert refusal.reason == "NOT_ALLOWED_IN_STATE"
    assert rebuilt(shop.stream("View.RebuildViews"))[1].same  # The control: now it may.


def rebuilt_when_free(shop: FrontDesk) -> Any:
    """The result of a rebuild. One that was left takes a moment to put away what it had begun."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return rebuilt(shop.stream("View.RebuildViews"))[1]
        except grpc.RpcError as error:
            if Refused(error).reason != "NOT_ALLOWED_IN_STATE" or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_a_rebuild_whose_caller_leaves_changes_nothing_and_frees_the_way(
    app: App, shop: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rebuild is kept at its first step until the caller has left."""
    began, left = threading.Event(), threading.Event()
    advance = Rebuilding._advance

    def held(self: Rebuilding, done: int, total: int) -> None:
        began.set()
        self._cut_off.wait(10)
        left.set()
        advance(self, done, total)

    before = shop.call("View.GetViewStatus", with_fingerprints=True)
    with monkeypatch.context() as patched:
        patched.setattr(Rebuilding, "_advance", held)
        call = shop.stream("View.RebuildViews")
        assert began.wait(10)
        call.cancel()
        assert left.wait(10)

    assert shop.call("View.GetViewStatus", with_fingerprints=True).views == before.views
    assert rebuilt_when_free(shop).same


def test_a_caller_who_leaves_while_the_log_is_looked_through_is_not_waited_for(
    shop: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a log of millions that takes minutes."""
    began, left = threading.Event(), threading.Event()

    def endless(c: Any, at: Any, size: int, go_on: Callable[[], None]) -> None:
        began.set()
        try:
            for _ in range(2_000):
                time.sleep(0.01)
                go_on()
        except BaseException:
            left.set()
            raise

    with monkeypatch.context() as patched:
        patched.setattr("server.api.rebuilding.require_readable_log", endless)
        call = shop.stream("View.RebuildViews")
        assert began.wait(10)
        assert not left.wait(0.1), "the control: it goes on while somebody waits"
        call.cancel()
        assert left.wait(10)
    assert rebuilt_when_free(shop).same
