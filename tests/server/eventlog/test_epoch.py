"""One writer a book: a takeover ends the old writer's turn, wherever it was."""

from collections.abc import Callable
from contextlib import closing
from threading import Event, Thread
from time import sleep
from typing import ClassVar, TypeVar

import psycopg2
import pytest
from eventsourcing.persistence import OperationalError, PersistenceError
from psycopg2.extensions import connection, cursor

from domain.storing import RecordedEvent
from server.eventlog import append, short_append
from server.eventlog.append import Appender
from server.eventlog.errors import StaleEpoch
from server.eventlog.queries import Head
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.dedicated import DedicatedConnection
from server.postgres.pool import TRUSTED_SECONDS, Datastore
from tests.server.postgres.holding import eventually

MakeFact = Callable[..., RecordedEvent]
T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("way")


def test_a_writer_that_was_taken_over_is_refused_until_it_claims_the_book_again(
    datastore: Datastore, fact: MakeFact
) -> None:
    with closing(Appender(datastore)) as old, closing(Appender(datastore)) as new:
        old.append([fact(version=1)])
        assert new.claim_epoch() == 2
        for _ in range(2):
            with pytest.raises(StaleEpoch, match=r"in 'book_.*', and epoch 1 is over: call that"):
                old.append([fact(version=2)])
        assert new.append([fact(version=2)]).first == 2
        assert old.claim_epoch() == 3
        assert old.append([fact(version=3)]).first == 3
        with pytest.raises(StaleEpoch):
            new.append([fact(version=4)])


def test_without_the_epoch_predicate_a_stale_writer_would_append(
    datastore: Datastore, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the refusal is the work of the predicate."""
    unfenced = append._MOVE_HEAD.replace("epoch = %s", "%s > 0")
    assert unfenced != append._MOVE_HEAD
    monkeypatch.setattr(append, "_MOVE_HEAD", unfenced)
    unfenced = short_append.STATEMENT.replace("epoch = %(epoch)s", "%(epoch)s > 0")
    assert unfenced != short_append.STATEMENT
    monkeypatch.setattr(short_append, "STATEMENT", unfenced)
    with closing(Appender(datastore)) as old, closing(Appender(datastore)) as new:
        old.append([fact(version=1)])
        new.claim_epoch()
        assert old.append([fact(version=2)]).first == 2


def writers(owner: connection, schema: str) -> set[int]:
    """The backends of those who write the book."""
    with owner.cursor() as c:
        c.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = %s", (f"writer of {schema}",)
        )
        return {pid for (pid,) in c.fetchall()}


def test_a_takeover_ends_the_old_writers_connection(
    datastore: Datastore, owner: connection, fact: MakeFact
) -> None:
    with closing(Appender(datastore)) as old, closing(Appender(datastore)) as new:
        old.append([fact(version=1)])
        (of_old,) = writers(owner, datastore.schema)
        new.claim_epoch()
        assert eventually(lambda: of_old not in writers(owner, datastore.schema))
        assert len(writers(owner, datastore.schema)) == 1


def test_without_ending_it_the_connection_would_stay(
    datastore: Datastore, owner: connection, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: it does not end by itself."""
    monkeypatch.setattr(append, "terminate_writers", lambda datastore, name: None)
    with closing(Appender(datastore)) as old, closing(Appender(datastore)) as new:
        old.append([fact(version=1)])
        new.claim_epoch()
        sleep(0.3)
        assert len(writers(owner, datastore.schema)) == 2


def test_a_writer_frozen_in_its_transaction_loses_it_to_the_takeover(
    datastore: Datastore, log: ApplicationRecorder, fact: MakeFact
) -> None:
    frozen, thaw = Event(), Event()
    outcome: list[BaseException] = []

    def freeze(_: cursor) -> None:
        frozen.set()
        assert thaw.wait(10)

    def append_slowly() -> None:
        try:
            old.append([fact("stock/old", 1)], also=freeze)
        except PersistenceError as error:
            outcome.append(error)

    with closing(Appender(datastore)) as old, closing(Appender(datastore)) as new:
        thread = Thread(target=append_slowly)
        thread.start()
        assert frozen.wait(10)
        assert new.append([fact("stock/new", 1)]).first == 1  # Claims, and does not wait.
        thaw.set()
        thread.join(10)
        assert [type(error) for error in outcome] == [OperationalError]
        with pytest.raises(StaleEpoch):
            old.append([fact("stock/old", 1)])
    assert [n.originator_id for n in log.select_notifications(None, 10)] == ["stock/new"]


def test_a_frozen_writer_that_cannot_be_ended_loses_the_head_row_to_its_timeout(
    database_url: str, book: str, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "terminate_writers", lambda datastore, name: None)
    with closing(Datastore(database_url, book, idle_in_transaction_timeout=1)) as impatient:
        frozen, thaw = Event(), Event()

        def freeze(_: cursor) -> None:
            frozen.set()
            assert thaw.wait(10)

        def append_slowly() -> None:
            with pytest.raises(OperationalError):
                old.append([fact("stock/old", 1)], also=freeze)

        with closing(Appender(impatient)) as old, closing(Appender(impatient)) as new:
            thread = Thread(target=append_slowly)
            thread.start()
            assert frozen.wait(10)
            assert new.append([fact("stock/new", 1)]).first == 1
            thaw.set()
            thread.join(10)
            assert not thread.is_alive()


def test_a_backend_killed_between_appends_is_replaced_unnoticed(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    log.append([fact(version=1)])
    _kill(owner, f"writer of {log.datastore.schema}")
    assert log.append([fact(version=2)]).first == 2
    assert log.head() == Head(size=2, epoch=1)


class Unheard(DedicatedConnection):
    """It dies when a statement is done, and before anybody hears of it."""

    unheard: ClassVar[int] = 0  # Statements from now on; 1 is the next.

    def first(self, ask: Callable[[cursor], T], *, alone: bool) -> T:
        def lost(c: cursor) -> T:
            answer = ask(c)
            Unheard.unheard -= 1
            if Unheard.unheard == 0:
                c.connection.close()
                raise psycopg2.OperationalError("server closed the connection unexpectedly")
            return answer

        return super().first(lost, alone=alone)


def test_an_append_that_nobody_heard_of_is_there_once(
    datastore: Datastore,
    log: ApplicationRecorder,
    fact: MakeFact,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.eventlog.append.DedicatedConnection", Unheard)
    with closing(Appender(datastore)) as writer:
        writer.append([fact(version=1)])
        Unheard.unheard = 2 if way == "short" else 1
        if way == "short":
            with pytest.raises(OperationalError, match="has 2 entries, not 1"):
                writer.append([fact(version=2)])
        else:  # Only its beginning was lost, and with that everything.
            writer.append([fact(version=2)])
        assert log.head() == Head(2, 1)
        assert writer.append([fact(version=3)]).first == 3


def test_a_backend_killed_within_an_append_leaves_nothing_and_the_next_one_works(
    datastore: Datastore, log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    with closing(Appender(datastore)) as appending:
        with pytest.raises(OperationalError):
            appending.append(
                [fact(version=1)], also=lambda _: _kill(owner, f"writer of {datastore.schema}")
            )
        assert log.head().size == 0
        assert appending.append([fact(version=1)]).first == 1


def test_a_killed_connection_for_looking_up_is_replaced_unnoticed(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    first = fact(version=1)
    stream = str(first.originator_id)
    assert log.look_up([], [stream]).streams == {}
    log.append([first])
    _kill(owner, f"reader of {log.datastore.schema}")
    assert list(log.look_up([], [stream]).streams) == [stream]


def test_killed_readers_that_were_idle_are_replaced_unnoticed(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    log.append([fact(version=1)])
    assert log.head().size == 1
    _kill(owner, f"reader of {log.datastore.schema}")
    sleep(TRUSTED_SECONDS)
    assert log.head().size == 1


def test_a_reader_killed_in_use_fails_once_and_is_replaced(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    """The control: what was just used is not asked whether it is still there."""
    log.append([fact(version=1)])
    assert log.head().size == 1
    _kill(owner, f"reader of {log.datastore.schema}")
    with pytest.raises(OperationalError):
        log.head()
    assert log.head().size == 1


def _kill(owner: connection, application_name: str) -> None:
    """Ends backends by name, and returns when they are gone."""
    with owner.cursor() as c:
        c.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = %s",
            (application_name,),
        )
        assert c.fetchall() == [(True,)]
