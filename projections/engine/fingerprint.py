"""Fingerprints of views: SHA-256 over a hash of each row, in order.

A row's hash has 64 bits. So a row that was lost, doubled or damaged shows, but for a chance of one
in 2^64; the proof against someone who forges is the log's tree, not a view.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final

from psycopg2.extensions import cursor

from projections.engine.schemas import Schemas
from projections.engine.view import View, generation_end, generation_of

# Positions hashed at a time; part of what the fingerprint is. A derived view is hashed in one pass.
_CHUNK: Final = 20_000

_HASH: Final = """
    SELECT count(*),
           sha256(coalesce(
               string_agg(int8send(hash_record_extended(t, 0)), '' ORDER BY {order}), ''
           ))
    FROM ({rows}) AS t
"""
_ROWS: Final = (
    "SELECT * FROM {views}.{table} WHERE position > %(after)s AND position <= %(through)s"
)


def rows_of(view: View) -> str:
    """A query for what is hashed of a view: its rows after one position, up to another."""
    return view.rows or _ROWS.replace("{table}", view.name)


def bounds(view: View, after: int, through: int) -> dict[str, Any]:
    """What that query finds bound."""
    return {
        **view.values,
        "after": after,
        "through": through,
        "generation": generation_of(through),
        "generation_end": generation_end(through),
    }


def fingerprint(
    c: cursor,
    at: Schemas,
    view: View,
    through: int,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[int, str]:
    """Counts and hashes the rows of a view up to a position; `progress` gets positions done.

    The `rows` of a derived view find bound the position as `through`, its `generation` and the end
    of that as `generation_end`; those of other views a chunk of positions.
    """
    query = at.sql(_HASH.replace("{order}", view.row_order).replace("{rows}", rows_of(view)))
    chunk = max(through, 1) if view.derived else _CHUNK
    rows, digest = 0, hashlib.sha256()
    for after in range(0, through, chunk):
        last = min(after + chunk, through)
        c.execute(query, bounds(view, after, last))
        count, hashed = c.fetchone() or (0, b"")
        rows += count
        digest.update(bytes(hashed))
        progress(last - after)
    return rows, digest.hexdigest()
