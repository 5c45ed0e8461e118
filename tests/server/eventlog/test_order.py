"""Positions are 1..n without gaps, and become visible in that order. Sequences do neither."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random
from threading import Event

import psycopg2
import pytest
from eventsourcing.persistence import IntegrityError
from psycopg2.extensions import connection, cursor

from domain.storing import RecordedEvent
from server.eventlog.append import Appender
from server.eventlog.errors import UnexpectedSize
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore

MakeFact = Callable[..., RecordedEvent]

pytestmark = pytest.mark.usefixtures("way")

SERIAL = "CREATE TABLE serial (position bigserial PRIMARY KEY, stream text)"


class Aborted(Exception):  # noqa: N818
    """Ends a transaction on purpose."""


def test_there_are_no_gaps_when_one_append_in_ten_is_aborted(
    datastore: Datastore, log: ApplicationRecorder, fact: MakeFact
) -> None:
    random = Random(7)

    def perhaps_abort(_: cursor) -> None:
        if random.random() < 0.1:
            raise Aborted

    def append_some(writer_number: int) -> tuple[int, int]:
        appended = aborted = 0
        for number in range(40):
            facts = [fact(f"stock/{writer_number}/{number}", v) for v in (1, 2, 3)]
            try:
                writer.append(facts, also=perhaps_abort)
                appended += 3
            except Aborted:
                aborted += 1
        return appended, aborted

    with closing(Appender(datastore)) as writer, ThreadPoolExecutor(4) as pool:
        results = list(pool.map(append_some, range(4)))

    appended, aborted = map(sum, zip(*results, strict=True))
    assert aborted > 5
    assert [n.id for n in log.select_notifications(None, 1000)] == list(range(1, appended + 1))
    assert log.head().size == appended


def test_a_sequence_leaves_a_gap_at_each_abort(owner: connection) -> None:
    """Control: the same aborts over a bigserial."""
    owner.cursor().execute(SERIAL)
    owner.autocommit = False
    for number in range(40):
        with owner.cursor() as c:
            c.execute("INSERT INTO serial (stream) VALUES ('stock')")
        if number % 10 == 3:
            owner.rollback()
        owner.commit()
    with owner.cursor() as c:
        c.execute("SELECT count(*), max(position) FROM serial")
        assert c.fetchone() == (36, 40)


def test_no_reader_sees_a_position_before_the_one_below_it(
    datastore: Datastore, log: ApplicationRecorder, fact: MakeFact
) -> None:
    moved, release = Event(), Event()

    def hold(_: cursor) -> None:
        moved.set()
        assert release.wait(10)

    with (
        closing(Appender(datastore)) as slow,
        closing(Appender(datastore)) as quick,
        ThreadPoolExecutor(2) as pool,
    ):
        # The same epoch twice, which no program has: so that only the head row keeps the order.
        quick._epoch = slow.claim_epoch()
        first = pool.submit(slow.append, [fact("stock/slow", 1)], also=hold)
        assert moved.wait(10)
        second = pool.submit(quick.append, [fact("stock/quick", 1)])
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        assert log.select_notifications(None, 10) == []
        release.set()
        assert first.result(10).first == 1
        with pytest.raises(UnexpectedSize, match="has 1 entries, not 0"):  # It was not decided on.
            second.result(10)
        assert quick.append([fact("stock/quick", 1)]).first == 2

    assert [n.originator_id for n in log.select_notifications(None, 10)] == [
        "stock/slow",
        "stock/quick",
    ]


def test_with_a_sequence_a_reader_sees_two_before_one(
    owner: connection, database_url: str, book: str
) -> None:
    """Control: a slow transaction took its number from a sequence, a quick one commits first."""
    owner.cursor().execute(SERIAL)
    owner.autocommit = False
    owner.cursor().execute("INSERT INTO serial (stream) VALUES ('slow')")
    with closing(psycopg2.connect(database_url)) as other, other.cursor() as c:
        c.execute("SELECT set_config('search_path', %s, false)", (book,))
        c.execute("INSERT INTO serial (stream) VALUES ('quick')")
        other.commit()
        c.execute("SELECT position FROM serial ORDER BY position")
        assert c.fetchall() == [(2,)]
    owner.rollback()


def test_a_refused_duplicate_takes_no_position(log: ApplicationRecorder, fact: MakeFact) -> None:
    log.append([fact(version=1)])
    with pytest.raises(IntegrityError):
        log.append([fact(version=2), fact(version=1)])
    assert log.append([fact(version=2)]).first == 2
