"""What a line of a dealer's account holds beside its postings, and what a snapshot of one holds."""

from typing import TYPE_CHECKING

from domain.conversion import Conversion
from domain.facts import CausedFact
from domain.open_items import OpenBalance
from domain.statement import MonthSums
from domain.stored import Stored

if TYPE_CHECKING:
    from domain.dealer_account import DealerAccount


class AccountState(Stored):
    """What a snapshot of a dealer account holds."""

    dealer: str
    currency: str
    book_currency: str
    items: dict[str, OpenBalance]
    months: dict[str, MonthSums]
    stated_through: str
    stated_minor: int


class AccountFact(CausedFact):
    """A line of the account; `statement_month` is the statement it stands on.

    `conversion` is the rate of what the line raises, if the account is in another currency than the
    book. What it clears, or takes back, leaves with what it was worth when it was raised.
    """

    statement_month: str
    conversion: Conversion | None = None

    def apply(self, aggregate: "DealerAccount") -> None:
        aggregate.apply_postings(self, claims_tax_minor=0)


class ClaimsFact(AccountFact):
    """A line whose tax is on no account before the dealer has invoiced its claims.

    `claims_tax_minor` is by how much this line raises the tax of the month's invoice for claims, in
    the account's `currency`.
    """

    currency: str
    claims_tax_minor: int

    def apply(self, aggregate: "DealerAccount") -> None:
        aggregate.apply_postings(self, self.claims_tax_minor)
