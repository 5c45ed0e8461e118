"""Folds the log into views: rows and position in one transaction, many facts a statement.

Whoever folds holds the rows of `positions`, so that two followers take turns, and each fact counts
once however often a step fails, is repeated, or is cut off.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import psycopg2
from psycopg2.extensions import cursor

from domain.storing import FORM
from projections.engine.errors import FoldStuck
from projections.engine.older import Older, read_older
from projections.engine.partitions import make_partitions
from projections.engine.prepared import prepared
from projections.engine.row_security import secure
from projections.engine.schemas import (
    POSITIONS,
    Schemas,
    make_alone,
    quoted,
    schemas,
    table_exists,
)
from projections.engine.unreadable import before_unknown, before_unreadable
from projections.engine.view import View, Views, facts_read_by

_CREATE: Final = """
    CREATE TABLE {views}.positions (
        view       text   COLLATE "C" PRIMARY KEY,
        definition text   NOT NULL,                 -- What it was folded by.
        position   bigint NOT NULL
    )
"""
_BEGIN: Final = "INSERT INTO {views}.positions VALUES (%s, %s, 0)"
_DEFINITIONS: Final = "SELECT view, definition FROM {views}.positions"
_OUTDATE: Final = "UPDATE {views}.positions SET definition = '' WHERE view = ANY(%s)"
_RETIRE: Final = "DELETE FROM {views}.positions WHERE view = %s"
# Views are followed before the log is taken over: until then, all of it may be of an older form.
_OLDER_THROUGH: Final = "CASE WHEN form < %(form)s THEN size ELSE older_through END"
_STANDS: Final = f"""
    SELECT view, definition, position, size, {_OLDER_THROUGH}
    FROM {{views}}.positions, {{log}}.head ORDER BY view FOR UPDATE OF positions
"""
_READ_OLDER_THROUGH: Final = f"SELECT {_OLDER_THROUGH} FROM {{log}}.head"
_BEFORE: Final = "before_a_step"  # A savepoint: where to go back to, if a fact cannot be read.
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


def prepare(c: cursor, book: str, views: Views) -> tuple[View, ...]:
    """Makes the views of a book where it has none, and drops those that are no more.

    Returns the views to be built: new ones, those of another definition, and what derives from
    either. The others can be followed and read.
    """
    at = schemas(book)
    make_alone(c, at)
    if not table_exists(c, at.views, POSITIONS):
        create(c, at, views)
        index(c, at, views)
        secure(c, at, views)
        return ()
    c.execute(at.sql(_DEFINITIONS))
    found = dict(c.fetchall())
    changed = [name for name, what in views.definitions.items() if found.get(name) != what]
    outdated = views.with_derived(changed)
    if outdated:
        c.execute(at.sql(_OUTDATE), ([view.name for view in outdated],))
    for name in found.keys() - views.definitions.keys():
        c.execute(at.sql(_RETIRE), (name,))
        c.execute(f"DROP TABLE IF EXISTS {quoted(at.views)}.{quoted(name)}")
    secure(c, at, views)
    return outdated


def create(c: cursor, at: Schemas, of: Sequence[View]) -> None:
    """Makes empty views in a new schema, without indexes."""
    c.execute(f"CREATE SCHEMA {quoted(at.of(POSITIONS))}")
    c.execute(at.sql(_CREATE))
    for view in of:
        c.execute(at.sql(view.table))
        c.execute(at.sql(_BEGIN), (view.name, view.definition))


def index(c: cursor, at: Schemas, of: Sequence[View]) -> None:
    for view in of:
        if view.indexes:
            c.execute(at.sql(view.indexes))


def log_size(c: cursor, at: Schemas) -> int:
    """The position of the log's last entry."""
    c.execute(at.sql(_LOG_SIZE))
    ((size,),) = c.fetchall()
    return int(size)


def step(
    c: cursor,
    at: Schemas,
    of: Sequence[View],
    limit: int,
    end: int | None = None,
    *,
    prepared: bool = False,
) -> Step:
    """Folds up to `limit` facts into those views that are there as they are defined now; not beyond
    the position `end`, or that of the log.

    The caller commits, and has shared or owned the views of the book. Folds that are `prepared`
    are planned once a connection: planning is most of a small step. It ends before an entry that
    cannot be read; raises `EntryStops` where that is the next one, and `FoldStuck` rather than be
    called for ever.
    """
    c.execute(f"SAVEPOINT {_BEFORE}; {at.sql(_STANDS)}", {"form": FORM})
    rows = c.fetchall()
    size: int = rows[0][3] if end is None else end
    found = {view: (definition, position) for view, definition, position, *_ in rows}
    stands = {view.name: found[view.name][1] for view in of if _is_there(view, found)}
    behind = min(stands.values(), default=size)
    furthest = before_unknown(c, at, behind, min(size, behind + limit))
    older = read_older(c, at, behind, furthest, rows[0][4])
    through = older.through
    late = [view for view in of if stands.get(view.name, through) < through]
    fold_of = _prepared if prepared and not older.rows else _plain
    folds = [fold_of(c, together, at, after, older) for after, together in _together(late, stands)]
    if late:
        readable = _run_readable(c, at, late, folds, behind, through)
        if readable < through:
            return step(c, at, of, limit, readable)._replace(size=size)
    if behind < size and not late:
        raise FoldStuck(f"a step of {limit} facts does not bring {at.views} forward from {behind}")
    return Step(max(through, behind), size)


def _run_readable(
    c: cursor, at: Schemas, of: Sequence[View], folds: Sequence[bytes], after: int, through: int
) -> int:
    """Runs them, and returns `through`; or where they end before an entry that cannot be read, and
    then nothing was folded. The savepoint is from before anything was made for them."""
    try:
        _run(c, at, of, folds, through)
    except (psycopg2.DataError, psycopg2.IntegrityError):  # A field is none, or not there.
        c.execute(f"ROLLBACK TO SAVEPOINT {_BEFORE}")
        readable = before_unreadable(c, at, after, through)
        if readable == through:
            raise
        return readable
    return through


def _is_there(view: View, found: Mapping[str, tuple[str, int]]) -> bool:
    return view.name in found and found[view.name][0] == view.definition


def _together(
    late: Sequence[View], stands: Mapping[str, int]
) -> Iterator[tuple[int, tuple[View, ...]]]:
    """Views from the log that stand at the same position, then derived ones, each by itself."""
    from_log = [view for view in late if not view.derived]
    for after in sorted({stands[view.name] for view in from_log}):
        yield after, tuple(view for view in from_log if stands[view.name] == after)
    for view in late:
        if view.derived:
            yield stands[view.name], (view,)


def fold(c: cursor, view: View, at: Schemas, after: int, through: int) -> None:
    """Brings one view from the position it stands at to another, rows and position together."""
    c.execute(at.sql(_READ_OLDER_THROUGH), {"form": FORM})
    ((older_through,),) = c.fetchall()
    while after < through:
        older = read_older(c, at, after, through, older_through)
        _run(c, at, [view], [_plain(c, (view,), at, after, older)], older.through)
        after = older.through


def _run(c: cursor, at: Schemas, of: Sequence[View], folds: Sequence[bytes], through: int) -> None:
    """All in one message to the server, the new position last."""
    advance = {"through": through, "names": [view.name for view in of]}
    c.execute(b";".join([*folds, c.mogrify(at.sql(_ADVANCE), advance)]))


@lru_cache(maxsize=100)
def _statement(of: tuple[View, ...], *, some_older: bool = False) -> str:
    """The folds of views as one statement, which reads the log once."""
    facts = facts_read_by(of, some_older=some_older)
    if len(of) == 1:
        return of[0].fold.replace("{facts}", f"({facts})")
    folds = [view.fold.replace("{facts}", "facts") for view in of]
    parts = [f"fold_{number} AS ({fold})" for number, fold in enumerate(folds)]
    return f"WITH facts AS MATERIALIZED ({facts}), {', '.join(parts)} SELECT"


def _values(of: Sequence[View]) -> dict[str, Any]:
    return {name: value for view in of for name, value in view.values.items()}


def _plain(c: cursor, of: tuple[View, ...], at: Schemas, after: int, older: Older) -> bytes:
    """The folds of the facts after one position up to another, as a statement of their own."""
    make_partitions(c, at, of, after, older.through)
    values = {**_values(of), "after": after, "through": older.through}
    if older.rows:
        return c.mogrify(at.sql(_statement(of, some_older=True)), {**values, **older.values})
    return c.mogrify(at.sql(_statement(of)), values)


def _prepared(c: cursor, of: tuple[View, ...], at: Schemas, after: int, older: Older) -> bytes:
    """The same, by a statement that the connection keeps, where no fact is of an older form."""
    make_partitions(c, at, of, after, older.through)
    positions = {"after": after, "through": older.through}
    return prepared(c, at.sql(_statement(of)), positions, _values(of))
