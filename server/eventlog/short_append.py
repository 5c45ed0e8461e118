"""A short append as one statement: a transaction by itself, and one message to the server.

Nobody else writes in our epoch, so the positions are known beforehand. If the log does not have the
size that was decided on, or another epoch has begun, the head is not moved and nothing is appended.
"""

from collections.abc import Sequence
from typing import Any, Final

from server.eventlog.answers import NewAnswer, Receipt
from server.eventlog.rows import (
    ANSWER_COLUMNS,
    ENTRY_COLUMNS,
    Checked,
    Seal,
    Topics,
    answer_columns,
    entry_columns,
)

LONGEST: Final = 100  # Events. For more, COPY is faster although it takes more messages.

STATEMENT: Final = f"""
    WITH moved AS (
        UPDATE {{schema}}.head SET size = size + %(count)s
        WHERE epoch = %(epoch)s AND size = %(size)s
        RETURNING size
    ), added AS (
        INSERT INTO {{schema}}.entries ({ENTRY_COLUMNS})
        SELECT new.* FROM moved, unnest(
            %(stream)s::text[], %(version)s::integer[], %(state)s::text[],
            %(recorded_at)s::text[]::timestamptz[], %(actor)s::text[], %(principal)s::text[],
            %(request_id)s::text[]::uuid[], %(topic)s::smallint[], %(position)s::bigint[],
            %(previous_hash)s::bytea[], %(salt)s::bytea[], %(leaf_hash)s::bytea[]
        ) AS new
    ), answered AS (
        INSERT INTO {{schema}}.answers ({ANSWER_COLUMNS})
        SELECT new.* FROM moved, unnest(
            %(answer.request_id)s::text[]::uuid[],
            %(answer.fingerprint)s::bytea[], %(answer.response)s::bytea[],
            %(answer.first_position)s::bigint[], %(answer.last_position)s::bigint[]
        ) AS new
    )
    SELECT size, pg_notify(%(channel)s, size::text) FROM moved
"""


def parameters(
    events: Sequence[Checked],
    seals: Sequence[Seal],
    topics: Topics,
    answers: Sequence[NewAnswer],
    receipts: Sequence[Receipt],
) -> dict[str, Any]:
    """The rows that STATEMENT binds. The caller adds `epoch`, `size` and `channel`."""
    answered = answer_columns(answers, receipts)
    return {
        **entry_columns(events, seals, topics),
        **{f"answer.{name}": values for name, values in answered.items()},
        "count": len(seals),
    }
