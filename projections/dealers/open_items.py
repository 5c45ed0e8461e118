"""Open items: which documents a dealer still owes, or is still owed, and since when.

Two things are kept, item by item: what is open now, and what was open when each month was stated
(stated_items.py). For a day in a month that has been stated, the open items of that statement are
taken, less the month's lines after the day. For any other day, those of now are taken, less the
lines that came after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from domain.months import month_of
from projections.books.journal import JOURNAL_LINES, LATE, OF_DEALERS
from projections.engine.reading import Reading
from projections.engine.row_security import OF_PARTY
from projections.engine.running_sums import LINES, Column, First, RunningSums, text

# Days past the due date; the last one counts.
AGE_LIMITS: Final = (30, 60, 90, 180)

# An item keeps the first due date that a line names. `due_said` is made of the line's position and
# the date, so that its smallest value has the first date, in whatever order lines are added.
_DUE_SAID: Final = "position * 10000000 + (due_on - date '0001-01-01')"
_DUE_ON: Final = "date '0001-01-01' + (i.due_said %% 10000000)::integer"

# Items that were cleared keep their rows: on an earlier day they were open, and have a due date.
DEALER_ITEMS: Final = RunningSums(
    "dealer_items",
    JOURNAL_LINES,
    keys=(text("item"), text("party"), text("account"), text("currency")),
    sums=(
        LINES,
        Column("amount_minor", "numeric", "amount_minor"),
        Column("functional_minor", "numeric", "coalesce(functional_minor, 0)"),
    ),
    firsts=(First("due_said", _DUE_SAID, "due_said / 10000000"),),
    where=OF_DEALERS,
    indexes="CREATE INDEX ON {views}.dealer_items (party) WHERE amount_minor <> 0",
    own=OF_PARTY,
).view

# The due date of the item with this key.
_RAISED: Final = f"""SELECT {_DUE_ON} AS due_on FROM {{views}}.dealer_items AS i
            WHERE (i.item, i.party, i.account, i.currency) ="""
# Of some parties: what is open now and what was cleared since, less the lines later than what is
# asked for. Of the others: what was open when a month was stated, corrected for the day.
_OPEN: Final = f"""
    WITH later AS MATERIALIZED (
        SELECT party, item, account, currency, sum(amount_minor) AS amount_minor,
               coalesce(sum(functional_minor), 0) AS functional_minor
        FROM {{views}}.journal_lines
        WHERE {{later}} AND {OF_DEALERS} AND party = ANY(%(parties)s::text[])
        GROUP BY party, item, account, currency
    ), stated AS MATERIALIZED (
        SELECT party, item, account, currency, sum(l.amount_minor) AS amount_minor,
               coalesce(sum(l.functional_minor), 0) AS functional_minor
        FROM unnest(%(stated_parties)s::text[], %(stated_months)s::text[]) AS s (party, month)
        CROSS JOIN LATERAL (
            SELECT account, item, currency, amount_minor, functional_minor
            FROM {{views}}.stated_items
            WHERE party = s.party AND month = s.month
            {{to_day}}
        ) AS l
        GROUP BY party, item, account, currency
    )
    SELECT party, account, item, currency, amount_minor, functional_minor, due_on
    FROM (
        SELECT party, account, item, currency, {_DUE_ON} AS due_on,
               i.amount_minor - coalesce(later.amount_minor, 0) AS amount_minor,
               i.functional_minor - coalesce(later.functional_minor, 0) AS functional_minor
        FROM {{views}}.dealer_items AS i LEFT JOIN later USING (party, item, account, currency)
        WHERE i.amount_minor <> 0 AND i.party = ANY(%(parties)s::text[])
        UNION ALL
        SELECT party, account, item, currency, cleared.due_on, -later.amount_minor,
               -later.functional_minor
        FROM later CROSS JOIN LATERAL (
            {_RAISED} (later.item, later.party, later.account, later.currency)
              AND i.amount_minor = 0
            LIMIT 1  -- Found one by one: most of what was ever cleared is of no interest.
        ) AS cleared
        UNION ALL
        SELECT party, account, item, currency, raised.due_on, stated.amount_minor,
               stated.functional_minor
        FROM stated CROSS JOIN LATERAL (
            {_RAISED} (stated.item, stated.party, stated.account, stated.currency)
            LIMIT 1
        ) AS raised
    ) AS items
    WHERE amount_minor <> 0
    ORDER BY party, due_on, item, account, currency
    LIMIT %(limit)s OFFSET %(skip)s
"""
# A line never stands on the statement of a month before its own. So the second condition implies
# the first, which is there because it has an index.
_AFTER_DAY: Final = """
    statement_month >= %(month)s AND effective_on > %(as_of)s AND {seen}
"""
_AFTER_MONTH: Final = "statement_month > %(month)s AND {seen}"
_AFTER_POSITION: Final = "position > %(position)s"
# A statement has all lines of its month and of those before it. To get to the day, lines after the
# day are taken off, and lines up to the day that came too late for the statement are added.
_TO_DAY: Final = f"""
            UNION ALL
            SELECT account, item, currency, -amount_minor, -functional_minor
            FROM {{views}}.journal_lines
            WHERE party = s.party AND {OF_DEALERS} AND effective_on > %(as_of)s AND {{seen}}
              AND statement_month = %(month)s
            UNION ALL
            SELECT account, item, currency, amount_minor, functional_minor
            FROM {{views}}.journal_lines
            WHERE party = s.party AND {LATE} AND effective_on <= %(as_of)s AND {{seen}}
              AND statement_month > %(month)s
"""

# Of the dealer `d`: the last stated month that is not after the month asked for, or NULL if that
# month may still be stated. A month without lines may be left out when the next one is stated.
LAST_STATED: Final = """
    CASE WHEN %(month)s <= (
        SELECT max(month) FROM {views}.issued_statements WHERE dealer = d.dealer AND {seen}
    ) THEN coalesce((
        SELECT max(month) FROM {views}.issued_statements
        WHERE dealer = d.dealer AND month <= %(month)s AND {seen}
    ), '') END
"""
_DEALERS: Final = f"""
    SELECT dealer, {LAST_STATED} FROM {{views}}.dealer_accounts AS d WHERE {{of}}
"""


class OpenItem(NamedTuple):
    """What is open of one document: owed by the dealer if positive, owed to it if negative.

    `functional_minor` is what it was worth in the book's currency when it was raised, where the
    dealer's is another one, and 0 where it is not.
    """

    dealer: str
    account: str
    item: str
    currency: str
    amount_minor: int
    functional_minor: int
    due_on: date

    def days_overdue(self, on: date) -> int:
        """Negative while it is not yet due."""
        return (on - self.due_on).days


class OpenByAge(NamedTuple):
    """Open amounts by days past the due date, in minor units of one currency."""

    not_due: int = 0
    days_0_30: int = 0
    days_31_60: int = 0
    days_61_90: int = 0
    days_91_180: int = 0
    over_180: int = 0


@dataclass(frozen=True, slots=True)
class OpenItems:
    as_of: date
    as_of_position: int
    items: tuple[OpenItem, ...]  # By dealer, oldest due first.


def open_items(
    now: Reading,
    as_of: date,
    dealer: str | None = None,
    *,
    skip: int = 0,
    limit: int | None = None,
) -> OpenItems:
    """What is open at the end of a day, of one dealer or of all.

    Pages may skip by number: the items of a day at a position are always the same.
    """
    values = {"as_of": as_of, "month": month_of(as_of), "skip": skip, "limit": limit}
    dealers = _DEALERS.replace("{of}", "true" if dealer is None else "dealer = %(dealer)s")
    months = dict(now.select(dealers, {**values, "dealer": dealer}, often=dealer is not None))
    return OpenItems(as_of, now.position, _items(now, months, _AFTER_DAY, _TO_DAY, values))


def items_of_month(
    now: Reading, dealer: str, month: str, last_stated: str | None
) -> tuple[OpenItem, ...]:
    """What is open of the lines that stand on a dealer's statements up to a month's.

    `last_stated` is what `LAST_STATED` says of them.
    """
    values = {"month": month, "skip": 0, "limit": None}
    return _items(now, {dealer: last_stated}, _AFTER_MONTH, "", values)


def by_age(items: Iterable[OpenItem], on: date) -> OpenByAge:
    """Sums items of one currency by how long they are overdue on a day."""
    sums = [0] * len(OpenByAge._fields)
    for item in items:
        days = item.days_overdue(on)
        bucket = 0 if days < 0 else 1 + sum(days > limit for limit in AGE_LIMITS)
        sums[bucket] += item.amount_minor
    return OpenByAge(*sums)


def _items(
    now: Reading,
    months: Mapping[str, str | None],
    later: str,
    to_day: str,
    values: Mapping[str, Any],
) -> tuple[OpenItem, ...]:
    """Open items of dealers: from the stated month that is given for each, or from those of now."""
    stated = {dealer: month for dealer, month in months.items() if month is not None}
    parties = {
        "parties": [f"dealers/{dealer}" for dealer in months if dealer not in stated],
        "stated_parties": [f"dealers/{dealer}" for dealer in stated],
        "stated_months": list(stated.values()),
    }
    if not now.present:
        later = f"(({later}) OR {_AFTER_POSITION})"
    query = _OPEN.replace("{later}", later).replace("{to_day}", to_day)
    rows = now.select(query, {**values, **parties}, often=len(months) == 1)
    return tuple(
        OpenItem(
            party.partition("/")[2], account, item, currency, int(amount), int(functional), due_on
        )
        for party, account, item, currency, amount, functional, due_on in rows
    )
