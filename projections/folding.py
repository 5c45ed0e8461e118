"""Folds the log into the views: rows and position in one transaction, many facts a statement.

Whoever folds holds the rows of `positions`, so that two followers take turns, and each fact counts
once however often a step fails, is repeated, or is cut off.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg2.extensions import cursor

from projections.balances import (
    ACCOUNT_DAYS,
    ACCOUNT_MONTHS,
    PARTY_DAYS,
    PARTY_MONTHS,
    STATEMENT_MONTHS,
)
from projections.dealer_account_rows import (
    DEALER_ACCOUNTS_OPENED,
    ISSUED_STATEMENTS,
    STATEMENT_ROWS,
)
from projections.documents import DOCUMENT_STEPS
from projections.errors import ViewsOutdated
from projections.journal import JOURNAL_LINES
from projections.open_items import DEALER_ITEMS
from projections.partitions import make_partitions
from projections.pending_claims import CLAIM_STEPS
from projections.stock_lines import PLACE_MONTHS, STOCK_LINES
from projections.view import View, make_alone, sql, table_exists, views_schema

VIEWS: Final = (
    JOURNAL_LINES,
    STOCK_LINES,
    DEALER_ACCOUNTS_OPENED,
    STATEMENT_ROWS,
    ISSUED_STATEMENTS,
    CLAIM_STEPS,
    DOCUMENT_STEPS,
    # Derived ones come behind those they are derived from.
    ACCOUNT_MONTHS.view,
    ACCOUNT_DAYS.view,
    PARTY_MONTHS.view,
    PARTY_DAYS.view,
    STATEMENT_MONTHS.view,
    DEALER_ITEMS,
    PLACE_MONTHS.view,
)

_CREATE: Final = """
    CREATE SCHEMA {views};
    CREATE TABLE {views}.positions (
        view       text   COLLATE "C" PRIMARY KEY,
        definition text   NOT NULL,                 -- What it was folded by.
        position   bigint NOT NULL
    )
"""
_BEGIN: Final = "INSERT INTO {views}.positions VALUES (%s, %s, 0)"
_DEFINITIONS: Final = "SELECT view, definition FROM {views}.positions"
_POSITIONS: Final = "SELECT view, position FROM {views}.positions ORDER BY view FOR UPDATE"
_ADVANCE: Final = """
    UPDATE {views}.positions SET position = %(through)s
    WHERE view = ANY(%(names)s) AND position < %(through)s
"""
_LOG_SIZE: Final = "SELECT size FROM {log}.head"


class Step(NamedTuple):
    """What a step did: the views stand at `reached`; the log had `size` entries."""

    reached: int
    size: int

    @property
    def caught_up(self) -> bool:
        return self.reached >= self.size


def prepare(c: cursor, book: str) -> None:
    """Makes the views of a book where it has none. Raises `ViewsOutdated` for those of another
    version of this program."""
    make_alone(c, book)
    views = views_schema(book)
    if not table_exists(c, views, "positions"):
        create(c, views)
        index(c, views)
        return
    c.execute(sql(_DEFINITIONS, views))
    found = dict(c.fetchall())
    if found != {view.name: view.definition for view in VIEWS}:
        raise ViewsOutdated(f"the views in {views} are another version's: rebuild them")


def create(c: cursor, views: str, of: Sequence[View] = VIEWS) -> None:
    """Makes empty views in a new schema, without indexes."""
    c.execute(sql(_CREATE, views))
    for view in of:
        c.execute(sql(view.table, views))
        c.execute(sql(_BEGIN, views), (view.name, view.definition))


def index(c: cursor, views: str, of: Sequence[View] = VIEWS) -> None:
    for view in of:
        if view.indexes:
            c.execute(sql(view.indexes, views))


def log_size(c: cursor, book: str) -> int:
    """The position of the log's last entry."""
    c.execute(sql(_LOG_SIZE, book, log=book))
    ((size,),) = c.fetchall()
    return int(size)


def step(c: cursor, book: str, views: str, limit: int, of: Sequence[View] = VIEWS) -> Step:
    """Folds up to `limit` facts into every view in `views`.

    The caller commits, and has shared or owned the views of the book.
    """
    size = log_size(c, book)
    c.execute(sql(_POSITIONS, views))
    found: dict[str, int] = dict(c.fetchall())
    positions = {view.name: found[view.name] for view in of}
    through = min(size, min(positions.values()) + limit)
    for view in of:
        _fold_rows(c, view, book, views, positions[view.name], through)
    _advance(c, views, of, through)
    return Step(max(through, min(positions.values())), size)


def fold(c: cursor, view: View, book: str, views: str, after: int, through: int) -> None:
    """Brings one view from the position it stands at to another, rows and position together."""
    _fold_rows(c, view, book, views, after, through)
    _advance(c, views, [view], through)


def _fold_rows(c: cursor, view: View, book: str, views: str, after: int, through: int) -> None:
    if through <= after:
        return
    if view.partitioned:
        make_partitions(c, views, view.name, after, through)
    values: dict[str, Any] = {**view.values, "after": after, "through": through}
    c.execute(sql(view.fold, views, log=book), values)


def _advance(c: cursor, views: str, of: Sequence[View], through: int) -> None:
    c.execute(sql(_ADVANCE, views), {"through": through, "names": [view.name for view in of]})
