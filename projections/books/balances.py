"""Balances: the sums of journal lines and of statement rows that reports begin with."""

from typing import Final

from projections.books.journal import JOURNAL_LINES
from projections.dealers.account_rows import STATEMENT_ROWS
from projections.engine.sums import MONTH, Column, Sums

_TEXT: Final = 'text COLLATE "C"'
_ACCOUNT: Final = Column("account", _TEXT, "account")
_PARTY: Final = Column("party", _TEXT, "party")
_CURRENCY: Final = Column("currency", _TEXT, "currency")
_MONTH: Final = Column("month", "date", MONTH)  # Its first day.
_DAY: Final = Column("day", "date", "effective_on")
_DEBITS_AND_CREDITS: Final = (
    Column("debit_minor", "numeric", "greatest(amount_minor, 0)"),
    Column("credit_minor", "numeric", "greatest(-amount_minor, 0)"),
)

ACCOUNT_MONTHS: Final = Sums(
    "account_months",
    JOURNAL_LINES,
    keys=(_MONTH, _ACCOUNT, _CURRENCY),
    sums=_DEBITS_AND_CREDITS,
)
# By day, so that the days of a month can be added up without reading its lines.
ACCOUNT_DAYS: Final = Sums(
    "account_days",
    JOURNAL_LINES,
    keys=(_DAY, _ACCOUNT, _CURRENCY),
    sums=_DEBITS_AND_CREDITS,
)
PARTY_MONTHS: Final = Sums(
    "party_months",
    JOURNAL_LINES,
    keys=(_MONTH, _ACCOUNT, _PARTY, _CURRENCY),
    sums=_DEBITS_AND_CREDITS,
)
PARTY_DAYS: Final = Sums(
    "party_days",
    JOURNAL_LINES,
    keys=(_DAY, _ACCOUNT, _PARTY, _CURRENCY),
    sums=_DEBITS_AND_CREDITS,
)
STATEMENT_MONTHS: Final = Sums(
    "statement_months",
    STATEMENT_ROWS,
    keys=(Column("dealer", _TEXT, "dealer"), Column("statement_month", _TEXT, "statement_month")),
    sums=(Column("net_minor", "numeric", "net_minor"),),
)
