"""Whoever follows the log gets every fact once, in order, and is woken rather than polling."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from time import monotonic

import psycopg2
import pytest
from eventsourcing.persistence import OperationalError
from psycopg2.extensions import connection

from domain.storing import RecordedEvent
from server.eventlog.recorders import ApplicationRecorder, RecordedNotification

MakeFact = Callable[..., RecordedEvent]


def test_a_follower_gets_what_was_there_and_what_is_appended_while_it_waits(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    log.append([fact("stock/a", version) for version in range(1, 1001)])
    with log.subscribe(gt=200) as subscription, ThreadPoolExecutor(1) as pool:
        following = pool.submit(lambda: list(islice(subscription, 1300)))
        for version in range(1001, 1501):
            log.append([fact("stock/a", version)])
        notifications = following.result(30)
    assert [n.id for n in notifications] == list(range(201, 1501))
    assert all(isinstance(n, RecordedNotification) and n.actor == "li.na" for n in notifications)


def test_a_waiting_follower_is_woken_at_once(log: ApplicationRecorder, fact: MakeFact) -> None:
    with log.subscribe() as subscription:
        log.append([fact(version=1)])
        next(subscription)
        quickest = 1.0
        for version in range(2, 12):
            started = monotonic()
            log.append([fact(version=version)])
            next(subscription)
            quickest = min(quickest, monotonic() - started)
    assert quickest < 0.05  # A poll of 100 ms could not.


def test_a_lost_connection_ends_the_iteration_with_an_error(
    log: ApplicationRecorder, owner: connection
) -> None:
    with log.subscribe() as subscription:
        with owner.cursor() as c:
            c.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = %s",
                (f"listener of {log.datastore.schema}",),
            )
            assert c.fetchall() == [(True,)]
        with pytest.raises(OperationalError):
            next(subscription)


def test_each_append_notifies_the_channel_of_the_book_with_the_new_size(
    log: ApplicationRecorder, database_url: str, fact: MakeFact
) -> None:
    with closing(psycopg2.connect(database_url)) as listening:
        listening.autocommit = True
        with listening.cursor() as c:
            c.execute(f"LISTEN {log.datastore.schema}")
            log.append([fact(version=1), fact(version=2)])
            c.execute("SELECT 1")
        assert [n.payload for n in listening.notifies] == ["2"]
