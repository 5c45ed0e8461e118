"""The stock card of a part: what came and went, line by line, and what lay there after each.

All layers that one entry moves from one place to another are one line.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from projections.engine.reading import Reading
from projections.stock.lines import OURS

_OF: Final = f"""
    part = %(part)s AND {OURS} AND (%(place)s::text IS NULL OR place = %(place)s) AND {{seen}}
"""
_OPENING: Final = f"""
    SELECT coalesce(sum(quantity), 0), coalesce(sum(value_minor), 0)
    FROM {{views}}.stock_lines WHERE {_OF} AND effective_on < %(from)s
"""
# A layer has two lines, one after the other: first where it leaves, then where it comes to.
_LINES: Final = f"""
    SELECT effective_on, position, place, other, sum(quantity), sum(value_minor)
    FROM (
        SELECT *, line_no - sign(quantity)::bigint AS other_line
        FROM {{views}}.stock_lines
        WHERE {_OF} AND effective_on BETWEEN %(from)s AND %(to)s
    ) AS l
    CROSS JOIN LATERAL (
        SELECT o.place AS other FROM {{views}}.stock_lines AS o
        WHERE o.position = l.position AND o.line_no = l.other_line
        OFFSET 0  -- Found by its key.
    ) AS o
    WHERE (effective_on, position, place, other)
        > (%(from)s, %(after)s, %(after_place)s, %(after_other)s)
    GROUP BY effective_on, position, place, other
    ORDER BY effective_on, position, place, other
    LIMIT %(limit)s
"""


class CardPlace(NamedTuple):
    """Where a line stands in the card, and what lies there after it: the next page begins so."""

    day: date
    position: int = 0
    place: str = ""
    other: str = ""
    quantity: int = 0
    value_minor: int = 0


class CardLine(NamedTuple):
    """Pieces that came, or went if negative, and their value in minor units of the book's
    currency. The balances in `after` are of all lines up to this one."""

    after: CardPlace
    quantity: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class StockCard:
    opening: CardPlace  # What lies there before the first line.
    lines: tuple[CardLine, ...]  # By the day they count, then as they were recorded.


def stock_card(
    now: Reading,
    part: str,
    place: str | None = None,
    *,
    to: date,
    after: CardPlace,
    limit: int,
) -> StockCard:
    """Up to `limit` lines after a place in the card, up to a day; at one place if asked.

    A page that begins with a day has its balances from the lines before; one that begins behind a
    line has them from there.
    """
    values = {
        "part": part,
        "place": place,
        "from": after.day,
        "to": to,
        "after": after.position,
        "after_place": after.place,
        "after_other": after.other,
        "limit": limit,
    }
    if not after.position:
        ((quantity, value),) = now.select(_OPENING, values)
        after = after._replace(quantity=int(quantity), value_minor=int(value))
    opening, lines = after, []
    for day, position, at, other, quantity, value in now.select(_LINES, values):
        after = CardPlace(
            day, position, at, other, after.quantity + int(quantity), after.value_minor + int(value)
        )
        lines.append(CardLine(after, int(quantity), int(value)))
    return StockCard(opening, tuple(lines))
