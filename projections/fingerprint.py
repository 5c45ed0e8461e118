"""Fingerprints of views: equal exactly when all rows are, in order of position."""

import hashlib
from collections.abc import Callable
from typing import Final

from psycopg2.extensions import cursor

from projections.view import GENERATION_POSITIONS, View, generation_end, generation_of, sql

# Positions hashed at a time; part of what the fingerprint is.
_CHUNK: Final = 20_000
_DERIVED_CHUNK: Final = 10 * GENERATION_POSITIONS

# Rows as PostgreSQL writes them, so its settings have to be the same on both sides.
_SETTINGS: Final = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'"
_HASH: Final = """
    SELECT count(*),
           sha256(convert_to(coalesce(string_agg(t::text, E'\\n' ORDER BY {order}), ''), 'UTF8'))
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

    The view's `rows` are asked for in chunks: those of positions after `after` up to `last`, or of
    the generations between these, each as it stood at `through`.
    """
    c.execute(_SETTINGS)
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
            "first_generation": generation_of(after + 1),
            "last_generation": generation_of(last),
            "generation_end": generation_end(through),
        }
        c.execute(query, {**view.values, **bounds})
        count, hashed = c.fetchone() or (0, b"")
        rows += count
        digest.update(bytes(hashed))
        progress(last - after)
    return rows, digest.hexdigest()
