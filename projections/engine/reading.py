"""One look at the views: all queries in it see the same position, whatever is folded meanwhile.

    with reading(connect, "book_main", VIEWS) as now:
        report = inventory_ageing(now, date(2025, 6, 30))
        assert report.as_of_position == now.position

Facts only come behind, so a reading as of a past position gives today what it gave then.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from psycopg2.extensions import cursor

from projections.engine.errors import ViewNotBuilt, ViewsBehind
from projections.engine.prepared import BY_INDEX, prepared
from projections.engine.row_security import ask_as
from projections.engine.schemas import (
    POSITIONS,
    Connect,
    Schemas,
    building,
    schemas,
    share_views,
    table_exists,
    tables_of_views,
)
from projections.engine.view import Views, generation_end, generation_of

_SNAPSHOT: Final = f"""
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
    {BY_INDEX}
"""
_BUILT: Final = "SELECT view, position FROM {views}.positions"
_LOG_SIZE: Final = "SELECT size FROM {log}.head"


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot of the views. Facts after `position` are not seen, even where already folded."""

    cursor: cursor
    at: Schemas
    position: int  # Where the answers stand.
    reached: int  # How far the views were folded when the snapshot was taken.
    there: frozenset[str]  # The views that can be asked.

    @property
    def present(self) -> bool:
        """Whether it sees all that was folded, and nothing has to be left out."""
        return self.position == self.reached

    def as_of(self, position: int) -> "Reading":
        """The same snapshot, as the log stood at a position that is not after this one's."""
        assert position <= self.position, f"{position} is not seen from {self.position}"
        return replace(self, position=position)

    def select(
        self, query: str, values: Mapping[str, Any], *, often: bool = False
    ) -> list[tuple[Any, ...]]:
        """All rows of a query; it finds the position bound as `position`, and its generation.

        `{seen}` in it is the condition that a row is not of later. What is asked `often` is
        planned once a connection, unless it is of the past: there the best plan depends on how
        far back. Raises `ViewNotBuilt` where it names a view that is not there yet.
        """
        if not tables_of_views(query) <= self.there:
            raise self.not_built(min(tables_of_views(query) - self.there))
        bound = {
            **values,
            "position": self.position,
            "generation": generation_of(self.position),
            "generation_end": generation_end(self.position),
        }
        seen = "true" if self.present else "position <= %(position)s"
        statement = self.at.sql(query.replace("{seen}", seen))
        if often and self.present:
            self.cursor.execute(prepared(self.cursor, statement, bound))
        else:
            self.cursor.execute(statement, bound)
        return self.cursor.fetchall()

    def not_built(self, view: str) -> ViewNotBuilt:
        """Why a view cannot be asked, and how far it is. Nothing is asked after it."""
        self.cursor.execute("SET LOCAL ROLE NONE")  # Whoever asks, it is the server that looks.
        self.cursor.execute(self.at.sql(_LOG_SIZE))
        ((size,),) = self.cursor.fetchall()
        return ViewNotBuilt(view, self.built().get(view, 0), size)

    def built(self) -> dict[str, int]:
        """How far the views are that are being built, by their names."""
        shadow = building(self.at.log, ())
        if not table_exists(self.cursor, shadow.shadow, POSITIONS):
            return {}
        self.cursor.execute(shadow.sql(_BUILT))
        return dict(self.cursor.fetchall())


@contextmanager
def reading(
    connect: Connect,
    book: str,
    views: Views,
    position: int | None = None,
    at_least: int = 0,
    milliseconds: int | None = None,
    seen_by: str = "",
) -> Iterator[Reading]:
    """Looks at the views of the book in schema `book`, now or as of a past position. A query that
    takes longer than some `milliseconds` is given up. One that is `seen_by` a dealer finds no rows
    of another one's.

    Raises `ViewsBehind` for a position they have not reached (see `Follower.wait_for`), or stand
    before again after a crash of the database, and `ViewsMissing` when the book has none.
    """
    at = schemas(book)
    with connect() as connection, connection.cursor() as c:
        if connection.autocommit:
            raise ValueError("a reading needs a transaction: the connection is in autocommit")
        stand = share_views(c, at, views, _SNAPSHOT + _patience(milliseconds))
        stands = stand.reached if position is None else position
        now = Reading(c, at, stands, stand.reached, stand.there | {POSITIONS})
        needed = max(position or 0, at_least)
        if needed > stand.reached and not stand.there:
            raise now.not_built(views[0].name)
        if needed > stand.reached:
            raise ViewsBehind(needed, stand.reached)
        if seen_by:
            ask_as(c, seen_by)
        yield now


def _patience(milliseconds: int | None) -> str:
    """0 would be for ever."""
    if milliseconds is None:
        return ""
    return f"; SET LOCAL statement_timeout = {max(1, milliseconds)}"
