"""Stock lines: every layer of every movement, out of one place and into another.

A layer leaves with the day it had arrived there, and arrives on the day of the fact. So the lines
of a place sum to its layers, on any effective date, and the lines of all places to zero pieces of
no value.
"""

from typing import Final

from domain import places
from projections.engine.view import View

# Virtual places where parts are still the maker's. From @supplier they come; to @sold, @machine
# and @scrap they are gone.
STILL_OURS: Final = (places.IN_TRANSIT, places.DISCREPANCY)

# The same text in indexes and queries: otherwise the indexes would not be used.
OURS: Final = "(left(place, 1) <> '@' OR place IN ('{}', '{}'))".format(*STILL_OURS)

# What makes pieces of a part at a place the same layer, and the order in which layers are consumed:
# that of `domain.layers.layer_key`, to the last tie.
LAYER_KEY: Final = "origin_on, arrived_on, counts_from, receipt, lot, serial"

STOCK_LINES: Final = View(
    name="stock_lines",
    table="""
    CREATE TABLE {views}.stock_lines (
        position        bigint NOT NULL,             -- Of the fact, which says all the rest.
        line_no         bigint NOT NULL,             -- Within the fact, in its order.
        quantity        bigint NOT NULL,             -- Negative where it leaves.
        value_minor     bigint NOT NULL,             -- The same; in the book's currency.
        effective_on    date   NOT NULL,
        origin_on       date   NOT NULL,
        arrived_on      date   NOT NULL,             -- At this place.
        counts_from     date   NOT NULL,             -- The day that arrival counts from.
        place           text   COLLATE "C" NOT NULL, -- Virtual places begin with "@".
        part            text   COLLATE "C" NOT NULL,
        receipt         text   COLLATE "C" NOT NULL,
        lot             text   COLLATE "C" NOT NULL,
        serial          text   COLLATE "C" NOT NULL
    ) PARTITION BY RANGE (position)
    """,
    fold="""
    INSERT INTO {views}.stock_lines
    SELECT f.position, m.movement_no * 10000000 + 2 * l.layer_no + (side.sign + 1) / 2,
           side.sign * l.quantity, side.sign * l.value_minor, f.effective_on, l.origin_on,
           side.arrived_on, side.counts_from, side.place, m.part, l.receipt, coalesce(l.lot, ''),
           coalesce(l.serial, '')
    FROM {facts} AS f
    CROSS JOIN LATERAL ROWS FROM (
        json_to_recordset(f.movements) AS (part text, "from" text, "to" text, layers json)
    ) WITH ORDINALITY AS m (part, from_place, to_place, layers, movement_no)
    CROSS JOIN LATERAL ROWS FROM (
        json_to_recordset(m.layers) AS (
            origin_on date, arrived_on date, counts_from date, quantity bigint, value_minor bigint,
            receipt text, lot text, serial text
        )
    ) WITH ORDINALITY AS l (
        origin_on, arrived_on, counts_from, quantity, value_minor, receipt, lot, serial, layer_no
    )
    CROSS JOIN LATERAL (
        VALUES (m.from_place, -1, l.arrived_on, coalesce(l.counts_from, l.arrived_on)),
               (m.to_place, 1, f.occurred_on, f.effective_on)
    ) AS side (place, sign, arrived_on, counts_from)
    WHERE f.movements IS NOT NULL
    """,
    indexes="""
    ALTER TABLE {views}.stock_lines ADD PRIMARY KEY (position, line_no);
    CREATE INDEX ON {views}.stock_lines (part, place, effective_on) WHERE OURS;
    CREATE INDEX ON {views}.stock_lines (place, effective_on) WHERE OURS;
    """.replace("OURS", OURS),
    reads={"effective_on": "date", "occurred_on": "date", "movements": "json"},
    row_order="position, line_no",
    partitioned=True,
)
