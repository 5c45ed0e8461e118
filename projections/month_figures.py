"""What two reports say of the end of a month that have to say the same, before it is final.

Each pair comes from reports that are folded apart: the layers against the inventory accounts, and
the open items against the accounts of the dealers. Lines without a statement are found, too.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from domain import accounts, places
from domain.accounts import DEALER_ACCOUNTS
from domain.months import last_day
from domain.proofs import Compared, Figures, ProofKind
from projections.books.trial_balance import AccountBalance, trial_balance
from projections.dealers.account_rows import STATEMENT_MONTHS
from projections.dealers.open_items import open_items
from projections.engine.reading import Reading
from projections.stock.inventory_ageing import inventory_ageing

# All dealers with lines on the statement of a month, and whether it was issued. That takes the
# statements before it, too.
_STATED: Final = """
    SELECT dealer, EXISTS (
        SELECT FROM {views}.issued_statements AS i
        WHERE i.dealer = m.dealer AND i.month = %(month)s AND {seen}
    )
    FROM {months} AS m
    WHERE statement_month = %(month)s
    GROUP BY dealer HAVING sum(lines) > 0
    ORDER BY dealer
"""
# What is on the way or in discrepancy lies at no real place, and its account has no party.
_WITHOUT_PLACE: Final = {
    places.IN_TRANSIT: (accounts.IN_TRANSIT, ""),
    places.DISCREPANCY: (accounts.DISCREPANCIES, ""),
}
_OF_STOCK: Final = frozenset({
    accounts.INVENTORY, accounts.CONSIGNMENT, accounts.RETURNED_PARTS, accounts.IN_TRANSIT,
    accounts.DISCREPANCIES,
})  # fmt: skip

# By whose they are and currency, in minor units.
_Sums = Counter[tuple[str, str]]


def month_figures(now: Reading, month: str, currency: str, calendar_version: int) -> Figures:
    """The figures of a book in this currency. See `Figures` for the version of the calendar."""
    day = last_day(month)
    balances = trial_balance(now, day, by_party=True).accounts
    stated = dict(
        now.select(_STATED.replace("{months}", STATEMENT_MONTHS.at(now)), {"month": month})
    )
    return Figures(
        position=now.position,
        calendar_version=calendar_version,
        compared=(
            *_pairs(ProofKind.STOCK, _layers(now, month, currency), _of_stock(balances)),
            *_pairs(ProofKind.OPEN_ITEMS, _items(now, month), _of_dealers(balances)),
        ),
        dealers_with_lines=len(stated),
        not_stated=tuple(dealer for dealer, is_stated in stated.items() if not is_stated),
    )


def _pairs(kind: ProofKind, figures: _Sums, balances: _Sums) -> Iterator[Compared]:
    for of, currency in sorted(figures.keys() | balances.keys()):
        yield Compared(kind, of, currency, figures[of, currency], balances[of, currency])


def _layers(now: Reading, month: str, currency: str) -> _Sums:
    sums: _Sums = Counter()
    for row in inventory_ageing(now, last_day(month)).rows:
        account, party = _WITHOUT_PLACE.get(row.place) or accounts.of_stock(row.place)
        sums[_whose(account, party), currency] += row.value_minor
    return sums


def _of_stock(balances: tuple[AccountBalance, ...]) -> _Sums:
    sums: _Sums = Counter()
    for line in balances:
        if line.account in _OF_STOCK:
            sums[_whose(line.account, line.party), line.currency] += line.balance_minor
    return sums


def _whose(account: str, party: str) -> str:
    """A place has one account or the other, whether it is a custody room or not; a dealer's
    consignment stock is kept apart from what it owes."""
    return party if party.startswith("places/") else f"{account} {party}".strip()


def _items(now: Reading, month: str) -> _Sums:
    sums: _Sums = Counter()
    for item in open_items(now, last_day(month)).items:
        sums[f"{item.account} dealers/{item.dealer}", item.currency] += item.amount_minor
    return sums


def _of_dealers(balances: tuple[AccountBalance, ...]) -> _Sums:
    sums: _Sums = Counter()
    for line in balances:
        if line.account in DEALER_ACCOUNTS:
            sums[f"{line.account} {line.party}", line.currency] += line.balance_minor
    return sums
