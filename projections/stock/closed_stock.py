"""What lay where at the end of each hard-closed month, layer by layer.

Nothing enters such a month any more (docs/domain.md, "Period"), so it is written once, when the
month is closed, and never changes. The stock of any later day is the stock at the end of the last
closed month before it, with what has come and gone since.
"""

from datetime import date, timedelta
from typing import Final

from domain.months import first_day, month_of, next_month, previous_month
from projections.engine.frozen_balances import FrozenBalances
from projections.engine.reading import Reading
from projections.engine.view import View
from projections.stock.balances import ITEM_BALANCES, PLACES
from projections.stock.lines import LAYER_KEY, OURS, STOCK_LINES

CLOSED_MONTHS: Final = View(
    name="closed_months",
    table="""
    CREATE TABLE {views}.closed_months (
        position bigint NOT NULL,
        month    date   NOT NULL                     -- Its first day; those before, too.
    )
    """,
    fold="""
    INSERT INTO {views}.closed_months
    SELECT f.position, (f.month || '-01')::date
    FROM {facts} AS f
    WHERE f.topic = 'partsledger:AccountingPeriod.HardClosed'
    """,
    indexes="ALTER TABLE {views}.closed_months ADD PRIMARY KEY (position)",
    reads={"month": "text"},
)

# By part first: there are more of them, so that sorting is quicker.
_ITEM: Final = "part, place"
_LAYER: Final = f"{_ITEM}, {LAYER_KEY}"
_AMOUNTS: Final = ("quantity", "value_minor")

# One row for each item. Its layers are in arrays, one for each column, all in the same order.
_CLOSED_LAYERS: Final = f"""
    SELECT {_LAYER}, quantity, value_minor
    FROM {{views}}.closed_stock AS s (
        month, place, part, origins, arrivals, counted, receipts, lots, serials, pieces, worth
    )
    CROSS JOIN LATERAL unnest(
        origins, arrivals, counted, receipts, lots, serials, pieces, worth
    ) AS l ({LAYER_KEY}, quantity, value_minor)
    WHERE"""

_ARRAYS: Final = ", ".join(
    f"array_agg({column} ORDER BY {LAYER_KEY})" for column in (*LAYER_KEY.split(", "), *_AMOUNTS)
)

# A month that was closed together with a later one has its rows, too, from the first month with
# lines on.
_MONTHS: Final = f"""
    SELECT position, begins::date AS month, (begins + interval '1 month')::date AS next_month,
           (begins - interval '1 month')::date AS previous
    FROM {{views}}.closed_months AS c CROSS JOIN LATERAL generate_series(
        coalesce(
            (SELECT max(month) + interval '1 month' FROM {{views}}.closed_months
             WHERE position < c.position),
            date_trunc('month', (
                SELECT min(effective_on)::timestamp FROM {{views}}.stock_lines
                WHERE {OURS} AND place = ANY(ARRAY({PLACES}))
            ))
        ), c.month, interval '1 month'
    ) AS m (begins)
    WHERE position > %(after)s AND position <= %(through)s
"""

# The table has its key from the start, because each month is computed from the one before.
CLOSED_STOCK: Final = View(
    name="closed_stock",
    table="""
    CREATE TABLE {views}.closed_stock (
        month       date     NOT NULL,               -- Its first day.
        place       text     COLLATE "C" NOT NULL,
        part        text     COLLATE "C" NOT NULL,
        origin_on   date[]   NOT NULL,
        arrived_on  date[]   NOT NULL,
        counts_from date[]   NOT NULL,
        receipt     text[]   COLLATE "C" NOT NULL,
        lot         text[]   COLLATE "C" NOT NULL,
        serial      text[]   COLLATE "C" NOT NULL,
        quantity    bigint[] NOT NULL,
        value_minor bigint[] NOT NULL,
        PRIMARY KEY (month, place, part)
    )
    """,
    fold=FrozenBalances(
        name="closed_stock",
        group="",
        key=_LAYER,
        amounts=_AMOUNTS,
        months=_MONTHS,
        left=f"{_CLOSED_LAYERS} month = m.previous",
        lines=f"""
            SELECT {_LAYER}, sum(quantity) AS quantity, sum(value_minor) AS value_minor
            FROM {{views}}.stock_lines
            WHERE effective_on >= m.month AND effective_on < m.next_month
              AND position <= m.position AND {OURS} AND place = ANY(ARRAY({PLACES}))
            GROUP BY {_LAYER}
        """,
        written=f"""
            SELECT month, place, part, {_ARRAYS}
            FROM balances
            GROUP BY {_ITEM}, month
            ORDER BY month, place, part
        """,
    ).fold,
    indexes="",
    rows="""
    SELECT * FROM {views}.closed_stock
    WHERE month <= (SELECT max(month) FROM {views}.closed_months WHERE position <= %(through)s)
    """,
    row_order="month, place, part",
    sources=(CLOSED_MONTHS, STOCK_LINES, ITEM_BALANCES),
)

_ASKED: Final = """
    place = ANY(%(places)s::text[]) AND (%(parts)s::text[] IS NULL OR part = ANY(%(parts)s::text[]))
"""
_LAST_CLOSED: Final = "SELECT max(month) FROM {views}.closed_months WHERE {seen}"


def layers(of: str = _ASKED) -> str:
    """A query for rows that add up to the stock of a day, layer by layer, of the places and parts
    that meet a condition. It binds the values that `since_close` returns for the day."""
    return f"""
    {_CLOSED_LAYERS} month = %(closed_month)s AND {of}
    UNION ALL
    SELECT {_LAYER}, quantity, value_minor FROM {{views}}.stock_lines
    WHERE effective_on >= %(open_from)s AND effective_on <= %(as_of)s AND {{seen}}
      AND {OURS} AND {of}
    """


def first_open_day(now: Reading) -> date:
    """The day after all months that were closed; without any, the first of all days."""
    ((last_closed,),) = now.select(_LAST_CLOSED, {}, often=True)
    return first_day(next_month(month_of(last_closed))) if last_closed else date.min


def is_open(now: Reading, as_of: date, open_day: date) -> bool:
    """Whether the day is computed from today's stock: the reading is at the last position, and no
    closed month ends after the day."""
    return now.present and as_of + timedelta(days=1) >= open_day


def since_close(as_of: date, open_day: date) -> dict[str, date]:
    """What `layers` binds of a day: the last closed month that is over by its end, and the day
    after that month."""
    open_from = min(open_day, first_day(month_of(as_of + timedelta(days=1))))
    closed = open_from > date.min
    closed_month = first_day(previous_month(month_of(open_from))) if closed else date.min
    return {"as_of": as_of, "closed_month": closed_month, "open_from": open_from}
