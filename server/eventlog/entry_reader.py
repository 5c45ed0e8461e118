"""Reads entries of a book as they stand in the log: with their salts, hashes and exact bytes."""

from collections.abc import Collection, Sequence
from typing import Final

from domain.errors import EntryUnreadable
from domain.facts import Cause
from server.eventlog.books import book_of
from server.eventlog.entry import Entry
from server.eventlog.queries import Where, select_entries
from server.eventlog.rows import ENTRIES, ENTRY_READ, entry
from server.postgres.pool import Datastore

# The entries of a request stand one after another, and its answer says where.
_TOGETHER = """
    SELECT generate_series(first_position, last_position) AS position
    FROM {schema}.answers
    WHERE request_id IN (
        SELECT request_id FROM {schema}.entries WHERE position = ANY(%s)
        UNION SELECT unnest(%s::text[]::uuid[])
    )
    ORDER BY position
"""

_OF_STEPS: Final = """
    JOIN unnest(%s::text[], %s::bigint[]) AS asked (of_stream, of_version)
        ON stream = of_stream AND version = of_version
"""


class EntryReader:
    """Any thread may use it: each call takes a connection of the pool."""

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore
        self._book = book_of(datastore.schema)

    def read(
        self,
        after: int,
        limit: int,
        *,
        through: int | None = None,
        stream_prefix: str = "",
        stream: str = "",
        topics: Sequence[str] = (),
        actor: str = "",
        only: Sequence[int] | None = None,
        cause: Cause | None = None,
    ) -> list[Entry]:
        """Whole rows after a position, up to another if asked, with salts and hashes.

        Where `only` is said, of those at these positions; `stream` is a whole one's id, and
        `stream_prefix` how one begins. A `cause` of version 0 is any step of the document.
        """
        where = Where()
        where.also("position > %s", after)
        conditions = {
            "position <= %s": through,
            "position = ANY(%s)": None if only is None else list(only),
            "starts_with(stream, %s)": stream_prefix or None,
            "stream = %s": stream or None,
            "actor = %s": actor or None,
            "name = ANY(%s)": list(topics) or None,
            "state::json ->> 'caused_by' = %s": cause and cause.stream,
            "(state::json ->> 'caused_by_version')::bigint = %s": cause and (cause.version or None),
        }
        for condition, value in conditions.items():
            if value is not None:
                where.also(condition, value)
        with self._datastore.cursor() as c:
            select_entries(c, self._datastore, ENTRY_READ, where, limit)
            return [entry(self._book, row) for row in c]

    def steps(self, steps: Collection[Cause]) -> dict[Cause, Entry]:
        """The entries of these steps, each at its version of its stream."""
        streams, versions = [step.stream for step in steps], [step.version for step in steps]
        with self._datastore.cursor() as c:
            c.execute(
                self._datastore.sql(f"SELECT {ENTRY_READ} FROM {ENTRIES} {_OF_STEPS}"),
                (streams, versions),
            )
            found = [entry(self._book, row) for row in c]
        return {Cause(each.stream, each.version): each for each in found}

    def of_streams(self, streams: Collection[str], through: int) -> list[Entry]:
        """All entries of some streams up to a position: of documents, which are short."""
        where = Where()
        where.also("stream = ANY(%s)", list(streams))
        where.also("position <= %s", through)
        with self._datastore.cursor() as c:
            select_entries(c, self._datastore, ENTRY_READ, where, limit=None)
            return [entry(self._book, row) for row in c]

    def positions_of(self, step: Cause) -> list[int]:
        """Where a step of a document is, or with version 0 all of its steps."""
        where = Where()
        where.also("stream = %s", step.stream)
        if step.version:
            where.also("version = %s", step.version)
        with self._datastore.cursor() as c:
            c.execute(
                self._datastore.sql(f"SELECT position FROM {{schema}}.entries{where.clause()}"),
                where.values,
            )
            return [position for (position,) in c]

    def recorded_together(
        self, positions: Sequence[int] = (), request_ids: Sequence[str] = ()
    ) -> list[int]:
        """The positions of all entries of these requests, and of those that entries at these
        positions were recorded by."""
        with self._datastore.cursor() as c:
            c.execute(self._datastore.sql(_TOGETHER), (list(positions), list(request_ids)))
            return [position for (position,) in c]

    def located(self, unreadable: EntryUnreadable) -> EntryUnreadable:
        """The same, with the position of the entry."""
        found = self._datastore.sql(
            "SELECT position FROM {schema}.entries WHERE (stream, version) = (%s, %s)"
        )
        with self._datastore.cursor() as c:
            c.execute(found, (unreadable.facts["stream"], int(unreadable.facts["version"])))
            row = c.fetchone()
        return unreadable if row is None else unreadable.at(int(row[0]))
