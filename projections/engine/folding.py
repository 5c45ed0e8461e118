"""Folds the log into the views: rows and position in one transaction, many facts a statement.

Whoever folds holds the rows of `positions`, so that two followers take turns, and each fact counts
once however often a step fails, is repeated, or is cut off.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from psycopg2.extensions import cursor

from projections.books.balances import (
    ACCOUNT_DAYS,
    ACCOUNT_MONTHS,
    PARTY_DAYS,
    PARTY_MONTHS,
    STATEMENT_MONTHS,
)
from projections.books.documents import DOCUMENT_STEPS
from projections.books.journal import JOURNAL_LINES
from projections.claims.pending_claims import CLAIM_MONTHS, CLAIM_SPANS, CLAIM_STEPS
from projections.dealers.account_rows import (
    DEALER_ACCOUNTS_OPENED,
    ISSUED_STATEMENTS,
    STATEMENT_ROWS,
)
from projections.dealers.open_items import DEALER_ITEMS
from projections.dealers.stated_items import STATED_ITEMS
from projections.engine.errors import ViewsOutdated
from projections.engine.partitions import make_partitions
from projections.engine.prepared import prepared
from projections.engine.view import FACTS, View, make_alone, sql, table_exists, views_schema
from projections.stock.balances import ITEM_BALANCES, PLACE_BALANCES
from projections.stock.closed_stock import CLOSED_MONTHS, CLOSED_STOCK
from projections.stock.lines import STOCK_LINES

VIEWS: Final = (
    JOURNAL_LINES,
    STOCK_LINES,
    DEALER_ACCOUNTS_OPENED,
    STATEMENT_ROWS,
    ISSUED_STATEMENTS,
    CLAIM_STEPS,
    DOCUMENT_STEPS,
    CLOSED_MONTHS,
    # Derived ones come behind those they are derived from.
    ACCOUNT_MONTHS.view,
    ACCOUNT_DAYS.view,
    PARTY_MONTHS.view,
    PARTY_DAYS.view,
    STATEMENT_MONTHS.view,
    DEALER_ITEMS,
    STATED_ITEMS,
    CLAIM_SPANS,
    CLAIM_MONTHS,
    PLACE_BALANCES,
    ITEM_BALANCES,
    CLOSED_STOCK,
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
_STANDS: Final = """
    SELECT view, position, (SELECT size FROM {log}.head)
    FROM {views}.positions ORDER BY view FOR UPDATE OF positions
"""
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


def step(
    c: cursor,
    book: str,
    views: str,
    limit: int,
    of: Sequence[View] = VIEWS,
    *,
    prepared: bool = False,
) -> Step:
    """Folds up to `limit` facts into every view in `views`.

    The caller commits, and has shared or owned the views of the book. Folds that are `prepared`
    are planned once a connection: planning is most of a small step.
    """
    c.execute(sql(_STANDS, views, log=book))
    rows = c.fetchall()
    size: int = rows[0][2]
    stands: dict[str, int] = {view: position for view, position, _ in rows}
    behind = min(stands[view.name] for view in of)
    through = min(size, behind + limit)
    late = [view for view in of if stands[view.name] < through]
    fold_of = _prepared if prepared else _plain
    folds = [
        fold_of(c, views_of, book, views, after, through)
        for after, views_of in _folded_together(late, stands)
    ]
    if late:
        _run(c, views, late, folds, through)
    return Step(max(through, behind), size)


def _folded_together(
    late: Sequence[View], stands: Mapping[str, int]
) -> Iterator[tuple[int, tuple[View, ...]]]:
    """Views from the log that stand at the same position, then derived ones, each by itself."""
    from_log = [view for view in late if not view.derived]
    for after in sorted({stands[view.name] for view in from_log}):
        yield after, tuple(view for view in from_log if stands[view.name] == after)
    for view in late:
        if view.derived:
            yield stands[view.name], (view,)


def fold(c: cursor, view: View, book: str, views: str, after: int, through: int) -> None:
    """Brings one view from the position it stands at to another, rows and position together."""
    _run(c, views, [view], [_plain(c, (view,), book, views, after, through)], through)


def _run(c: cursor, views: str, of: Sequence[View], folds: Sequence[bytes], through: int) -> None:
    """All in one message to the server, the new position last."""
    advance = {"through": through, "names": [view.name for view in of]}
    c.execute(b";".join([*folds, c.mogrify(sql(_ADVANCE, views), advance)]))


def _statement(of: Sequence[View]) -> str:
    """The folds of views as one statement, which reads the log once."""
    if len(of) == 1:
        return of[0].fold.replace("{facts}", f"({FACTS})")
    folds = [view.fold.replace("{facts}", "facts") for view in of]
    parts = [f"fold_{number} AS ({fold})" for number, fold in enumerate(folds)]
    return f"WITH facts AS MATERIALIZED ({FACTS}), {', '.join(parts)} SELECT"


def _values(of: Sequence[View]) -> dict[str, Any]:
    return {name: value for view in of for name, value in view.values.items()}


def _make_partitions(c: cursor, of: Sequence[View], views: str, after: int, through: int) -> None:
    for view in of:
        if view.partitioned:
            make_partitions(c, views, view.name, after, through)


def _plain(
    c: cursor, of: tuple[View, ...], book: str, views: str, after: int, through: int
) -> bytes:
    """The folds of the facts after one position up to another, as a statement of their own."""
    _make_partitions(c, of, views, after, through)
    positions = {"after": after, "through": through}
    return c.mogrify(sql(_statement(of), views, log=book), {**_values(of), **positions})


def _prepared(
    c: cursor, of: tuple[View, ...], book: str, views: str, after: int, through: int
) -> bytes:
    """The same, by a statement that the connection keeps."""
    _make_partitions(c, of, views, after, through)
    positions = {"after": after, "through": through}
    return prepared(c, sql(_statement(of), views, log=book), positions, _values(of))
