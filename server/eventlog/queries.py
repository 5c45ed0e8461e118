"""Parts that queries on the log are made of."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg2.extensions import cursor

from server.eventlog.rows import ENTRIES
from server.postgres.pool import Datastore


class Head(NamedTuple):
    """How long the log is, and in which epoch it is written."""

    size: int
    epoch: int


def read_head(c: cursor, datastore: Datastore) -> Head:
    c.execute(datastore.sql("SELECT size, epoch FROM {schema}.head"))
    return Head(*(c.fetchone() or (0, 0)))


def read_form(c: cursor, datastore: Datastore) -> int:
    """The highest form that a fact of the log may have."""
    c.execute(datastore.sql("SELECT form FROM {schema}.head"))
    ((form,),) = c.fetchall()
    return int(form)


class Where:
    """Conditions that must all hold, and the values bound to them."""

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: list[Any] = []

    def also(self, condition: str, value: Any) -> None:
        self._conditions.append(condition)
        self.values.append(value)

    def clause(self) -> str:
        return " WHERE " + " AND ".join(self._conditions) if self._conditions else ""


def select_stream(
    c: cursor,
    select: str,
    stream: UUID | str,
    gt: int | None,
    lte: int | None,
    desc: bool,
    limit: int | None,
) -> None:
    where = Where()
    where.also("stream = %s", str(stream))
    if gt is not None:
        where.also("version > %s", gt)
    if lte is not None:
        where.also("version <= %s", lte)
    order = "DESC" if desc else "ASC"
    # LIMIT NULL is no limit.
    c.execute(f"{select}{where.clause()} ORDER BY version {order} LIMIT %s", [*where.values, limit])


def select_entries(
    c: cursor, datastore: Datastore, columns: str, where: Where, limit: int | None
) -> None:
    """The first entries that meet the conditions, by position."""
    select = datastore.sql(f"SELECT {columns} FROM {ENTRIES}")
    c.execute(f"{select}{where.clause()} ORDER BY position LIMIT %s", [*where.values, limit])
