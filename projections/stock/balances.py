"""Today's stock in pieces and in money: at each place by age, and of each part at each place.

The stock of an earlier day is today's, less what has come and gone since. So a report reads what is
there and the lines since that day, and nothing that is older and gone.
"""

from typing import Final

from projections.engine.running_sums import LINES, Column, First, RunningSums, text
from projections.stock.lines import OURS, STOCK_LINES

_SUMS: Final = (
    Column("quantity", "bigint", "quantity"),
    Column("value_minor", "numeric", "value_minor"),
)

# Each line counts twice, once for each of the two ages of its pieces. What is gone has no balance:
# an earlier day is computed from the lines since.
PLACE_BALANCES: Final = RunningSums(
    "place_balances",
    STOCK_LINES,
    keys=(text("place"), text("age"), Column("since", "date", "since")),
    sums=_SUMS,
    where=OURS,
    joined="""CROSS JOIN LATERAL (
        VALUES ('origin_on', origin_on), ('arrived_on', arrived_on)
    ) AS ages (age, since)""",
).view
# Items of which nothing is left keep their rows: lists show them when asked to, and find by them
# what lay there in the past.
ITEM_BALANCES: Final = RunningSums(
    "item_balances",
    STOCK_LINES,
    keys=(text("place"), text("part")),
    sums=(LINES, *_SUMS),
    firsts=(First("first_position", "position", "first_position"),),
    where=OURS,
    indexes="CREATE INDEX ON {views}.item_balances (part, place)",
).view

# Every place where stock of the maker ever lay, even if it is empty now. Each place is found by the
# index from the one before it, so it does not matter how many items a place has.
PLACES: Final = """
    WITH RECURSIVE found AS (
        SELECT min(place) AS place FROM {views}.item_balances
        UNION ALL
        SELECT (SELECT min(b.place) FROM {views}.item_balances AS b WHERE b.place > found.place)
        FROM found WHERE found.place IS NOT NULL
    )
    SELECT place FROM found WHERE place IS NOT NULL
"""
