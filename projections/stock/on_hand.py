"""Stock on hand: how much of each part lies where, on any day."""

from datetime import date
from typing import Final, NamedTuple

from projections.engine.reading import Reading
from projections.stock.balances import PLACES
from projections.stock.closed_stock import first_open_day, is_open, layers, since_close
from projections.stock.lines import OURS

_ITEMS: Final = """
    SELECT place, part, quantity, value_minor
    FROM ({items}) AS items
    WHERE left(place, 1) <> '@' AND (place, part) > (%(after_place)s, %(after_part)s)
      AND (%(place)s::text IS NULL OR place = %(place)s)
      AND (%(part)s::text IS NULL OR part = %(part)s)
      AND (%(show_empty)s OR quantity <> 0)
    ORDER BY place, part
    LIMIT %(limit)s
"""
_SUMS: Final = """
    coalesce(sum(quantity), 0)::bigint AS quantity,
    coalesce(sum(value_minor), 0) AS value_minor
"""
_OF_ITEM: Final = f"part = i.part AND place = i.place AND {OURS}"
# As of a position, or of a day since the last closed month: today's stock, less what came later. An
# item with later lines only did not exist yet.
_LESS_LATER: Final = f"""
    SELECT i.place, i.part, i.quantity - later.quantity AS quantity,
           i.value_minor - later.value_minor AS value_minor
    FROM {{views}}.item_balances AS i
    CROSS JOIN LATERAL (
        SELECT count(*) AS lines, {_SUMS} FROM {{views}}.stock_lines WHERE {_OF_ITEM} AND {{later}}
    ) AS later
    WHERE i.lines > later.lines
"""
_BY_NOW: Final = "SELECT * FROM {views}.item_balances"
_BY_POSITION: Final = _LESS_LATER.replace("{later}", "position > %(position)s")
_BY_DAY: Final = _LESS_LATER.replace("{later}", "effective_on > %(as_of)s")
# On any other day, or on one as of a past position.
_THEN: Final = f"""
    SELECT i.place, i.part, at_day.quantity, at_day.value_minor
    FROM {{views}}.item_balances AS i
    CROSS JOIN LATERAL (
        SELECT {_SUMS} FROM ({layers("part = i.part AND place = i.place")}) AS layers
    ) AS at_day
    WHERE i.first_position <= %(position)s AND (at_day.quantity <> 0 OR EXISTS (
        SELECT FROM {{views}}.stock_lines
        WHERE {_OF_ITEM} AND effective_on <= %(as_of)s AND {{seen}}
    ))
"""


class StockQuantity(NamedTuple):
    """All pieces of a part at a place, and their value in minor units of the book's currency."""

    place: str
    part: str
    quantity: int
    value_minor: int


def our_places(now: Reading) -> list[str]:
    """Every place where stock of the maker ever lay."""
    return [place for (place,) in now.select(PLACES, {})]


def stock_quantities(
    now: Reading,
    *,
    as_of: date | None = None,
    place: str | None = None,
    part: str | None = None,
    show_empty: bool,
    after: tuple[str, str] = ("", ""),
    limit: int = 100,
) -> tuple[StockQuantity, ...]:
    """Up to `limit` sums in real places, after a place and part; by place and part.

    Without a day, all that is recorded counts, whatever day it is booked on.
    """
    if as_of is None:
        items, days = (_BY_NOW if now.present else _BY_POSITION), {}
    else:
        open_day = first_open_day(now)
        items = _BY_DAY if is_open(now, as_of, open_day) else _THEN
        days = since_close(as_of, open_day)
    rows = now.select(
        _ITEMS.replace("{items}", items),
        {
            **days,
            "place": place,
            "part": part,
            "show_empty": show_empty,
            "after_place": after[0],
            "after_part": after[1],
            "limit": limit,
        },
    )
    return tuple(
        StockQuantity(place, part, quantity, int(value)) for place, part, quantity, value in rows
    )
