"""Where the tables of a book lie, and who may replace its views.

The views of the book in schema `book_main` lie in the schema `views_of_book_main`, with a table
`positions` that says which are there, what each was folded by, and how far. Views that are being
built lie in `shadow_of_book_main` until they take their place. What a schema holds stands in front,
and every log's name begins with `book_`: so no book has a name by which its log would lie among
another one's views.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Final, NamedTuple

from psycopg2.errors import InvalidSchemaName, UndefinedTable
from psycopg2.extensions import connection, cursor

from projections.engine.errors import HoldsALog, ViewsMissing
from projections.engine.view import View, Views

# A transaction on a connection: committed when left, rolled back when left by an exception.
Connect = Callable[[], AbstractContextManager[connection]]

POSITIONS: Final = "positions"
_OF_A_LOG: Final = ("head", "entries", "answers")  # Any of these tables.
_NAMED: Final = re.compile(r"\{views\}\.(\w+)")


class Schemas(NamedTuple):
    """Which schema each table lies in that a statement names as `{views}.name` or `{log}.name`."""

    log: str
    views: str
    shadow: str = ""
    in_shadow: frozenset[str] = frozenset()

    def of(self, table: str) -> str:
        return self.shadow if table in self.in_shadow else self.views

    def sql(self, statement: str) -> str:
        """The statement with the schemas in their places."""
        return _filled(statement, self)


def schemas(book: str) -> Schemas:
    """The log of a book, and its live views."""
    return Schemas(book, f"views_of_{book}")


def building(book: str, views: Iterable[View]) -> Schemas:
    """The same, with these views and positions of their own in the shadow."""
    names = frozenset(view.name for view in views)
    return schemas(book)._replace(shadow=f"shadow_of_{book}", in_shadow=names | {POSITIONS})


@lru_cache(maxsize=1_000)
def tables_of_views(statement: str) -> frozenset[str]:
    """The tables that a statement names as `{views}.name`."""
    return frozenset(_NAMED.findall(statement))


@lru_cache(maxsize=1_000)
def _filled(statement: str, at: Schemas) -> str:
    filled = _NAMED.sub(lambda found: f"{quoted(at.of(found[1]))}.{found[1]}", statement)
    return filled.replace("{log}", quoted(at.log))


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Standing(NamedTuple):
    """Which views are there as they are defined now, and the position that all of them have."""

    there: frozenset[str]
    reached: int


# Whoever uses the views locks their positions first, so that nobody reads half of the old ones and
# half of the new ones. It is a table's lock because only that is waited for before a snapshot is
# taken, and names of tables are looked up again after.
_SHARE: Final = "LOCK TABLE {views}.positions IN ACCESS SHARE MODE"
_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_STANDING: Final = """
    SELECT array_agg(view ORDER BY view), min(position) FROM {views}.positions
    WHERE definition IN (DEFINITIONS)
"""
_EXISTS: Final = "SELECT to_regclass(format('%%I.%%I', %s::text, %s::text)) IS NOT NULL"


def share_views(c: cursor, at: Schemas, views: Views, settings: str = "") -> Standing:
    """Keeps the views from being replaced until this transaction ends. Its first statement, after
    its settings. Raises `ViewsMissing` where no view was ever made."""
    try:
        c.execute(f"{settings}; {at.sql(_SHARE)}; {_standing_sql(at, views)}")
    except (UndefinedTable, InvalidSchemaName) as error:
        raise ViewsMissing(f"there are no views in {at.views}: rebuild them") from error
    return _standing(c)


def standing(c: cursor, at: Schemas, views: Views) -> Standing:
    """Which views stand there, and how far."""
    c.execute(_standing_sql(at, views))
    return _standing(c)


def make_alone(c: cursor, at: Schemas) -> None:
    """Keeps everyone else from making or replacing views until this transaction ends."""
    c.execute(_ALONE, (f"views of {at.log}",))


def own_views(c: cursor, at: Schemas) -> None:
    """Keeps everyone else from the live views, or from making them, until this transaction ends."""
    make_alone(c, at)
    if table_exists(c, at.views, POSITIONS):
        c.execute(f"LOCK TABLE {quoted(at.views)}.positions IN ACCESS EXCLUSIVE MODE")


def drop_views(c: cursor, schema: str) -> None:
    """Drops a schema of views, if it is there, with all that is in it. Every schema that is dropped
    is dropped here.

    Raises `HoldsALog` rather than drop a log, whoever may have put it there.
    """
    if any(table_exists(c, schema, table) for table in _OF_A_LOG):
        raise HoldsALog(schema)
    c.execute(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")


def table_exists(c: cursor, schema: str, table: str) -> bool:
    c.execute(_EXISTS, (schema, table))
    return c.fetchone() == (True,)


def _standing_sql(at: Schemas, views: Views) -> str:
    return at.sql(_STANDING).replace("DEFINITIONS", views.defined)


def _standing(c: cursor) -> Standing:
    ((there, reached),) = c.fetchall()
    return Standing(frozenset(there or ()), reached or 0)
