"""The trial balance: what stands on each account, and the proof that all of it sums to zero."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from domain.accounts import NAMES
from domain.months import first_day, month_of
from projections.books.balances import ACCOUNT_DAYS, ACCOUNT_MONTHS, PARTY_DAYS, PARTY_MONTHS
from projections.engine.reading import Reading

# The months before that of the day, and the days of its own month.
_BALANCES: Final = """
    SELECT account, {party}, currency, sum(debit_minor), sum(credit_minor),
           sum(functional_debit_minor), sum(functional_credit_minor)
    FROM (
        SELECT account, {party}, currency, {sums}, lines
        FROM {months} AS m WHERE month < %(month)s
        UNION ALL
        SELECT account, {party}, currency, {sums}, lines
        FROM {days} AS d WHERE day BETWEEN %(month)s AND %(as_of)s
    ) AS sums
    GROUP BY 1, 2, 3 HAVING sum(lines) > 0
    ORDER BY 1, 2, 3
""".replace("{sums}", "debit_minor, credit_minor, functional_debit_minor, functional_credit_minor")


class AccountBalance(NamedTuple):
    """Debits and credits of an account (of one party, where asked), both without sign: in one
    currency, and what they were worth in the book's when they were posted."""

    account: str
    party: str  # Empty unless asked by party, and for the part of an account that has none.
    currency: str
    debit_minor: int
    credit_minor: int
    functional_debit_minor: int
    functional_credit_minor: int

    @property
    def title(self) -> str:
        return NAMES.get(self.account, "")

    @property
    def balance_minor(self) -> int:
        """Debit positive, credit negative."""
        return self.debit_minor - self.credit_minor

    @property
    def functional_balance_minor(self) -> int:
        """Debit positive, credit negative, in the book's currency."""
        return self.functional_debit_minor - self.functional_credit_minor


@dataclass(frozen=True, slots=True)
class TrialBalance:
    as_of: date
    as_of_position: int
    accounts: tuple[AccountBalance, ...]  # By account, then party, then currency.

    @property
    def difference_minor(self) -> dict[str, int]:
        """Debits less credits of each currency. Anything but zeros means the books are damaged."""
        sums: dict[str, int] = {}
        for line in self.accounts:
            sums[line.currency] = sums.get(line.currency, 0) + line.balance_minor
        return sums

    @property
    def functional_difference_minor(self) -> int:
        """Debits less credits of all accounts in the book's currency: zero, or the books are
        damaged."""
        return sum(line.functional_balance_minor for line in self.accounts)


def trial_balance(now: Reading, as_of: date, by_party: bool = False) -> TrialBalance:
    """Every account with a line that is effective by the end of a day."""
    months, days = (PARTY_MONTHS, PARTY_DAYS) if by_party else (ACCOUNT_MONTHS, ACCOUNT_DAYS)
    query = _BALANCES.replace("{months}", months.at(now)).replace("{days}", days.at(now))
    query = query.replace("{party}", "party" if by_party else "''")
    values = {"as_of": as_of, "month": first_day(month_of(as_of))}
    rows = now.select(query, values, often=True)
    accounts = tuple(
        AccountBalance(account, party, currency, *map(int, sums))
        for account, party, currency, *sums in rows
    )
    return TrialBalance(as_of, now.position, accounts)
