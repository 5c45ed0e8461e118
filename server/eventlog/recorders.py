"""The library's recorders over a book: what the log is to the rest of the program."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from eventsourcing import persistence as library
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import cursor

from domain.storing import FORM, RecordedEvent
from server.eventlog import lookup
from server.eventlog.answers import Answer, NewAnswer
from server.eventlog.append import Appended, Appender
from server.eventlog.entry_reader import EntryReader
from server.eventlog.queries import Head, Where, read_head, select_entries, select_stream
from server.eventlog.rows import ENTRIES, SNAPSHOT_COLUMNS, snapshot_rows
from server.eventlog.subscription import LogSubscription
from server.postgres.dedicated import DedicatedConnection
from server.postgres.errors import library_errors
from server.postgres.pool import Datastore

_EVENT_COLUMNS = "name, state, recorded_at, actor, principal, request_id"


@dataclass(frozen=True)
class RecordedNotification(RecordedEvent, library.Notification):
    """A fact at its position in the log (`id`), with who recorded it and when."""


class AggregateRecorder(library.AggregateRecorder):
    """Records states of single aggregates, in no common order: snapshots.

    Facts are never recorded here. They have positions, so they go through `ApplicationRecorder`.
    """

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore
        self._copy = datastore.sql(f"COPY {{schema}}.snapshots ({SNAPSHOT_COLUMNS}) FROM STDIN")

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> None:
        if rows := snapshot_rows(stored_events):
            with self._datastore.cursor() as c:
                c.copy_expert(self._copy, BytesIO(rows))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        readable = f"SELECT * FROM {{schema}}.snapshots WHERE form = {FORM}"
        select = f"SELECT version, topic, state FROM ({readable}) AS readable"
        statement = self._datastore.sql(select)
        with self._datastore.cursor() as c:
            select_stream(c, statement, originator_id, gt, lte, desc, limit)
            return [StoredEvent(originator_id, v, topic, s.encode()) for v, topic, s in c]


class ApplicationRecorder(library.ApplicationRecorder):
    """Records the facts of a book, each at its position, and reads them back."""

    def __init__(self, datastore: Datastore) -> None:
        self.datastore = datastore
        self.entries = EntryReader(datastore)
        self._writer = Appender(datastore)
        self._lock = threading.Lock()
        # The look-up uses an index, even if the log was short when it was planned.
        self._own = DedicatedConnection(
            datastore, f"reader of {datastore.schema}", "SET enable_seqscan = off"
        )
        self._id = UUID if datastore.originator_id_type == "uuid" else str

    # Writing.

    def append(
        self,
        events: Sequence[StoredEvent],
        answers: Sequence[NewAnswer] = (),
        snapshots: Sequence[StoredEvent] = (),
        decided_on: int | None = None,
    ) -> Appended:
        """Commits all of it or nothing; see `Appender.append`."""
        return self._writer.append(events, answers, snapshots, decided_on=decided_on)

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> list[int]:
        if not stored_events:
            return []
        appended = self._writer.append(stored_events)
        return list(range(appended.first, appended.last + 1))

    def claim_epoch(self) -> int:
        """Takes the book over: from now on, every other writer's append is refused."""
        return self._writer.claim_epoch()

    def require_unchanged(self, decided_on: int) -> None:
        """Raises `StaleEpoch` or `UnexpectedSize`; see `Appender.require_unchanged`."""
        self._writer.require_unchanged(decided_on)

    def close(self) -> None:
        self._writer.close()
        with self._lock:
            self._own.close()

    # Reading.

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        statement = self.datastore.sql(f"SELECT version, {_EVENT_COLUMNS} FROM {ENTRIES}")
        with self.datastore.cursor() as c:
            select_stream(c, statement, originator_id, gt, lte, desc, limit)
            return [
                RecordedEvent(originator_id, version, topic, state.encode(), *recorded)
                for version, topic, state, *recorded in c
            ]

    def look_up(self, request_ids: Sequence[str], streams: Sequence[str]) -> lookup.Found:
        """The stored answers to these requests, and streams: the last snapshot of each, if any,
        and the events after it. On a connection kept for it, since the writer asks often."""
        asked = lookup.parameters(request_ids, streams)

        def ask(c: cursor) -> lookup.Found:
            c.execute(self._own.prepared(self.datastore.sql(lookup.STATEMENT), asked))
            return lookup.found(c)

        with self._lock, library_errors():
            return self._own.first(ask, alone=True)

    def load_streams(self, streams: Sequence[str]) -> dict[str, list[StoredEvent]]:
        """Only the streams of `look_up`, on the same connection."""
        return self.look_up((), streams).streams

    def read_streams(self, streams: Sequence[str]) -> dict[str, list[StoredEvent]]:
        """Only the streams, on a pooled connection: for other callers than the writer."""
        return self._look_up((), streams).streams

    def find_answers(self, request_ids: Sequence[str]) -> dict[str, Answer]:
        """Only the answers, on a pooled connection: for other callers than the writer."""
        return self._look_up(request_ids, ()).answers

    def _look_up(self, request_ids: Sequence[str], streams: Sequence[str]) -> lookup.Found:
        with self.datastore.cursor() as c:
            statement = self.datastore.sql(lookup.STATEMENT)
            c.execute(statement, lookup.parameters(request_ids, streams))
            return lookup.found(c)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[library.Notification]:
        where = Where()
        if start is not None:
            where.also("position >= %s" if inclusive_of_start else "position > %s", start)
        if stop is not None:
            where.also("position <= %s", stop)
        if topics:
            where.also("name = ANY(%s)", list(topics))
        columns = f"position, stream, version, {_EVENT_COLUMNS}"
        with self.datastore.cursor() as c:
            select_entries(c, self.datastore, columns, where, limit)
            return [
                RecordedNotification(
                    self._id(stream), version, topic, state.encode(), position, *recorded
                )
                for position, stream, version, topic, state, *recorded in c
            ]

    def max_notification_id(self) -> int | None:
        return self.head().size or None

    def database_time(self) -> datetime:
        """What time it is by the database's clock."""
        with self.datastore.cursor() as c:
            c.execute("SELECT clock_timestamp()")
            ((now,),) = c.fetchall()
        assert isinstance(now, datetime)
        return now

    def head(self) -> Head:
        with self.datastore.cursor() as c:
            return read_head(c, self.datastore)

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        """Facts after a position, then each new one as it is committed."""
        return LogSubscription(self, self.datastore, gt=gt, topics=topics)
