"""What is in the way of a start is said in a line; what can be put right, is."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import grpc
import psycopg2
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from domain.book import Book
from domain.ledger import Ledger
from projections.engine.schemas import schemas
from server.api.serving import READ_HEALTH, WRITE_HEALTH
from server.app import App, open_book, running
from server.eventlog import migrations
from server.eventlog.factory import Factory
from server.postgres.data_directory import CannotStart
from server.settings import Settings
from tests.server.api.batch_desk import part
from tests.server.api.reading.front_desk import FrontDesk, Refused

SECRET = "hunter2"


NOW = datetime(2025, 7, 1, tzinfo=UTC)


def settings(database_url: str, book: str = "main", **options: object) -> Settings:
    return Settings.read(
        **{"database_url": database_url, "listen": "127.0.0.1:0", "book": book, **options}
    )


@contextmanager
def serving(database_url: str, book: str, **options: object) -> Iterator[tuple[App, FrontDesk]]:
    with (
        running(settings(database_url, book, **options)) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        yield app, FrontDesk(channel, book)


def refused(database_url: str, **options: Any) -> str:
    """Why it does not start: one line that gives no password away."""
    with pytest.raises(CannotStart) as refusal, running(settings(database_url, **options)):
        pass
    told = str(refusal.value)
    assert SECRET not in told
    assert "\n" not in told
    return told


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """A server that gives everyone the same answer, and the address it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(4096)
                    caller.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # Closing alone would leave it waiting.
    thread.join(10)
    assert not thread.is_alive()


def error_response(code: str, message: str) -> bytes:
    """As PostgreSQL says that it will not have a caller."""
    fields = f"SFATAL\0VFATAL\0C{code}\0M{message}\0\0".encode()
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


def test_nobody_listens_at_the_database_url() -> None:
    told = refused(f"postgresql://ledger:{SECRET}@127.0.0.1:1/x")

    assert told.startswith("the database of --database-url cannot be used: ")
    assert "127.0.0.1" in told


def test_the_password_is_wrong() -> None:
    no = error_response("28P01", 'password authentication failed for user "ledger"')
    with saying(no) as address:
        told = refused(f"postgresql://ledger:{SECRET}@{address}/x?sslmode=disable")

    assert 'password authentication failed for user "ledger"' in told


def test_it_is_not_a_postgres_that_answers() -> None:
    with saying(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        assert "cannot be used" in refused(f"postgresql://ledger:{SECRET}@{address}/x")


def test_there_is_no_such_database(database_url: str) -> None:
    told = refused(database_url.replace("/partsledger?", "/elsewhere?"))

    assert 'database "elsewhere" does not exist' in told


def test_there_is_no_such_user(database_url: str) -> None:
    assert 'role "nobody" does not exist' in refused(database_url.replace("postgres@", "nobody@"))


@pytest.mark.parametrize("secret", [f"{SECRET}%zz", f"{quote(SECRET)}%"])
def test_a_url_that_is_none_is_not_quoted_back(secret: str) -> None:
    told = refused(f"postgresql://ledger:{secret}@db/ledger")

    assert told.startswith("--database-url is not a connection URL")


def test_the_postgres_is_too_old(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "OLDEST_POSTGRES", 99)

    assert "is too old: version 99 or later is needed" in refused(database_url)


def test_the_database_cannot_hold_chinese(database_url: str) -> None:
    name = f"ascii_{uuid4().hex[:8]}"
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        try:
            told = refused(database_url.replace("/partsledger?", f"/{name}?"))
        finally:
            cursor.execute(f"DROP DATABASE {name}")

    assert "create it with ENCODING 'UTF8'" in told


def test_a_book_is_not_opened_again_in_another_currency_or_time_zone(
    database_url: str, book: str
) -> None:
    first = settings(database_url, book, time_zone="Asia/Shanghai")
    with running(first):
        pass

    assert "is kept in CNY, not EUR" in refused(database_url, book=book, currency="EUR")
    told = refused(database_url, book=book, time_zone="Europe/Moscow")
    assert "counts its days in Asia/Shanghai, not Europe/Moscow" in told
    with running(first):  # The control: what it was opened with is fine.
        pass


@pytest.mark.parametrize("options", [{"currency": "EUR"}, {"listen": "that of the other"}])
def test_a_start_that_fails_leaves_the_book_to_the_server_that_has_it(
    database_url: str, book: str, options: dict[str, str]
) -> None:
    with serving(database_url, book) as (first, desk):
        if "listen" in options:
            options = {"listen": first.address}
        with pytest.raises(CannotStart), running(settings(database_url, book, **options)):
            pass

        desk.call("Part.BatchCreateParts", requests=[part("P-1")])
        assert first.writer.ended is None

        with serving(database_url, book) as (_, other):  # The control: a good start takes over.
            other.call("Part.BatchCreateParts", requests=[part("P-2")])
            for _ in range(2):  # The one that finds it out, and those that follow.
                with pytest.raises(Refused, match="another server has taken over the book") as told:
                    desk.call("Part.BatchCreateParts", requests=[part("P-3")])
                assert told.value.code is grpc.StatusCode.UNAVAILABLE
                assert told.value.reason == "BOOK_TAKEN_OVER"


def test_a_server_whose_book_was_taken_over_says_at_once_that_it_does_not_write(
    database_url: str, book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would look at itself again in a minute only. Reads go on."""
    monkeypatch.setattr("server.app._LOOK_SECONDS", 60.0)
    with (
        serving(database_url, book) as (first, desk),
        serving(database_url, book),
        grpc.insecure_channel(first.address) as channel,
    ):
        stub: Any = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=WRITE_HEALTH)
        watching = stub.Watch(request, timeout=20)
        assert next(watching).status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(Refused):
            desk.call("Part.BatchCreateParts", requests=[part("P-1")])
        assert next(watching).status == health_pb2.HealthCheckResponse.NOT_SERVING
        request = health_pb2.HealthCheckRequest(service=READ_HEALTH)
        assert stub.Check(request).status == health_pb2.HealthCheckResponse.SERVING


def test_two_servers_may_open_a_new_book_at_the_same_moment(database_url: str, book: str) -> None:
    env = {
        "PERSISTENCE_MODULE": "server.eventlog",
        Factory.DATABASE_URL: database_url,
        Factory.SCHEMA: f"book_{book}",
    }
    with Ledger(env) as early, Ledger(env) as late:
        assert late.find(Book, book) is None  # It looks before the other one has opened it.
        opened = [open_book(each, settings(database_url, book), NOW) for each in (early, late)]

        assert opened[0].version == opened[1].version == 1
        assert early.recorder.max_notification_id() == 1


def test_a_start_waits_for_no_view_that_another_version_folded(
    database_url: str, book: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The views are kept from being built until somebody has asked for one of them."""
    with serving(database_url, book) as (app, desk):
        desk.open_for_business()
        desk.buy("B-1", "2025-07-01", "P-1", 10, 6)
        size = app.follower.wait_for(app.reads.log.head().size, 20)
        before = desk.call("View.GetViewStatus", with_fingerprints=True).views
    _spoil_view(database_url, schemas(f"book_{book}").views, "stock_lines")

    with caplog.at_level(logging.WARNING), closing(psycopg2.connect(database_url)) as other:
        other.cursor().execute(
            "SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"rebuild of book_{book}"]
        )
        with serving(database_url, book) as (app, desk):
            assert desk.call("Statement.GetTrialBalance").accounts  # It does without.
            desk.buy("B-2", "2025-07-02", "P-1", 1, 6)  # And so do those who write.
            with pytest.raises(Refused) as refused:
                desk.call("Ageing.GetInventoryAgeing")
            status = desk.call("View.GetViewStatus")
            other.cursor().execute("SELECT pg_advisory_unlock_all()")
            _until(lambda: not any(v.building for v in desk.call("View.GetViewStatus").views))
            aged = desk.call("Ageing.GetInventoryAgeing", min_position=app.reads.log.head().size)
            after = desk.call("View.GetViewStatus", with_fingerprints=True).views
    assert refused.value.code is grpc.StatusCode.UNAVAILABLE
    assert refused.value.reason == "VIEW_NOT_BUILT"
    assert refused.value.facts["position"] == "0"
    assert int(refused.value.facts["size"]) >= size
    assert {view.view for view in status.views if view.building} == {
        "stock_lines", "place_balances", "item_balances", "closed_stock",
    }  # fmt: skip
    assert aged.total.quantity == 11
    assert [view.view for view in after] == [view.view for view in before]
    assert any("being built: stock_lines" in message for message in caplog.messages)


def _until(done: Callable[[], bool], seconds: float = 20) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if done():
            return
        pause.wait(0.05)
    raise AssertionError(f"not done after {seconds} seconds")


@pytest.mark.parametrize(("room", "kept"), [(1_000, 1_000), (2_000, 1_201)])
def test_no_more_aggregates_are_kept_in_memory_than_there_is_room_for(
    database_url: str, book: str, room: int, kept: int
) -> None:
    with serving(database_url, book, cached_aggregates=room) as (app, desk):
        for first in (0, 600):
            parts = [part(f"P-{number}") for number in range(first, first + 600)]
            desk.call("Part.BatchCreateParts", requests=parts)

        assert len(app.writer._ledger._cache) == kept  # The book itself is one.
        with pytest.raises(Refused) as refused:  # What has left is read again.
            desk.call("Part.CreatePart", part_id="P-0", part=part("P-0")["part"])
        assert refused.value.reason == "ALREADY_EXISTS"


def _spoil_view(database_url: str, schema: str, view: str) -> None:
    """As if another version of the program had folded it, and otherwise."""
    with closing(psycopg2.connect(database_url)) as connection, connection:
        cursor = connection.cursor()
        spoil = f"UPDATE {schema}.positions SET definition = 'old' WHERE view = %s"
        cursor.execute(spoil, (view,))
        cursor.execute(f"ALTER TABLE {schema}.{view} RENAME COLUMN quantity TO pieces")
