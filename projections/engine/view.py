"""What a view is: one table, the fold that fills it, and where it has got to.

Most views only grow: every row comes from one fact and carries its position in the log. So such a
view as it stood at a past position is the rows up to it, and two are the same when their rows in
order of position are. Others are *derived*: folded from the rows of other views. Those of sums
(projections/engine/sums.py) are added to in place; they too can be told as of a position.

The views of the book in schema `book_main` live beside its log in the schema `book_main_views`,
with a table `positions` that says how far each has read.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from psycopg2.errors import InvalidSchemaName, UndefinedTable
from psycopg2.extensions import connection, cursor

from projections.engine.errors import ViewsMissing

# A transaction on a connection: committed when left, rolled back when left by an exception.
Connect = Callable[[], AbstractContextManager[connection]]


# The log falls into generations: lines have a partition for each (partitions.py), and sums are
# kept apart for each (sums.py).
GENERATION_POSITIONS: Final = 1_000_000


def generation_of(position: int) -> int:
    """The generation a position lies in, from 0; -1 before the first."""
    return (position - 1) // GENERATION_POSITIONS


def generation_end(position: int) -> int:
    """The last position of the generation that a position lies in."""
    return (generation_of(position) + 1) * GENERATION_POSITIONS


# What folds read of the log between two positions, the first one not included. Each fact is parsed
# once, however many views a step folds.
FACTS: Final = """
    SELECT e.position, e.stream, e.version, e.topic, e.recorded_at, f.*
    FROM {log}.entries AS e
    CROSS JOIN LATERAL json_to_record(e.state::json) AS f (
        effective_on date, occurred_on date, document text, dealer text, currency text,
        month text, statement_month text, movements json, postings json, items json,
        decisions json, statement json
    )
    WHERE e.position > %(after)s AND e.position <= %(through)s
"""


class View(NamedTuple):
    """`{views}` and `{log}` in its SQL stand for the two schemas, `{facts}` for what is folded.

    The fold binds `values`, and one of a derived view also `after` and `through`, the positions it
    reads (`after` not included). Indexes are apart, because a rebuild makes them last. `rows`, for
    fingerprints, are a chunk of the view as it stood at a position: see fingerprint.py for what
    it binds.
    """

    name: str
    table: str
    fold: str
    indexes: str
    row_order: str = "position"  # Names a row.
    values: Mapping[str, Any] = MappingProxyType({})
    rows: str = ""  # None said: those whose position lies in the chunk.
    partitioned: bool = False  # By position: see projections/engine/partitions.py.
    derived: bool = False  # From rows of views that stand before it in folding.VIEWS.

    @property
    def definition(self) -> str:
        """SHA-256 of what the view is: rows folded under another one have to be rebuilt."""
        values = repr(sorted(self.values.items()))
        parts = "\0".join((self.table, FACTS, self.fold, self.indexes, values))
        return hashlib.sha256(parts.encode()).hexdigest()


def views_schema(book: str) -> str:
    """Where the views of the book in schema `book` live."""
    return f"{book}_views"


def shadow_schema(book: str) -> str:
    """Where they are rebuilt."""
    return f"{book}_views_shadow"


@lru_cache(maxsize=1_000)
def sql(statement: str, views: str, log: str = "") -> str:
    """A statement with the schemas in place of `{views}` and `{log}`."""
    return statement.replace("{views}", _quoted(views)).replace("{log}", _quoted(log or views))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# Views are replaced as a whole, by renaming their schema. Whoever uses them locks their positions
# first, so that nobody reads half of the old ones and half of the new ones. It is a table's lock
# because only that is waited for before a snapshot is taken, and the name is looked up again after.
_SHARE: Final = "LOCK TABLE {views}.positions IN ACCESS SHARE MODE"
_OWN: Final = "LOCK TABLE {views}.positions IN ACCESS EXCLUSIVE MODE"
_MAKE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_REACHED: Final = "SELECT min(position) FROM {views}.positions"
_EXISTS: Final = "SELECT to_regclass(format('%%I.%%I', %s::text, %s::text)) IS NOT NULL"


def share_views(c: cursor, book: str, settings: str = "") -> int:
    """Keeps the views from being replaced until this transaction ends. Its first statement, after
    its settings. Returns the position that every view has reached.

    Raises `ViewsMissing` where there are none.
    """
    views = views_schema(book)
    try:
        c.execute(f"{settings}; {sql(_SHARE, views)}; {sql(_REACHED, views)}")
    except (UndefinedTable, InvalidSchemaName) as error:
        raise ViewsMissing(f"there are no views in {views}: start a follower first") from error
    return _position(c, views)


def make_alone(c: cursor, book: str) -> None:
    """Keeps everyone else from making the views until this transaction ends."""
    c.execute(_MAKE, (f"views of {book}",))


def own_views(c: cursor, book: str) -> None:
    """Keeps everyone else from the views, or from making them, until this transaction ends."""
    views = views_schema(book)
    make_alone(c, book)
    if table_exists(c, views, "positions"):
        c.execute(sql(_OWN, views))


def reached(c: cursor, views: str) -> int:
    """The position that every view in a schema has reached."""
    c.execute(sql(_REACHED, views))
    return _position(c, views)


def _position(c: cursor, views: str) -> int:
    ((position,),) = c.fetchall()
    if position is None:
        raise ViewsMissing(f"{views} has no positions")
    return int(position)


def table_exists(c: cursor, schema: str, table: str) -> bool:
    c.execute(_EXISTS, (schema, table))
    return c.fetchone() == (True,)
