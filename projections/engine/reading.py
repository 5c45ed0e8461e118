"""One look at the views: all queries in it see the same position, whatever is folded meanwhile.

    with reading(connect, "book_main") as now:
        report = inventory_ageing(now, date(2025, 6, 30))
        assert report.as_of_position == now.position

Facts only come behind, so a reading as of a past position gives today what it gave then.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg2.extensions import cursor

from projections.engine.errors import ViewsBehind
from projections.engine.prepared import BY_INDEX, prepared
from projections.engine.view import (
    Connect,
    generation_end,
    generation_of,
    share_views,
    sql,
    views_schema,
)

_SNAPSHOT: Final = f"""
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
    {BY_INDEX}
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A snapshot of the views. Facts after `position` are not seen, even where already folded."""

    cursor: cursor
    views: str
    position: int  # Where the answers stand.
    reached: int  # How far the views were folded when the snapshot was taken.

    @property
    def present(self) -> bool:
        """Whether it sees all that was folded, and nothing has to be left out."""
        return self.position == self.reached

    def select(
        self, query: str, values: Mapping[str, Any], *, often: bool = False
    ) -> list[tuple[Any, ...]]:
        """All rows of a query; it finds the position bound as `position`, and its generation.

        `{seen}` in it is the condition that a row is not of later. What is asked `often` is
        planned once a connection, unless it is of the past: there the best plan depends on how
        far back.
        """
        bound = {
            **values,
            "position": self.position,
            "generation": generation_of(self.position),
            "generation_end": generation_end(self.position),
        }
        seen = "true" if self.present else "position <= %(position)s"
        statement = sql(query.replace("{seen}", seen), self.views)
        if often and self.present:
            self.cursor.execute(prepared(self.cursor, statement, bound))
        else:
            self.cursor.execute(statement, bound)
        return self.cursor.fetchall()


@contextmanager
def reading(
    connect: Connect, book: str, position: int | None = None, at_least: int = 0
) -> Iterator[Reading]:
    """Looks at the views of the book in schema `book`, now or as of a past position.

    Raises `ViewsBehind` for a position they have not reached (see `Follower.wait_for`), or stand
    before again after a crash of the database, and `ViewsMissing` when the book has none.
    """
    views = views_schema(book)
    with connect() as connection, connection.cursor() as c:
        if connection.autocommit:
            raise ValueError("a reading needs a transaction: the connection is in autocommit")
        at = share_views(c, book, _SNAPSHOT)
        if max(position or 0, at_least) > at:
            raise ViewsBehind(max(position or 0, at_least), at)
        yield Reading(c, views, at if position is None else position, at)
