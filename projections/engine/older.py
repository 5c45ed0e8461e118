"""Facts of an older form, as folds read them: what their upcasters make of the stored bytes.

A fold is one statement over many facts and knows today's form only. So the few facts of an older
form are read before it, upcast, and put in the place of what is stored. A log without them is
folded by the very statement that would be used if there were no upcasters.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg2.extensions import cursor

from domain.upcasting import UPCASTERS, upcast_as_one
from projections.engine.schemas import Schemas

# So many are upcast in one step at most: their bytes are in memory together.
MOST_OLDER: Final = 5_000

_SELECT: Final = """
    SELECT position, name, state FROM {log}.entries JOIN {log}.topics ON number = topic
    WHERE position > %s AND position <= %s AND name = ANY(%s) ORDER BY position LIMIT %s
"""


class Older(NamedTuple):
    """Rows of an older form up to `through`, as they are read today."""

    through: int
    rows: Sequence[tuple[int, str, str]]  # Position, topic, and JSON.

    @property
    def values(self) -> dict[str, Any]:
        """What a query for facts binds of them (view.py)."""
        return {
            "older_positions": [position for position, _, _ in self.rows],
            "older_topics": [topic for _, topic, _ in self.rows],
            "older_states": [state for _, _, state in self.rows],
        }


def read_older(c: cursor, at: Schemas, after: int, through: int, older_through: int) -> Older:
    """The facts of an older form after one position up to another; the log has none after
    `older_through`. If they are too many for one step, it has to end before the others begin."""
    last = min(through, older_through)
    if after >= last or not UPCASTERS:
        return Older(through, ())
    c.execute(at.sql(_SELECT), (after, last, list(UPCASTERS), MOST_OLDER + 1))
    found = c.fetchall()
    if len(found) > MOST_OLDER:
        through = found[MOST_OLDER][0] - 1
    rows = []
    for position, topic, state in found[:MOST_OLDER]:
        read = upcast_as_one(topic, state.encode())
        rows.append((position, read.topic, read.state.decode()))
    return Older(through, rows)
