"""Builds views of a book from its log, beside the live ones, and puts them in their place.

The new views grow in a shadow schema while all others are read and followed; one that derives from
others reads those where they are. At the position where the live ones stand they are compared with
these by fingerprint, where there are any of the same definition. Then, in one transaction, their
tables move into the live schema: readers see the old views or the new ones, never both and never
none. Where they differ they do so only if that was said to be accepted: a view that is not what the
log says, or a log that is not what the view was made of, is to be looked into first.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

from psycopg2.extensions import connection, cursor

from projections.engine.ahead import views_ahead
from projections.engine.difference import Difference, differences
from projections.engine.errors import RebuildUnderWay
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, index, log_size, step
from projections.engine.row_security import secure
from projections.engine.schemas import (
    POSITIONS,
    Connect,
    Schemas,
    building,
    drop_views,
    own_views,
    quoted,
    schemas,
    standing,
    table_exists,
)
from projections.engine.view import GENERATION_POSITIONS, View, Views

STEP_FACTS: Final = 50_000

_TRY_LOCK: Final = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
_UNLOCK: Final = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
_PARTITIONS: Final = "SELECT relid::regclass::text FROM pg_partition_tree(%s) WHERE level > 0"
# A reader that never ends must not keep all others waiting behind us.
_PATIENCE: Final = "SET LOCAL lock_timeout = '30s'"

# Told (done, total), in facts times what is done with each.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RebuiltView:
    """A view and its rebuilt twin at the same position, by their fingerprints.

    `live` is None where there was no view, or one of another definition: it has no twin that it
    could differ from. `ahead` is how many positions the live one has read that the log has not.
    """

    name: str
    rows: int
    live: str | None
    rebuilt: str
    ahead: int
    differences: tuple[Difference, ...]  # Some of the rows that only one of the two has.

    @property
    def same(self) -> bool:
        return self.live == self.rebuilt and not self.ahead

    @property
    def differs(self) -> bool:
        return self.live is not None and not self.same


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What a rebuild found, and whether the rebuilt views took the place of the live ones."""

    position: int  # Where they were compared.
    views: tuple[RebuiltView, ...]
    went_live: bool = False

    @property
    def same(self) -> bool:
        return all(view.same for view in self.views)

    @property
    def differs(self) -> bool:
        return any(view.differs for view in self.views)


def rebuild(
    connect: Connect,
    book: str,
    views: Views,
    names: Collection[str] | None = None,
    progress: Progress = lambda done, total: None,
    step_facts: int = STEP_FACTS,
    *,
    accept_difference: bool = False,
) -> Rebuild:
    """Rebuilds views by their names, and what derives from them, or all; compares and replaces.

    Where a view differs, nothing is replaced unless `accept_difference`. The book may be followed
    and read meanwhile; the last moments make readers wait. Raises `RebuildUnderWay`. Cut off at any
    point it leaves the live views as they were, and nothing else, unless its connection is cut:
    then `drop_leftover` finds the rest.
    """
    of = tuple(views) if names is None else views.with_derived(names)
    with connect() as conn, conn.cursor() as c, _alone(conn, c, book):
        work = _Work(conn, c, views, of, building(book, of), step_facts)
        work.begin()
        target = work.live_position()
        folded = target * len(of)  # Folding a view takes about as long as comparing it.
        for done in work.fold_all(target):
            progress(done, 3 * folded)
        compared = work.compare(target, lambda done: progress(folded + done, 3 * folded))
        if not compared.differs or accept_difference:
            work.catch_up()
            work.replace()
            compared = replace(compared, went_live=True)
        conn.commit()
        progress(3 * folded, 3 * folded)
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
            drop_views(c, building(book, ()).shadow)
            c.execute(_UNLOCK, (name,))
            conn.commit()


def drop_leftover(connect: Connect, book: str) -> None:
    """Drops what a rebuild has left that was killed with its connection, unless another rebuild is
    under way."""
    with connect() as conn, conn.cursor() as c, suppress(RebuildUnderWay), _alone(conn, c, book):
        conn.commit()


@dataclass(frozen=True, slots=True)
class _Work:
    """The steps of one rebuild, each committed but the last."""

    conn: connection
    c: cursor
    views: Views
    of: tuple[View, ...]
    at: Schemas
    step_facts: int

    def begin(self) -> None:
        """A new shadow, without what a rebuild that was cut off may have left."""
        drop_views(self.c, self.at.shadow)
        create(self.c, self.at, self.of)
        self.conn.commit()

    def live_position(self) -> int:
        """Where the live views stand; where none is, or they are ahead of it, the log's end."""
        live, size = schemas(self.at.log), log_size(self.c, self.at)
        if table_exists(self.c, live.views, POSITIONS):
            stand = standing(self.c, live, self.views)
            if stand.there:
                return min(stand.reached, size)
        return size

    def fold_all(self, target: int) -> Iterator[int]:
        """Folds up to a position; yields after each committed step what is done, in facts times
        views. Derived views are folded last, over lines that have their indexes, a generation at a
        time."""
        done = 0
        for derived, facts in ((False, self.step_facts), (True, GENERATION_POSITIONS)):
            some = tuple(view for view in self.of if view.derived is derived)
            for at in self._steps(some, 0, target, facts):
                yield done + at * len(some)
            done += target * len(some)
            index(self.c, self.at, some)
            for view in some:
                self.c.execute(self.at.sql(f"ANALYZE {{views}}.{view.name}"))
            self.conn.commit()

    def compare(self, position: int, progress: Callable[[int], None]) -> Rebuild:
        """Both as of one position: what the live views have folded since then is left aside."""
        compared = []
        done = 0

        def advance(positions: int) -> None:
            nonlocal done
            done += positions
            progress(done)

        live = schemas(self.at.log)
        there: Collection[str] = ()
        if table_exists(self.c, live.views, POSITIONS):
            there = standing(self.c, live, self.views).there
        ahead = {view.name: view.by for view in views_ahead(self.c, self.at.log)}
        for view in self.of:
            before, unlike = None, tuple[Difference, ...]()
            if view.name in there:
                _, before = fingerprint(self.c, live, view, position, advance)
            rows, rebuilt = fingerprint(self.c, self.at, view, position, advance)
            if before not in (None, rebuilt):
                unlike = differences(self.c, live, self.at, view, position)
            is_ahead = ahead.get(view.name, 0)
            compared.append(RebuiltView(view.name, rows, before, rebuilt, is_ahead, unlike))
            self.conn.commit()
        return Rebuild(position, tuple(compared))

    def catch_up(self) -> None:
        """Folds what has come meanwhile, until no more than one step is left for the end."""
        reached = standing(self.c, self.at, self.views).reached
        while (target := self.live_position()) - reached > self.step_facts:
            *_, reached = self._steps(self.of, reached, target, self.step_facts)

    def replace(self) -> None:
        """Waits for readers and followers to pause, catches up, and switches; not committed."""
        self.c.execute(_PATIENCE)
        own_views(self.c, self.at)
        target = self.live_position()
        while step(self.c, self.at, self.of, self.step_facts, target).reached < target:
            pass
        live = schemas(self.at.log)
        self.c.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(live.views)}")
        for view in self.of:
            self.c.execute(live.sql(f"DROP TABLE IF EXISTS {{views}}.{view.name}"))
            self._move(view)
        if table_exists(self.c, live.views, POSITIONS):
            names = [view.name for view in self.of]
            self.c.execute(live.sql("DELETE FROM {views}.positions WHERE view = ANY(%s)"), (names,))
            moved = f"SELECT * FROM {quoted(self.at.shadow)}.positions"
            self.c.execute(live.sql(f"INSERT INTO {{views}}.positions {moved}"))
        else:
            self._move_table(f"{quoted(self.at.shadow)}.positions")
        drop_views(self.c, self.at.shadow)
        secure(self.c, live, self.of)

    def _steps(self, of: Sequence[View], at: int, target: int, facts: int) -> Iterator[int]:
        """Committed steps from one position to another; yields where each has come to."""
        while of and at < target:
            at = step(self.c, self.at, of, facts, target).reached
            self.conn.commit()
            yield at

    def _move(self, view: View) -> None:
        """Moves a table with its partitions and indexes into the live schema."""
        table = self.at.sql(f"{{views}}.{view.name}")
        self.c.execute(_PARTITIONS, (table,))
        for (name,) in [*self.c.fetchall(), (table,)]:
            self._move_table(name)

    def _move_table(self, name: str) -> None:
        self.c.execute(f"ALTER TABLE {name} SET SCHEMA {quoted(self.at.views)}")
