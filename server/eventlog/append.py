"""The one place where facts are committed: entries, answers and snapshots in one transaction.

The head row orders the log. Moving it gives an append its positions, makes the next append wait
until this one is visible, and fails if another writer has begun a new epoch, or if the log has
another size than the one that was decided on. A long append is copied table by table, a short one
is a single statement (server/eventlog/short_append.py).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import cursor

from domain.storing import FORM
from server.eventlog import short_append
from server.eventlog.answers import NewAnswer, Receipt
from server.eventlog.books import book_of
from server.eventlog.errors import StaleEpoch, UnexpectedSize, UnreadableLog
from server.eventlog.queries import Head, read_form, read_head
from server.eventlog.rows import (
    ANSWER_COLUMNS,
    ENTRY_COLUMNS,
    SNAPSHOT_COLUMNS,
    Topics,
    answer_rows,
    entry_rows,
    snapshot_rows,
)
from server.eventlog.sealing import Tip, Unsealed, check, receipts_of, request_bytes, seal
from server.eventlog.takeover import terminate_writers
from server.eventlog.topics import read_topics, with_new_topics
from server.postgres.dedicated import DedicatedConnection
from server.postgres.errors import library_errors
from server.postgres.pool import Datastore

REMEMBERED_ACCOUNTS = 50_000
_COPY_READ_BYTES = 1 << 20

_MOVE_HEAD = """
    WITH moved AS (
        UPDATE {schema}.head SET size = size + %s WHERE epoch = %s AND size = %s RETURNING size
    )
    SELECT size, pg_notify(%s, size::text) FROM moved
"""
_BEGIN_EPOCH = """
    UPDATE {schema}.head SET epoch = epoch + 1, form = %(form)s,
        older_through = CASE WHEN form < %(form)s THEN size ELSE older_through END
    WHERE form <= %(form)s
    RETURNING epoch, size
"""
_TIPS = """
    SELECT e.stream, e.version, e.leaf_hash
    FROM unnest(%s::text[], %s::bigint[]) AS wanted (stream, version)
    JOIN {schema}.entries AS e USING (stream, version)
"""

Also = Callable[[cursor], None]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an append is in the log: positions `first..last`, and a receipt for each answer."""

    first: int
    last: int
    receipts: list[Receipt]


class Appender:
    """Appends to one book on a connection of its own. Threads take turns."""

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore
        self._name = f"writer of {datastore.schema}"
        self._lock = threading.Lock()
        # A frozen writer holds the head row until its idle timeout ends its connection. Wait for
        # twice as long.
        wait = 2 * datastore.idle_in_transaction_timeout
        self._own = DedicatedConnection(datastore, self._name, f"SET lock_timeout = '{wait}s'")
        self._epoch: int | None = None
        self._size: int | None = None  # Of the log; not known after an append has failed.
        self._book = book_of(datastore.schema).encode()
        self._tips: OrderedDict[str, Tip] = OrderedDict()  # The least recently used first.
        self._topics: Topics | None = None  # Those of the log of this size.

        self._append_short = datastore.sql(short_append.STATEMENT)
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
        decided_on: int | None = None,
    ) -> Appended:
        """Commits events, answers and snapshots together, or nothing of them.

        `also` runs in the same transaction. `decided_on` is the size of the log that the events
        were decided on; where it is not said, that after the last append here. A text that
        PostgreSQL cannot hold and an entry that is too large are refused before anything is sent.
        Claims the book at the first append. Raises `StaleEpoch`, `UnexpectedSize` where the log has
        another size, or `IntegrityError` for a stream version or request that exists.
        """
        unsealed = check(self._book, events)
        snapshot_text = snapshot_rows(snapshots)
        for answer in answers:
            request_bytes(answer.request_id)
        with self._lock, library_errors():
            epoch = self._claim() if self._epoch is None else self._epoch
            known, self._size = self._size, None  # Known again once this append is in the log.
            short = len(events) <= short_append.LONGEST and not snapshot_text and also is None
            try:
                size = self._size_to_follow(decided_on, known)
                if short and unsealed.topics <= self._known_topics().keys():
                    appended, tips = self._append_at(size, epoch, unsealed, answers)
                else:
                    copies = snapshot_text, also
                    appended, tips = self._copy_in(size, epoch, unsealed, answers, *copies)
            except BaseException:
                self._forget()  # What is in the log is not known here now: it is read again.
                self._own.roll_back()
                raise
            self._remember(tips)
            self._size = appended.last
        return appended

    def require_unchanged(self, decided_on: int) -> None:
        """Raises `StaleEpoch` if another writer has taken the book over, and `UnexpectedSize` if
        the log has another size than what was decided on."""
        with self._lock, self._datastore.cursor() as c:
            head = read_head(c, self._datastore)
            if head != (decided_on, self._epoch):
                raise self._why_not(head, decided_on)

    def close(self) -> None:
        with self._lock:
            self._own.close()

    def _size_to_follow(self, decided_on: int | None, known: int | None) -> int:
        """What the log's size has to be; asked for where neither we nor the caller know of one."""
        if decided_on is not None and decided_on != known:
            self._forget()
            return decided_on
        if known is None:
            return self._read_head().size
        return known

    def _append_at(
        self, size: int, epoch: int, unsealed: Unsealed, answers: Sequence[NewAnswer]
    ) -> tuple[Appended, dict[str, Tip]]:
        """Appends with one statement to a log of this size; also the accounts' new tips."""

        def send(c: cursor) -> tuple[Any, ...] | None:
            c.execute(self._own.prepared(self._append_short, {**rows, **fences}))
            return c.fetchone()

        first, last = size + 1, size + len(unsealed.events)
        fences = {"epoch": epoch, "size": size, "channel": self._datastore.schema}
        tips = self._own.first(lambda c: self._tips_before(c, unsealed.continued), alone=True)
        seals = seal(self._book, unsealed, first, tips)
        receipts = receipts_of(answers, unsealed.events, seals)
        topics = self._known_topics()
        rows = short_append.parameters(unsealed.events, seals, topics, answers, receipts)
        # If it is sent a second time, nothing is appended: the log no longer has this size.
        if self._own.first(send, alone=True) is None:
            raise self._why_not(self._read_head(), size)
        return Appended(first, last, receipts), tips

    def _read_head(self) -> Head:
        return self._own.first(lambda c: read_head(c, self._datastore), alone=True)

    def _why_not(self, head: Head, size: int) -> Exception:
        """Why nothing can be appended to a log of this size, now that its head is another."""
        if self._epoch is not None and head.epoch != self._epoch:
            return StaleEpoch(self._datastore.schema, self._epoch)
        return UnexpectedSize(self._datastore.schema, size, head.size)

    def _copy_in(
        self,
        size: int,
        epoch: int,
        unsealed: Unsealed,
        answers: Sequence[NewAnswer],
        snapshot_text: bytes,
        also: Also | None,
    ) -> tuple[Appended, dict[str, Tip]]:
        """Appends in a transaction, table by table; also the accounts' new tips."""
        first, last = size + 1, size + len(unsealed.events)

        def begin(c: cursor) -> tuple[cursor, bool]:
            count, channel = len(unsealed.events), self._datastore.schema
            c.execute(self._move_head, (count, epoch, size, channel))
            return c, c.fetchone() is not None

        c, moved = self._own.first(begin, alone=False)
        if not moved:
            self._own.roll_back()
            raise self._why_not(self._read_head(), size)
        tips = self._tips_before(c, unsealed.continued)
        seals = seal(self._book, unsealed, first, tips)
        receipts = receipts_of(answers, unsealed.events, seals)
        known = read_topics(c, self._datastore) if self._topics is None else self._topics
        topics = self._topics = with_new_topics(c, self._datastore, known, unsealed.topics)
        entries = entry_rows(unsealed.columns, unsealed.events, seals, topics)
        self._send(c, self._copy_entries, entries)
        self._send(c, self._copy_answers, answer_rows(answers, receipts))
        self._send(c, self._copy_snapshots, snapshot_text)
        if also is not None:
            also(c)
        self._own.commit()
        return Appended(first, last, receipts), tips

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

    def _known_topics(self) -> Topics:
        """The topics of the log, which the size that it has to have speaks for: a topic is added
        together with its first entry."""
        if self._topics is None:
            read = partial(read_topics, datastore=self._datastore)
            self._topics = self._own.first(read, alone=True)
        return self._topics

    def _forget(self) -> None:
        self._tips.clear()
        self._topics = None

    def _remember(self, tips: dict[str, Tip]) -> None:
        for stream, tip in tips.items():
            self._tips[stream] = tip
            self._tips.move_to_end(stream)
        while len(self._tips) > REMEMBERED_ACCOUNTS:
            self._tips.popitem(last=False)

    def _claim(self) -> int:
        self._own.close()
        self._forget()
        terminate_writers(self._datastore, self._name)
        with self._own.cursor(alone=True) as c:
            c.execute(self._datastore.sql(_BEGIN_EPOCH), {"form": FORM})
            begun = c.fetchone()
            if begun is None:
                found = read_form(c, self._datastore)
                raise UnreadableLog.of_later_form(self._datastore.schema, found, FORM)
        epoch: int
        epoch, self._size = begun
        self._epoch = epoch
        return epoch

    def _copy(self, table: str, columns: str) -> str:
        return self._datastore.sql(f"COPY {{schema}}.{table} ({columns}) FROM STDIN")

    @staticmethod
    def _send(c: cursor, statement: str, rows: bytes) -> None:
        if rows:
            c.copy_expert(statement, BytesIO(rows), _COPY_READ_BYTES)
