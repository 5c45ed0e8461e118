"""Today's stock in pieces and in money: at each place by age, and of each part at each place.

The stock of an earlier day is today's, less what has come and gone since. So a report reads what is
there and the lines since that day, and none of the older lines. Of older stock only empty balances
are left, one for each day on which something came.
"""

from typing import Final

from projections.engine.running_sums import LINES, Column, First, RunningSums, text
from projections.stock.lines import OURS, STOCK_LINES

_SUMS: Final = (
    Column("quantity", "bigint", "quantity"),
    Column("value_minor", "numeric", "quantity * unit_cost_minor"),
)

# Each line counts twice, once for each of the two ages of its pieces.
PLACE_BALANCES: Final = RunningSums(
    "place_balances",
    STOCK_LINES,
    keys=(text("place"), text("age"), Column("since", "date", "since")),
    sums=(LINES, *_SUMS),
    where=OURS,
    joined="""CROSS JOIN LATERAL (
        VALUES ('origin_on', origin_on), ('arrived_on', arrived_on)
    ) AS ages (age, since)""",
).view
ITEM_BALANCES: Final = RunningSums(
    "item_balances",
    STOCK_LINES,
    keys=(text("place"), text("part")),
    sums=(LINES, *_SUMS),
    firsts=(First("first_position", "position", "first_position"),),
    where=OURS,
    indexes="CREATE INDEX ON {views}.item_balances (part, place)",
).view

# Every place where stock of the maker ever lay. Each place is found through the index from the one
# before it, so it does not matter how many balances a place has.
PLACES: Final = """
    WITH RECURSIVE found AS (
        SELECT min(place) AS place FROM {views}.place_balances
        UNION ALL
        SELECT (SELECT min(b.place) FROM {views}.place_balances AS b WHERE b.place > found.place)
        FROM found WHERE found.place IS NOT NULL
    )
    SELECT place FROM found WHERE place IS NOT NULL
"""
