"""Balances: the sums of journal lines by month and by day that the trial balance begins with."""

from typing import Final

from projections.books.journal import JOURNAL_LINES
from projections.engine.row_security import OF_PARTY
from projections.engine.running_sums import GENERATION, LINES, Column, RunningSums, text

_MONTH: Final = Column("month", "date", "date_trunc('month', effective_on::timestamp)::date")
_DAY: Final = Column("day", "date", "effective_on")
# In the book's currency: of a line in that currency, its amount.
_WORTH: Final = "coalesce(functional_minor, amount_minor)"
_SUMS: Final = (
    LINES,
    Column("debit_minor", "numeric", "greatest(amount_minor, 0)"),
    Column("credit_minor", "numeric", "greatest(-amount_minor, 0)"),
    Column("functional_debit_minor", "numeric", f"greatest({_WORTH}, 0)"),
    Column("functional_credit_minor", "numeric", f"greatest(-{_WORTH}, 0)"),
)


def _of_the_journal(name: str, time: Column, *party: Column, own: str = "") -> RunningSums:
    keys = (time, text("account"), *party, text("currency"), GENERATION)
    return RunningSums(name, JOURNAL_LINES, keys, _SUMS, own=own)


# By day, too, so that the days of a month can be added up without reading its lines.
ACCOUNT_MONTHS: Final = _of_the_journal("account_months", _MONTH)
ACCOUNT_DAYS: Final = _of_the_journal("account_days", _DAY)
PARTY_MONTHS: Final = _of_the_journal("party_months", _MONTH, text("party"), own=OF_PARTY)
PARTY_DAYS: Final = _of_the_journal("party_days", _DAY, text("party"), own=OF_PARTY)
