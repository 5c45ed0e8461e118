"""Lines lie in partitions, one a generation, so that the last step costs what the first did.

By position, not by month: the fold always writes into the newest partition, whose indexes are
small and in memory, late entries included; older partitions never change again. What a question
needs of whole months it takes from the sums (sums.py), or from what closed months left
(projections/stock/closed_stock.py).
"""

from collections.abc import Sequence
from typing import Final

from psycopg2.extensions import cursor
from psycopg2.sql import SQL, Identifier, Literal

from projections.engine.schemas import Schemas
from projections.engine.view import GENERATION_POSITIONS, View, generation_of

# Made apart and then attached: that waits for no reader, and no reader waits for it.
_MAKE: Final = SQL("""
    CREATE TABLE {views}.{partition} (LIKE {views}.{table});
    ALTER TABLE {views}.{table} ATTACH PARTITION {views}.{partition}
        FOR VALUES FROM ({first}) TO ({end})
""")


def make_partitions(
    c: cursor, at: Schemas, views: Sequence[View], after: int, through: int
) -> None:
    """Makes those partitions whose first position lies after one position and up to another.

    All others are there already: something was folded into them.
    """
    for view in views:
        if view.partitioned:
            for number in range(generation_of(after) + 1, generation_of(through) + 1):
                _make(c, at.of(view.name), view.name, number)


def _make(c: cursor, schema: str, table: str, number: int) -> None:
    first = number * GENERATION_POSITIONS + 1
    c.execute(
        _MAKE.format(
            views=Identifier(schema),
            table=Identifier(table),
            partition=Identifier(f"{table}_{number}"),
            first=Literal(first),
            end=Literal(first + GENERATION_POSITIONS),
        )
    )
