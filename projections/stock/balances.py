"""Today's stock in pieces and in money: at each place by age, and of each part at each place.

The stock of an earlier day is today's, less what has come and gone since. So a report reads what is
there and the lines since that day, and none of the older lines. Of older stock only empty balances
are left, one for each day on which something came.
"""

from collections.abc import Sequence
from typing import Final

from projections.engine.sums import Column
from projections.engine.view import View
from projections.stock.lines import OURS, STOCK_LINES

_TEXT: Final = 'text COLLATE "C"'
_SUMS: Final = "sum(quantity) AS quantity, sum(quantity * unit_cost_minor) AS value_minor"


def _balances(name: str, source: str, keys: Sequence[Column], indexes: str = "") -> View:
    """A view that has one row for each key, however long the log is."""
    names = ", ".join(key.name for key in keys)
    return View(
        name=name,
        table=_table(name, keys, names),
        fold=_fold(name, source, names),
        indexes=indexes,
        rows=_rows(name, source, names),
        row_order=names,
        sources=(STOCK_LINES,),
    )


def _table(name: str, keys: Sequence[Column], names: str) -> str:
    columns = "".join(f"{key.name} {key.type} NOT NULL, " for key in keys)
    # Free space in each page lets a row be updated within its page, without changing the index.
    return f"""
    CREATE TABLE {{views}}.{name} (
        first_position bigint NOT NULL, quantity bigint NOT NULL, lines bigint NOT NULL,
        value_minor numeric NOT NULL, {columns}
        PRIMARY KEY ({names})
    ) WITH (fillfactor = 80)
    """


def _fold(name: str, source: str, names: str) -> str:
    return f"""
    INSERT INTO {{views}}.{name} AS b (first_position, lines, {names}, quantity, value_minor)
    SELECT min(position), count(*), {names}, {_SUMS}
    FROM {source}
    WHERE position > %(after)s AND position <= %(through)s AND {OURS}
    GROUP BY {names}
    ON CONFLICT ({names}) DO UPDATE SET
        quantity = b.quantity + excluded.quantity,
        value_minor = b.value_minor + excluded.value_minor,
        lines = b.lines + excluded.lines
    """


def _rows(name: str, source: str, names: str) -> str:
    """For the fingerprint: the balances as they were at a position, wherever they are now."""
    return f"""
    WITH later AS MATERIALIZED (
        SELECT {names}, count(*) AS lines, {_SUMS}
        FROM {source}
        WHERE position > %(through)s AND {OURS}
        GROUP BY {names}
    )
    SELECT b.first_position, {names},
           b.lines - coalesce(later.lines, 0) AS lines,
           b.quantity - coalesce(later.quantity, 0) AS quantity,
           b.value_minor - coalesce(later.value_minor, 0) AS value_minor
    FROM {{views}}.{name} AS b LEFT JOIN later USING ({names})
    WHERE b.first_position <= %(through)s
    """


# Each line twice: with both of its ages, and the days they are counted from.
_AGES: Final = """{views}.stock_lines
       CROSS JOIN LATERAL (
           VALUES ('origin_on', origin_on), ('arrived_on', arrived_on)
       ) AS a (age, since)"""
_PLACE: Final = Column("place", _TEXT, "place")

_AGE: Final = Column("age", _TEXT, "age")  # origin_on or arrived_on
_SINCE: Final = Column("since", "date", "since")
_PART: Final = Column("part", _TEXT, "part")

PLACE_BALANCES: Final = _balances("place_balances", _AGES, (_PLACE, _AGE, _SINCE))
ITEM_BALANCES: Final = _balances(
    "item_balances",
    "{views}.stock_lines",
    (_PLACE, _PART),
    "CREATE INDEX ON {views}.item_balances (part, place)",
)

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
