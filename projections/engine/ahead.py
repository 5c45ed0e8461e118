"""Views that have read further than the log goes: they know of entries that are gone."""

from typing import Final, NamedTuple

from psycopg2.extensions import cursor

from projections.engine.schemas import POSITIONS, schemas, table_exists

_AHEAD: Final = """
    SELECT view, position, size FROM {views}.positions, {log}.head
    WHERE position > size ORDER BY view
"""


class ViewAhead(NamedTuple):
    """A view that stands after the end of the log, or was moved there."""

    name: str
    position: int
    size: int  # Of the log.

    @property
    def by(self) -> int:
        return self.position - self.size


def views_ahead(c: cursor, book: str) -> list[ViewAhead]:
    """Those of the book in schema `book`, by name. As folds commit rows and position together, and
    only of what is committed, there are none unless somebody has changed log or views."""
    at = schemas(book)
    if not table_exists(c, at.views, POSITIONS):
        return []
    c.execute(at.sql(_AHEAD))
    return [ViewAhead(*row) for row in c.fetchall()]
