"""What a view is: one table that only grows, the fold that fills it, and where it has got to.

Every row of a view comes from one fact and carries its position in the log. So a view as it stood
at a past position is the rows up to it, a fold never has to change a row, and two views are the
same when their rows in order of position are.

The views of the book in schema `book_main` live beside its log in the schema `book_main_views`,
with a table `positions` that says how far each has read.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from psycopg2.extensions import connection, cursor
from psycopg2.sql import SQL, Composed, Identifier

# A transaction on a connection: committed when left, rolled back when left by an exception.
Connect = Callable[[], AbstractContextManager[connection]]


class View(NamedTuple):
    """`{views}` and `{log}` in its SQL stand for the two schemas.

    The fold binds `after` and `through`, the positions it reads (`after` not included), and
    `values`. Indexes are apart, because a rebuild makes them last.
    """

    name: str
    table: str
    fold: str
    indexes: str
    row_order: str = "position"  # Begins with the position; names a row.
    values: Mapping[str, Any] = MappingProxyType({})

    @property
    def definition(self) -> str:
        """SHA-256 of what the view is: rows folded under another one have to be rebuilt."""
        parts = "\0".join((self.table, self.fold, self.indexes, repr(sorted(self.values.items()))))
        return hashlib.sha256(parts.encode()).hexdigest()


class ViewsMissing(Exception):
    """The book's views have never been made."""


class ViewsOutdated(Exception):
    """The views were folded by another version of this program, and have to be rebuilt."""


class ViewsBehind(Exception):
    """The views have not reached the position that was asked for."""

    def __init__(self, position: int, reached: int) -> None:
        super().__init__(f"the views stand at position {reached}, {position} was asked for")
        self.position = position
        self.reached = reached


def views_schema(book: str) -> str:
    """Where the views of the book in schema `book` live."""
    return f"{book}_views"


def shadow_schema(book: str) -> str:
    """Where they are rebuilt."""
    return f"{book}_views_shadow"


def sql(statement: str, views: str, log: str = "") -> Composed:
    """A statement with the schemas in place of `{views}` and `{log}`."""
    return SQL(statement).format(views=Identifier(views), log=Identifier(log or views))


# Views are replaced as a whole, by renaming their schema. Whoever uses them shares this lock until
# its transaction ends, so that nobody reads half of the old ones and half of the new ones.
_SHARE: Final = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"
_OWN: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def share_views(c: cursor, book: str) -> None:
    """Keeps the views from being replaced until this transaction ends. Its first statement."""
    c.execute(_SHARE, (f"views of {book}",))


def own_views(c: cursor, book: str) -> None:
    """Keeps everyone else from the views until this transaction ends."""
    c.execute(_OWN, (f"views of {book}",))
