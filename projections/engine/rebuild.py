"""Rebuilds the views of a book from its log, beside the live ones, and puts them in their place.

The new views grow in a shadow schema while the live ones are read and followed. At the position
where both stand they are compared by fingerprint. Then, in one transaction, the shadow takes the
name of the live schema: readers see the old views or the new ones, never both and never none.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from psycopg2.extensions import connection, cursor

from projections.engine.errors import RebuildUnderWay
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import VIEWS, create, index, log_size, step
from projections.engine.view import (
    GENERATION_POSITIONS,
    Connect,
    View,
    own_views,
    reached,
    shadow_schema,
    sql,
    table_exists,
    views_schema,
)

STEP_FACTS: Final = 50_000

_TRY_LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_UNLOCK: Final = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
_DEFINITION: Final = "SELECT definition FROM {views}.positions WHERE view = %s"
_DROP: Final = "DROP SCHEMA IF EXISTS {views} CASCADE"
_ANALYSE: Final = "ANALYZE {views}."
_SWITCH: Final = "ALTER SCHEMA {log} RENAME TO {views}"
# A reader that never ends must not keep all others waiting behind us.
_PATIENCE: Final = "SET LOCAL lock_timeout = '30s'"

# Derived views are folded last, over lines that have their indexes, a generation at a time.
_FROM_LOG: Final = tuple(view for view in VIEWS if not view.derived)
_DERIVED: Final = tuple(view for view in VIEWS if view.derived)

# Told (done, total), in facts times what is done with each.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RebuiltView:
    """A view and its rebuilt twin at the same position, by their fingerprints.

    `live` is None where there was no view, or one of another version of this program.
    """

    name: str
    rows: int
    live: str | None
    rebuilt: str

    @property
    def same(self) -> bool:
        return self.live == self.rebuilt


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What a rebuild found. The rebuilt views are live by now, whether they differed or not."""

    position: int  # Where they were compared.
    views: tuple[RebuiltView, ...]

    @property
    def same(self) -> bool:
        return all(view.same for view in self.views)


def rebuild(
    connect: Connect,
    book: str,
    progress: Progress = lambda done, total: None,
    step_facts: int = STEP_FACTS,
) -> Rebuild:
    """Rebuilds, compares and replaces the views of the book in schema `book`.

    It may be followed and read meanwhile; the last moments make them wait. Raises
    `RebuildUnderWay`. Cut off at any point it leaves the live views as they were.
    """
    live, shadow = views_schema(book), shadow_schema(book)
    with connect() as conn, conn.cursor() as c, _alone(conn, c, book):
        c.execute(sql(_DROP, shadow))
        create(c, shadow)
        conn.commit()
        target = _live_position(c, book)
        folding = target * len(VIEWS)  # Folding a view takes about as long as comparing it.
        total = 3 * folding
        for at in _folded(conn, c, book, _FROM_LOG, target, step_facts):
            progress(at * len(_FROM_LOG), total)
        _finish(conn, c, shadow, _FROM_LOG)
        for at in _folded(conn, c, book, _DERIVED, target, GENERATION_POSITIONS):
            progress(target * len(_FROM_LOG) + at * len(_DERIVED), total)
        _finish(conn, c, shadow, _DERIVED)
        compared = _compare(conn, c, book, target, lambda done: progress(folding + done, total))
        _replace(c, book, live, shadow, step_facts)
        conn.commit()
        progress(total, total)
    return compared


@contextmanager
def _alone(conn: connection, c: cursor, book: str) -> Iterator[None]:
    """One rebuild of a book at a time. The lock is the session's: it ends with the connection."""
    name = f"rebuild of {book}"
    c.execute(_TRY_LOCK, (name,))
    if c.fetchone() != (True,):
        raise RebuildUnderWay(f"the views of {book} are being rebuilt")
    try:
        yield
    finally:
        if not conn.closed:
            conn.rollback()
            c.execute(_UNLOCK, (name,))
            conn.commit()


def _live_position(c: cursor, book: str) -> int:
    """Where the live views stand; without any, the end of the log."""
    live = views_schema(book)
    return reached(c, live) if table_exists(c, live, "positions") else log_size(c, book)


def _folded(
    conn: connection, c: cursor, book: str, of: Sequence[View], target: int, step_facts: int
) -> Iterator[int]:
    """Folds views of the shadow up to a position; says after each committed step where they are."""
    at = 0
    while at < target:
        at = step(c, book, shadow_schema(book), min(step_facts, target - at), of).reached
        conn.commit()
        yield at


def _finish(conn: connection, c: cursor, shadow: str, of: Sequence[View]) -> None:
    index(c, shadow, of)
    for view in of:
        c.execute(sql(_ANALYSE + view.name, shadow))
    conn.commit()


def _compare(
    conn: connection, c: cursor, book: str, position: int, progress: Callable[[int], None]
) -> Rebuild:
    """Both as of one position: what the live views have folded since then is left aside."""
    views = []
    done = 0

    def advance(positions: int) -> None:
        nonlocal done
        done += positions
        progress(done)

    for view in VIEWS:
        live = _live_fingerprint(c, book, view, position, advance)
        rows, rebuilt = fingerprint(c, shadow_schema(book), view, position, advance)
        views.append(RebuiltView(view.name, rows, live, rebuilt))
        conn.commit()
    return Rebuild(position, tuple(views))


def _live_fingerprint(
    c: cursor, book: str, view: View, position: int, progress: Callable[[int], None]
) -> str | None:
    live = views_schema(book)
    if not table_exists(c, live, "positions"):
        return None
    c.execute(sql(_DEFINITION, live), (view.name,))
    if c.fetchone() != (view.definition,):
        return None
    return fingerprint(c, live, view, position, progress)[1]


def _replace(c: cursor, book: str, live: str, shadow: str, step_facts: int) -> None:
    """Waits for readers and followers to pause, catches up, and switches."""
    c.execute(_PATIENCE)
    own_views(c, book)
    behind = _live_position(c, book) - reached(c, shadow)
    while behind > 0:
        step(c, book, shadow, min(step_facts, behind))
        behind = _live_position(c, book) - reached(c, shadow)
    c.execute(sql(_DROP, live))
    c.execute(sql(_SWITCH, live, log=shadow))
