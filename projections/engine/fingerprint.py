"""Fingerprints of views: SHA-256 over a hash of each row, in order.

A row's hash has 64 bits. So a row that was lost, doubled or damaged shows, but for a chance of one
in 2^64; the proof against someone who forges is the log's tree, not a view.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from psycopg2.extensions import cursor

from projections.engine.view import GENERATION_POSITIONS, View, generation_end, generation_of, sql

# Positions hashed at a time; part of what the fingerprint is.
_CHUNK: Final = 20_000
_DERIVED_CHUNK: Final = GENERATION_POSITIONS

_HASH: Final = """
    SELECT count(*),
           sha256(coalesce(
               string_agg(int8send(hash_record_extended(t, 0)), '' ORDER BY {order}), ''
           ))
    FROM ({rows}) AS t
"""
_ROWS: Final = "SELECT * FROM {views}.{table} WHERE position > %(after)s AND position <= %(last)s"


def fingerprint(
    c: cursor,
    schema: str,
    view: View,
    through: int,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[int, str]:
    """Counts and hashes the rows of a view up to a position; `progress` gets positions done.

    The view's `rows` are asked for in chunks: of positions after `after` up to `last`, all of them
    in `generation`, as they stood at `through`, which lies in a generation up to `generation_end`.
    """
    rows_of = view.rows or _ROWS.replace("{table}", view.name)
    query = sql(_HASH.replace("{order}", view.row_order).replace("{rows}", rows_of), schema)
    rows, digest = 0, hashlib.sha256()
    chunk = _DERIVED_CHUNK if view.derived else _CHUNK
    for after in range(0, through, chunk):
        last = min(after + chunk, through)
        bounds = {
            "after": after,
            "last": last,
            "through": through,
            "generation": generation_of(last),
            "generation_end": generation_end(through),
        }
        c.execute(query, {**view.values, **bounds})
        count, hashed = c.fetchone() or (0, b"")
        rows += count
        digest.update(bytes(hashed))
        progress(last - after)
    return rows, digest.hexdigest()
