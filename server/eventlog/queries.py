"""Parts that queries on the log are made of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg2.extensions import cursor

from server.eventlog.entry import Entry

ENTRY_COLUMNS = (
    "position, recorded_at, actor, request_id, stream, version, previous_hash, salt, topic, state, "
    "leaf_hash"
)


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


def entry(
    position: int,
    recorded_at: datetime,
    actor: str,
    request_id: str,
    stream: str,
    version: int,
    previous_hash: memoryview | None,
    salt: memoryview,
    topic: str,
    state: str,
    leaf_hash: memoryview,
) -> Entry:
    """A row of `ENTRY_COLUMNS`."""
    return Entry(
        position,
        recorded_at,
        actor,
        request_id,
        stream,
        version,
        bytes(previous_hash or b""),
        bytes(salt),
        topic,
        state.encode(),
        bytes(leaf_hash),
    )
