"""In which rows two views of one definition differ: what people look at when fingerprints do."""

from typing import Final, NamedTuple

from psycopg2.extensions import cursor

from projections.engine.fingerprint import bounds, rows_of
from projections.engine.schemas import Schemas
from projections.engine.view import View

MOST_ROWS: Final = 5  # Of each of the two.

# Of one view, the rows that the other one has not, as often as they stand there.
_ONLY_THERE: Final = """
    SELECT to_jsonb(only_there)::text
    FROM (SELECT * FROM ({these}) AS these EXCEPT ALL SELECT * FROM ({others}) AS others)
        AS only_there
    ORDER BY 1 LIMIT %(most)s
"""


class Difference(NamedTuple):
    """A row that only one of the two has."""

    rebuilt: bool  # The rebuilt one has it; otherwise the live one.
    row: str  # JSON, its columns by name.


def differences(
    c: cursor, live: Schemas, rebuilt: Schemas, view: View, through: int
) -> tuple[Difference, ...]:
    """Some rows up to a position that only the live view has, then some of the rebuilt one."""
    found: list[Difference] = []
    sides = ((False, live, rebuilt), (True, rebuilt, live))
    for is_rebuilt, these, others in sides:
        query = _ONLY_THERE.replace("{these}", these.sql(rows_of(view)))
        query = query.replace("{others}", others.sql(rows_of(view)))
        c.execute(query, {**bounds(view, 0, through), "most": MOST_ROWS})
        found += (Difference(is_rebuilt, row) for (row,) in c.fetchall())
    return tuple(found)
