"""The trial balance: what stands on each account, and the proof that all of it sums to zero."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from domain.accounts import NAMES
from projections.reading import Reading

_BY_ACCOUNT: Final = """
    SELECT account, '', currency,
           sum(amount_minor) FILTER (WHERE amount_minor > 0),
           sum(amount_minor) FILTER (WHERE amount_minor < 0)
    FROM {views}.journal_lines
    WHERE effective_on <= %(as_of)s AND position <= %(position)s
    GROUP BY account, currency
    ORDER BY account, currency
"""
_BY_PARTY: Final = """
    SELECT account, party, currency,
           sum(amount_minor) FILTER (WHERE amount_minor > 0),
           sum(amount_minor) FILTER (WHERE amount_minor < 0)
    FROM {views}.journal_lines
    WHERE effective_on <= %(as_of)s AND position <= %(position)s
    GROUP BY account, party, currency
    ORDER BY account, party, currency
"""


class AccountBalance(NamedTuple):
    """Debits and credits of an account (of one party, where asked), both without sign."""

    account: str
    party: str  # Empty unless asked by party, and for the part of an account that has none.
    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def title(self) -> str:
        return NAMES.get(self.account, "")

    @property
    def balance_minor(self) -> int:
        """Debit positive, credit negative."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class TrialBalance:
    as_of: date
    as_of_position: int
    accounts: tuple[AccountBalance, ...]  # By account, then party, then currency.

    @property
    def difference_minor(self) -> dict[str, int]:
        """Debits less credits of each currency. Anything but zeros means the books are broken."""
        sums: dict[str, int] = {}
        for line in self.accounts:
            sums[line.currency] = sums.get(line.currency, 0) + line.balance_minor
        return sums


def trial_balance(now: Reading, as_of: date, by_party: bool = False) -> TrialBalance:
    """Every account with a line that is effective by the end of a day."""
    rows = now.select(_BY_PARTY if by_party else _BY_ACCOUNT, {"as_of": as_of})
    accounts = tuple(
        AccountBalance(account, party, currency, int(debit or 0), -int(credit or 0))
        for account, party, currency, debit, credit in rows
    )
    return TrialBalance(as_of, now.position, accounts)
