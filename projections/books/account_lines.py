"""The ledger of an account: its lines between two days, with the balance after each.

A page reads only the days that its lines are of, which the sums by day tell beforehand, and begins
with the balance that the sums have of the day before. So a page costs hardly more, however long the
account is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from domain.months import first_day, month_of
from projections.books.balances import ACCOUNT_DAYS, ACCOUNT_MONTHS, PARTY_DAYS, PARTY_MONTHS
from projections.books.journal import COUNTED_ON, OF_PARTIES
from projections.engine.reading import Reading

_SUMS: Final = "debit_minor - credit_minor, functional_debit_minor - functional_credit_minor"
_OF: Final = "account = %(account)s AND (%(party)s::text IS NULL OR party = %(party)s)"
_WORTH: Final = "coalesce(functional_minor, amount_minor)"

# Before a day: of the months before its own, and of the days of that month.
_BEFORE: Final = f"""
    SELECT currency, sum(amount_minor), sum(worth_minor)
    FROM (
        SELECT currency, {_SUMS} FROM {{months}} AS m WHERE month < %(month)s AND {_OF}
        UNION ALL
        SELECT currency, {_SUMS} FROM {{days}} AS d
        WHERE day >= %(month)s AND day < %(day)s AND {_OF}
        UNION ALL
        SELECT currency, amount_minor, {_WORTH} FROM {{views}}.journal_lines
        WHERE {COUNTED_ON} = %(day)s AND (position, line_no) <= (%(after)s, %(after_line)s)
          AND {_OF} AND {{seen}}
    ) AS sums (currency, amount_minor, worth_minor)
    GROUP BY currency ORDER BY currency
"""
_DAYS: Final = f"""
    SELECT day, sum(lines) FROM {{days}} AS d
    WHERE day BETWEEN %(day)s AND %(to)s AND {_OF}
    GROUP BY day HAVING sum(lines) > 0 ORDER BY day LIMIT %(limit)s + 1
"""
_LAST_DAYS: Final = f"""
    SELECT day, sum(lines) FROM {{days}} AS d WHERE day <= %(to)s AND {_OF}
    GROUP BY day HAVING sum(lines) > 0 ORDER BY day DESC LIMIT %(limit)s
"""
_LINES: Final = f"""
    SELECT position, line_no, effective_on, party, item, due_on, currency, amount_minor, {_WORTH}
    FROM {{views}}.journal_lines
    WHERE {COUNTED_ON} BETWEEN %(day)s AND %(through)s AND {_OF} AND {{seen}}
      AND (effective_on, position, line_no) > (%(day)s, %(after)s, %(after_line)s)
      AND {{whose}}
    ORDER BY effective_on, position, line_no
    LIMIT %(limit)s
"""


class Balance(NamedTuple):
    """An amount in minor units of its currency, debit positive, and what it was worth in the
    book's currency when it was posted."""

    amount_minor: int
    worth_minor: int


class LinePlace(NamedTuple):
    """Where a line stands in its account."""

    day: date
    position: int
    line_no: int


class AccountLine(NamedTuple):
    """A posting on the account. `balance` is of all lines of its currency up to it, and `worth` of
    all lines in the book's currency."""

    place: LinePlace
    party: str
    item: str
    due_on: date | None
    currency: str
    amount: Balance
    balance_minor: int
    worth_minor: int


@dataclass(frozen=True, slots=True)
class AccountLines:
    opening: Mapping[str, Balance]  # By currency: what stands before the first line.
    lines: tuple[AccountLine, ...]  # By the day they count, then as they were recorded.


def account_lines(
    now: Reading,
    account: str,
    party: str | None = None,
    *,
    to: date,
    after: LinePlace,
    limit: int,
) -> AccountLines:
    """Up to `limit` lines after a place in the account, up to a day; of one party if asked."""
    values: dict[str, Any] = {
        "account": account,
        "party": party,
        "day": after.day,
        "month": first_day(month_of(after.day)),
        "after": after.position,
        "after_line": after.line_no,
        "to": to,
        "limit": limit,
    }

    def asked(query: str) -> str:
        return _of_account(now, query, party)

    opening = {
        currency: Balance(int(amount), int(worth))
        for currency, amount, worth in now.select(asked(_BEFORE), values)
    }
    with_lines = now.select(asked(_DAYS), values)
    if not with_lines:
        return AccountLines(opening, ())
    values["through"] = _last_needed(with_lines, after, limit)
    whose = OF_PARTIES if party and not party.startswith("places/") else "true"
    rows = now.select(asked(_LINES).replace("{whose}", whose), values)
    return AccountLines(opening, tuple(_balanced(rows, opening)))


def last_account_lines(
    now: Reading, account: str, party: str | None = None, *, to: date, limit: int
) -> AccountLines:
    """The last lines of an account up to a day, `limit` at most, and what stood there before."""
    values = {"account": account, "party": party, "to": to, "limit": limit}
    days = now.select(_of_account(now, _LAST_DAYS, party), values)
    if not days:
        return AccountLines({}, ())
    first = _last_needed(days, LinePlace(date.max, 0, 0), limit)
    whole = sum(int(lines) for day, lines in days if day >= first)
    begin = LinePlace(first, 0, 0)
    found = account_lines(now, account, party, to=to, after=begin, limit=whole)
    if whole <= limit:
        return found
    begin = found.lines[-limit - 1].place
    return account_lines(now, account, party, to=to, after=begin, limit=limit)


def _of_account(now: Reading, query: str, party: str | None) -> str:
    months, days = (ACCOUNT_MONTHS, ACCOUNT_DAYS) if party is None else (PARTY_MONTHS, PARTY_DAYS)
    found = query.replace("{months}", months.at(now)).replace("{days}", days.at(now))
    # The sums of an account have no column for its parties.
    return found if party is not None else found.replace(_OF, "account = %(account)s")


def _last_needed(days: Sequence[tuple[date, int]], after: LinePlace, limit: int) -> date:
    """The day by whose end there are `limit` lines, those of the first day not counted: some of
    them may stand before the page."""
    lines = 0
    for day, count in days:
        if day != after.day:
            lines += count
        if lines >= limit:
            return day
    return days[-1][0]


def _balanced(rows: Sequence[tuple[Any, ...]], opening: Mapping[str, Balance]) -> list[AccountLine]:
    balances = {currency: balance.amount_minor for currency, balance in opening.items()}
    worth = sum(balance.worth_minor for balance in opening.values())
    found = []
    for position, line_no, day, party, item, due_on, currency, amount, line_worth in rows:
        balances[currency] = balances.get(currency, 0) + int(amount)
        worth += int(line_worth)
        place, amount_and_worth = (
            LinePlace(day, position, line_no),
            Balance(int(amount), int(line_worth)),
        )
        found.append(
            AccountLine(
                place, party, item, due_on, currency, amount_and_worth, balances[currency], worth
            )
        )
    return found
