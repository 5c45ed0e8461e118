"""Lines lie in partitions, one a generation, so that the last step costs what the first did.

By position, not by month: the fold always writes into the newest partition, whose indexes are
small and in memory, late entries included; older partitions never change again. What a question
needs of whole months it takes from the sums (projections/engine/sums.py), or from what they left
(projections/stock/closed_stock.py).
"""

from typing import Final

from psycopg2.extensions import cursor
from psycopg2.sql import SQL, Identifier, Literal

from projections.engine.view import GENERATION_POSITIONS, generation_of

# Made apart and then attached: that waits for no reader, and no reader waits for it.
_MAKE: Final = SQL("""
    CREATE TABLE {views}.{partition} (LIKE {views}.{table});
    ALTER TABLE {views}.{table} ATTACH PARTITION {views}.{partition}
        FOR VALUES FROM ({first}) TO ({end})
""")


def make_partitions(c: cursor, views: str, table: str, after: int, through: int) -> None:
    """Makes those partitions whose first position lies after one position and up to another.

    All others are there already: something was folded into them.
    """
    for number in range(generation_of(after) + 1, generation_of(through) + 1):
        first = number * GENERATION_POSITIONS + 1
        c.execute(
            _MAKE.format(
                views=Identifier(views),
                table=Identifier(table),
                partition=Identifier(f"{table}_{number}"),
                first=Literal(first),
                end=Literal(first + GENERATION_POSITIONS),
            )
        )
