"""What lies at each place by now, in pieces and in money, by the day its age is counted from.

How it was on an earlier day is that, less what has come and gone since: a question costs what is
there and what has happened since, and nothing of all that lay there before.
"""

from typing import Final

from projections.stock_lines import AGES, OURS
from projections.view import View

_SUMS: Final = "sum(quantity) AS quantity, sum(quantity * unit_cost_minor) AS value_minor"

PLACE_BALANCES: Final = View(
    name="place_balances",
    table="""
    CREATE TABLE {views}.place_balances (
        first_position bigint  NOT NULL,
        quantity       bigint  NOT NULL,
        lines          bigint  NOT NULL,
        value_minor    numeric NOT NULL,
        since          date    NOT NULL,
        place          text    COLLATE "C" NOT NULL,
        age            text    COLLATE "C" NOT NULL,  -- origin_on or arrived_on
        PRIMARY KEY (place, age, since)
    ) WITH (fillfactor = 80)
    """,
    fold=f"""
    INSERT INTO {{views}}.place_balances AS b
        (first_position, lines, place, age, since, quantity, value_minor)
    SELECT min(position), count(*), place, age, since, {_SUMS}
    FROM {AGES}
    WHERE position > %(after)s AND position <= %(through)s AND {OURS}
    GROUP BY place, age, since
    ON CONFLICT (place, age, since) DO UPDATE SET
        quantity = b.quantity + excluded.quantity,
        value_minor = b.value_minor + excluded.value_minor,
        lines = b.lines + excluded.lines
    """,
    indexes="",
    rows=f"""
    WITH later AS MATERIALIZED (
        SELECT place, age, since, count(*) AS lines, {_SUMS}
        FROM {AGES}
        WHERE position > %(through)s AND {OURS}
        GROUP BY place, age, since
    )
    SELECT b.first_position, place, age, since,
           b.lines - coalesce(later.lines, 0) AS lines,
           b.quantity - coalesce(later.quantity, 0) AS quantity,
           b.value_minor - coalesce(later.value_minor, 0) AS value_minor
    FROM {{views}}.place_balances AS b LEFT JOIN later USING (place, age, since)
    WHERE b.first_position > %(after)s AND b.first_position <= %(last)s
    """,
    row_order="first_position, place, age, since",
    derived=True,
)
