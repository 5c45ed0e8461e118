"""The lines of an open item: what raised it, and what has cleared some of it since."""

from datetime import date
from typing import Final, NamedTuple

from projections.books.journal import OF_DEALERS
from projections.engine.reading import Reading

_LINES: Final = f"""
    SELECT position, effective_on, account, currency, amount_minor
    FROM {{views}}.journal_lines
    WHERE party = %(party)s AND item = %(item)s AND {OF_DEALERS}
      AND effective_on <= %(as_of)s AND {{seen}}
    ORDER BY effective_on, position, line_no
"""
_ROW: Final = """
    SELECT r.position, r.net_minor, d.currency
    FROM {views}.statement_rows AS r JOIN {views}.dealer_accounts AS d USING (dealer)
    WHERE dealer = %(dealer)s AND statement_month = %(month)s AND version = %(version)s
      AND r.position <= %(position)s
"""


class ItemLine(NamedTuple):
    """An amount in minor units that raises the item, or clears it: debit positive."""

    position: int
    effective_on: date
    account: str
    currency: str
    amount_minor: int


def item_lines(now: Reading, dealer: str, item: str, as_of: date) -> list[ItemLine]:
    """By the day they count, then as they were recorded. Their sum is what is open of the item."""
    values = {"party": f"dealers/{dealer}", "item": item, "as_of": as_of}
    return [
        ItemLine(position, day, account, currency, int(amount))
        for position, day, account, currency, amount in now.select(_LINES, values)
    ]


def stated_line(now: Reading, dealer: str, month: str, version: int) -> tuple[int, int, str] | None:
    """The position of the entry behind a line of a statement, its net amount in minor units, debit
    positive, and the currency; None where the statement has no such line."""
    values = {"dealer": dealer, "month": month, "version": version}
    for position, net, currency in now.select(_ROW, values):
        return position, int(net), currency
    return None
