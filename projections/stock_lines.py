"""Stock lines: every layer of every movement, out of one place and into another.

A layer leaves with the day it had arrived there, and arrives on the fact's day. So the lines of a
place sum to its layers, on any effective date, and the lines of all places sum to zero pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from domain import places
from projections.reading import Reading
from projections.sums import MONTH, Column, Sums
from projections.view import View

# Virtual places where parts are still the maker's. From @supplier they come; to @sold, @machine
# and @scrap they are gone.
STILL_OURS: Final = (places.IN_TRANSIT, places.DISCREPANCY)

# Said in the same words by indexes and queries, or the indexes would not be used.
OURS: Final = "(left(place, 1) <> '@' OR place IN ('{}', '{}'))".format(*STILL_OURS)

STOCK_LINES: Final = View(
    name="stock_lines",
    table="""
    CREATE TABLE {views}.stock_lines (
        position        bigint NOT NULL,             -- Of the fact, which says all the rest.
        line_no         bigint NOT NULL,             -- Within the fact, in its order.
        quantity        bigint NOT NULL,             -- Negative where it leaves.
        unit_cost_minor bigint NOT NULL,             -- In the book's currency.
        effective_on    date   NOT NULL,
        origin_on       date   NOT NULL,
        arrived_on      date   NOT NULL,             -- At this place.
        place           text   COLLATE "C" NOT NULL, -- Virtual places begin with "@".
        part            text   COLLATE "C" NOT NULL,
        lot             text   COLLATE "C" NOT NULL
    ) PARTITION BY RANGE (position)
    """,
    fold="""
    INSERT INTO {views}.stock_lines
    SELECT f.position, m.movement_no * 10000000 + 2 * l.layer_no + (side.sign + 1) / 2,
           side.sign * l.quantity, l.unit_cost_minor, f.effective_on, l.origin_on, side.arrived_on,
           side.place, m.part, coalesce(l.lot, '')
    FROM {facts} AS f
    CROSS JOIN LATERAL ROWS FROM (
        json_to_recordset(f.movements) AS (part text, "from" text, "to" text, layers json)
    ) WITH ORDINALITY AS m (part, from_place, to_place, layers, movement_no)
    CROSS JOIN LATERAL ROWS FROM (
        json_to_recordset(m.layers) AS (
            origin_on date, arrived_on date, unit_cost_minor bigint, quantity bigint, lot text
        )
    ) WITH ORDINALITY AS l (origin_on, arrived_on, unit_cost_minor, quantity, lot, layer_no)
    CROSS JOIN LATERAL (
        VALUES (m.from_place, -1, l.arrived_on), (m.to_place, 1, f.effective_on)
    ) AS side (place, sign, arrived_on)
    WHERE f.movements IS NOT NULL
    """,
    indexes="""
    ALTER TABLE {views}.stock_lines ADD PRIMARY KEY (position, line_no);
    CREATE INDEX ON {views}.stock_lines (place, part) WHERE OURS;
    CREATE INDEX ON {views}.stock_lines (place, effective_on) WHERE OURS;
    """.replace("OURS", OURS),
    row_order="position, line_no",
    partitioned=True,
)

# Each line twice: with both of its ages, and the days they are counted from.
AGES: Final = """{views}.stock_lines
       CROSS JOIN LATERAL (
           VALUES ('origin_on', origin_on), ('arrived_on', arrived_on)
       ) AS a (age, since)"""

# How much came and went of each age, by the day it is counted from.
PLACE_MONTHS: Final = Sums(
    "place_months",
    AGES,
    keys=(
        Column("place", 'text COLLATE "C"', "place"),
        Column("age", 'text COLLATE "C"', "age"),
        Column("month", "date", MONTH),
        Column("since", "date", "since"),
    ),
    sums=(
        Column("quantity", "bigint", "quantity"),
        Column("value_minor", "numeric", "quantity * unit_cost_minor"),
    ),
    where=OURS,
)

# Place by place through the index, however many sums each has.
_PLACES: Final = """
    WITH RECURSIVE found AS (
        SELECT min(place) AS place FROM {views}.place_months
        UNION ALL
        SELECT (SELECT min(s.place) FROM {views}.place_months AS s WHERE s.place > found.place)
        FROM found WHERE found.place IS NOT NULL
    )
    SELECT place FROM found WHERE place IS NOT NULL
"""

_LAYERS: Final = """
    SELECT place, part, origin_on, arrived_on, unit_cost_minor, lot, sum(quantity)::bigint
    FROM {views}.stock_lines
    WHERE effective_on <= %(as_of)s AND position <= %(position)s
      AND OURS AND place = ANY(%(places)s::text[])
      AND (%(parts)s::text[] IS NULL OR part = ANY(%(parts)s::text[]))
    GROUP BY place, part, origin_on, arrived_on, unit_cost_minor, lot
    HAVING sum(quantity) <> 0
    ORDER BY place, part, origin_on, arrived_on, unit_cost_minor, lot
""".replace("OURS", OURS)

_QUANTITIES: Final = """
    SELECT place, part, sum(quantity)::bigint, sum(quantity * unit_cost_minor)::bigint
    FROM {views}.stock_lines
    WHERE position <= %(position)s AND OURS AND left(place, 1) <> '@'
      AND (place, part) > (%(after_place)s, %(after_part)s)
      AND (%(as_of)s::date IS NULL OR effective_on <= %(as_of)s)
      AND (%(place)s::text IS NULL OR place = %(place)s)
      AND (%(part)s::text IS NULL OR part = %(part)s)
    GROUP BY place, part
    HAVING %(show_empty)s OR sum(quantity) <> 0
    ORDER BY place, part
    LIMIT %(limit)s
""".replace("OURS", OURS)


class LayerOnHand(NamedTuple):
    """Pieces of a part at a place that came in together."""

    place: str
    part: str
    origin_on: date
    arrived_on: date
    unit_cost_minor: int
    lot: str
    quantity: int


@dataclass(frozen=True, slots=True)
class StockOnHand:
    as_of: date
    as_of_position: int
    layers: tuple[LayerOnHand, ...]  # By place and part, in order of consumption.


class StockQuantity(NamedTuple):
    """All pieces of a part at a place, and their cost in minor units of the book's currency."""

    place: str
    part: str
    quantity: int
    value_minor: int


def our_places(now: Reading) -> list[str]:
    """Every place where anything of ours ever lay."""
    return [place for (place,) in now.select(_PLACES, {})]


def stock_on_hand(
    now: Reading, as_of: date, places: Sequence[str] = (), parts: Sequence[str] = ()
) -> StockOnHand:
    """What lies where at the end of a day, what is in transit and in dispute included.

    `places` and `parts` narrow it down; an empty one means all.
    """
    rows = now.select(
        _LAYERS,
        {
            "as_of": as_of,
            "places": list(places) or our_places(now),
            "parts": list(parts) or None,
        },
    )
    return StockOnHand(as_of, now.position, tuple(LayerOnHand(*row) for row in rows))


def stock_quantities(
    now: Reading,
    *,
    as_of: date | None = None,
    place: str | None = None,
    part: str | None = None,
    show_empty: bool = False,
    after: tuple[str, str] = ("", ""),
    limit: int = 100,
) -> tuple[StockQuantity, ...]:
    """Up to `limit` sums in real places, after a place and part; by place and part.

    Without a day, all that is recorded counts, whatever day it is booked on.
    """
    rows = now.select(
        _QUANTITIES,
        {
            "as_of": as_of,
            "place": place,
            "part": part,
            "show_empty": show_empty,
            "after_place": after[0],
            "after_part": after[1],
            "limit": limit,
        },
    )
    return tuple(StockQuantity(*row) for row in rows)
