"""The one place where facts are committed: entries, answers and snapshots in one transaction.

The head row orders the log. Moving it gives an append its positions, makes the next append wait
until this one is visible, and fails if another writer has begun a new epoch.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

import psycopg2
import psycopg2.errors
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import connection, cursor

from server.eventlog.answers import NewAnswer
from server.eventlog.copytext import raw
from server.eventlog.errors import StaleEpoch, library_errors
from server.eventlog.group import (
    ANSWER_COLUMNS,
    ENTRY_COLUMNS,
    SNAPSHOT_COLUMNS,
    Tip,
    answer_rows,
    prepare,
    seal,
    snapshot_rows,
)
from server.eventlog.pool import Datastore

REMEMBERED_ACCOUNTS = 50_000
_COPY_READ_BYTES = 1 << 20

_MOVE_HEAD = """
    WITH moved AS (
        UPDATE {schema}.head SET size = size + %s WHERE epoch = %s RETURNING size
    )
    SELECT size, pg_notify(%s, size::text) FROM moved
"""
_BEGIN_EPOCH = "UPDATE {schema}.head SET epoch = epoch + 1 RETURNING epoch"
_TERMINATE_WRITERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()
"""
_TIPS = """
    SELECT e.stream, e.version, e.leaf_hash
    FROM unnest(%s::text[], %s::bigint[]) AS wanted (stream, version)
    JOIN {schema}.entries AS e USING (stream, version)
"""

Also = Callable[[cursor], None]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an append stands: positions `first..last`, and the leaf hash of each."""

    first: int
    last: int
    leaf_hashes: list[bytes]


def utc_now() -> datetime:
    return datetime.now(UTC)


class LogWriter:
    """Appends to one book on a connection of its own. Threads take turns."""

    def __init__(self, datastore: Datastore, now: Callable[[], datetime] = utc_now) -> None:
        self._datastore = datastore
        self._now = now
        self._name = f"writer of {datastore.schema}"
        self._lock = threading.Lock()
        self._connection: connection | None = None
        self._epoch: int | None = None
        self._tips: OrderedDict[str, Tip] = OrderedDict()  # The least recently used first.

        self._move_head = datastore.sql(_MOVE_HEAD)
        self._select_tips = datastore.sql(_TIPS)
        self._copy_entries = self._copy("entries", ENTRY_COLUMNS)
        self._copy_answers = self._copy("answers", ANSWER_COLUMNS)
        self._copy_snapshots = self._copy("snapshots", SNAPSHOT_COLUMNS)

    def claim_epoch(self) -> int:
        """Takes the book over: from now on, every other writer's append is refused."""
        with self._lock, library_errors():
            return self._claim()

    def append(
        self,
        events: Sequence[StoredEvent],
        answers: Sequence[NewAnswer] = (),
        snapshots: Sequence[StoredEvent] = (),
        also: Also | None = None,
    ) -> Appended:
        """Commits events, answers and snapshots together, or nothing of them.

        `also` runs in the same transaction. A text that PostgreSQL cannot hold and an entry that
        is too large are refused before anything is sent. Claims the book at the first append.
        Raises `StaleEpoch`, or `IntegrityError` for a stream version or request that exists.
        """
        group = prepare(events, self._now)
        snapshot_text = snapshot_rows(snapshots)
        for answer in answers:
            raw(answer.caller), raw(answer.request_id)
        with self._lock, library_errors():
            epoch = self._claim() if self._epoch is None else self._epoch
            with self._transaction(epoch, len(events)) as (c, size):
                first = size - len(events) + 1
                tips = self._tips_before(c, group.continued)
                rows, leaf_hashes = seal(group, first, tips)
                self._send(c, self._copy_entries, rows)
                self._send(c, self._copy_answers, answer_rows(answers, first))
                self._send(c, self._copy_snapshots, snapshot_text)
                if also is not None:
                    also(c)
            self._remember(tips)
        return Appended(first, size, leaf_hashes)

    def require_epoch(self) -> None:
        """Raises `StaleEpoch` if another writer has taken the book over."""
        with self._lock, self._datastore.cursor() as c:
            c.execute(self._datastore.sql("SELECT epoch FROM {schema}.head"))
            if self._epoch is not None and c.fetchone() != (self._epoch,):
                raise StaleEpoch(self._datastore.schema, self._epoch)

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    @contextmanager
    def _transaction(self, epoch: int, count: int) -> Iterator[tuple[cursor, int]]:
        """Moves the head by `count`, and commits with it what is done inside."""
        try:
            with self._begin(epoch, count) as c:
                row = c.fetchone()
                if row is None:
                    raise StaleEpoch(self._datastore.schema, epoch)
                yield c, row[0]
                self._connected().commit()
        except BaseException:
            self._tips.clear()  # Whatever happened, the database knows and the cache may not.
            self._roll_back()
            raise

    def _begin(self, epoch: int, count: int) -> cursor:
        """The first statement of an append, on a new connection if the old one has died.

        Only this one may be sent twice: nothing was written before it.
        """
        parameters = (count, epoch, self._datastore.schema)
        try:
            c = self._connected().cursor()
            c.execute(self._move_head, parameters)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            if self._connection is None or not self._connection.closed:
                raise
            self._disconnect()
            c = self._connected().cursor()
            c.execute(self._move_head, parameters)
        return c

    def _tips_before(self, c: cursor, continued: Mapping[str, int]) -> dict[str, Tip]:
        """The entry each account stream is to be continued from, if there is one."""
        tips: dict[str, Tip] = {}
        unknown: dict[str, int] = {}
        for stream, version in continued.items():
            tip = self._tips.get(stream)
            if tip is not None and tip.version == version:
                tips[stream] = tip
            else:
                unknown[stream] = version
        if unknown:
            c.execute(self._select_tips, (list(unknown), list(unknown.values())))
            tips.update((s, Tip(version, bytes(leaf))) for s, version, leaf in c.fetchall())
        return tips

    def _remember(self, tips: dict[str, Tip]) -> None:
        for stream, tip in tips.items():
            self._tips[stream] = tip
            self._tips.move_to_end(stream)
        while len(self._tips) > REMEMBERED_ACCOUNTS:
            self._tips.popitem(last=False)

    def _claim(self) -> int:
        self._disconnect()
        self._tips.clear()
        terminate_writers(self._datastore, self._name)
        opened = self._connected()
        with opened, opened.cursor() as c:
            c.execute(self._datastore.sql(_BEGIN_EPOCH))
            (epoch,) = c.fetchone() or (0,)
        self._epoch = int(epoch)
        return self._epoch

    def _connected(self) -> connection:
        if self._connection is None:
            opened = self._datastore.connect(self._name)
            with opened.cursor() as c:
                # A frozen writer loses the head row after its idle timeout; wait that long, twice.
                wait = 2 * self._datastore.idle_in_transaction_timeout
                c.execute("SET lock_timeout = %s", (f"{wait}s",))
            opened.autocommit = False
            self._connection = opened
        return self._connection

    def _roll_back(self) -> None:
        if self._connection is not None:
            try:
                self._connection.rollback()
            except psycopg2.Error:
                self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _copy(self, table: str, columns: str) -> str:
        return self._datastore.sql(f"COPY {{schema}}.{table} ({columns}) FROM STDIN")

    @staticmethod
    def _send(c: cursor, statement: str, rows: bytes) -> None:
        if rows:
            c.copy_expert(statement, BytesIO(rows), _COPY_READ_BYTES)


def terminate_writers(datastore: Datastore, name: str) -> None:
    """Ends other writers' connections, as far as we may.

    What fences them is the epoch. This only spares the takeover the wait for a timeout, should
    one of them be frozen while it holds the head row.
    """
    opened = datastore.connect(f"takeover of {datastore.schema}", as_service=False)
    try:
        with opened.cursor() as c:
            c.execute(_TERMINATE_WRITERS, (name,))
    except psycopg2.errors.InsufficientPrivilege:
        pass  # Its timeout will do it.
    finally:
        opened.close()
