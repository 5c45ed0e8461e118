"""Fingerprints of views: equal exactly when all rows are, in order of position."""

import hashlib
from collections.abc import Callable
from typing import Final

from psycopg2.extensions import cursor
from psycopg2.sql import SQL, Identifier

from projections.view import View

_CHUNK: Final = 20_000  # Positions hashed at a time; part of what the fingerprint is.

# Rows as PostgreSQL writes them, so its settings have to be the same on both sides.
_SETTINGS: Final = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'"
_ROWS: Final = SQL("""
    SELECT count(*),
           sha256(convert_to(coalesce(string_agg(t::text, E'\\n' ORDER BY {order}), ''), 'UTF8'))
    FROM {schema}.{table} AS t
    WHERE position > %s AND position <= %s
""")


def fingerprint(
    c: cursor,
    schema: str,
    view: View,
    through: int,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[int, str]:
    """Counts and hashes the rows of a view up to a position; `progress` gets positions done."""
    c.execute(_SETTINGS)
    query = _ROWS.format(
        schema=Identifier(schema), table=Identifier(view.name), order=SQL(view.row_order)
    )
    rows, digest = 0, hashlib.sha256()
    for after in range(0, through, _CHUNK):
        last = min(after + _CHUNK, through)
        c.execute(query, (after, last))
        count, chunk = c.fetchone() or (0, b"")
        rows += count
        digest.update(bytes(chunk))
        progress(last - after)
    return rows, digest.hexdigest()
