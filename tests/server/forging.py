"""What somebody with all rights on the database can do to a log, and to what else would show it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import cursor

from projections.engine.schemas import schemas
from server.eventlog.books import book_of
from server.eventlog.entry import Entry, bytes_of, leaf_hash
from server.eventlog.rows import ENTRIES, ENTRY_READ, entry

_GUARDED = ("entries", "answers", "snapshots")


@dataclass
class Forger:
    """A superuser in the schema of a book, from whom the triggers have been taken away."""

    c: cursor
    schema: str

    def amount(self, topic: str, old: str, new: str, *, hashed: bool = False) -> int:
        """Another amount in the first fact with this topic; returns its position.

        It stays balanced, because the same digits stand on both sides. If `hashed`, the entry gets
        the leaf hash of what it says now.
        """
        self.c.execute(
            "SELECT min(position) FROM entries JOIN topics ON number = topic"
            " WHERE name = %s AND strpos(state, %s) > 0",
            (f"partsledger:{topic}", old),
        )
        ((position,),) = self.c.fetchall()
        self.run("UPDATE entries SET state = replace(state, %s, %s) WHERE position = %s",
                 old, new, position)  # fmt: skip
        if hashed:
            self.hash_again(position)
        return int(position)

    def state(self, position: int, state: str) -> None:
        self.run("UPDATE entries SET state = %s WHERE position = %s", state, position)

    def hash_again(self, position: int) -> None:
        """As whoever knows the format would."""
        leaf = leaf_hash(bytes_of(self.entry(position)))
        self.run("UPDATE entries SET leaf_hash = %s WHERE position = %s", leaf, position)

    def delete(self, position: int) -> None:
        self.run("DELETE FROM entries WHERE position = %s", position)

    def swap(self, one: int, other: int) -> None:
        """Two entries change places, each with a hash that fits where it is now."""
        for of, to in ((one, -1), (other, one), (-1, other)):
            self.run("ALTER TABLE entries DROP CONSTRAINT IF EXISTS entries_position_check")
            self.run("UPDATE entries SET position = %s WHERE position = %s", to, of)
        for position in (one, other):
            self.hash_again(position)

    def cut(self, size: int, *, head: bool = False, traces: bool = False) -> None:
        """Takes the last entries out; the head goes back with them, and so does all that would
        tell, the answers, the snapshots and the views, if that is said."""
        self.run("DELETE FROM entries WHERE position > %s", size)
        if head:
            self.head(size)
        if traces:
            self.run("DELETE FROM answers WHERE last_position > %s", size)
            self.run(
                "DELETE FROM snapshots AS s WHERE NOT EXISTS "
                "(SELECT FROM entries AS e WHERE (e.stream, e.version) = (s.stream, s.version))"
            )
            self.run(f"DROP SCHEMA {schemas(self.schema).views} CASCADE")

    def head(self, size: int) -> None:
        self.run("UPDATE head SET size = %s", size)

    def views_ahead(self, by: int) -> None:
        positions = f"{schemas(self.schema).views}.positions"
        self.run(f"UPDATE {positions} SET position = position + %s", by)

    def entry(self, position: int) -> Entry:
        read = f"SELECT {ENTRY_READ} FROM {ENTRIES} WHERE position = %s"
        self.c.execute(read.format(schema=self.schema), (position,))
        (row,) = self.c.fetchall()
        return entry(book_of(self.schema), row)

    def size(self) -> int:
        self.c.execute("SELECT size FROM head")
        ((size,),) = self.c.fetchall()
        return int(size)

    def run(self, statement: str, *values: Any) -> None:
        self.c.execute(statement, values)


@contextmanager
def forging(database_url: str, schema: str) -> Iterator[Forger]:
    """The triggers are there again afterwards, so that nobody sees who was here."""
    with closing(psycopg2.connect(database_url)) as opened, opened, opened.cursor() as c:
        c.execute("SELECT set_config('search_path', %s, false)", (schema,))
        for table in _GUARDED:
            c.execute(f"ALTER TABLE {table} DISABLE TRIGGER only_grows")
        yield Forger(c, schema)
        for table in _GUARDED:
            c.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows")
