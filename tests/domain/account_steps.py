"""An account of its own, what is raised on it, and what it comes to."""

from datetime import date

from domain.conversion import Conversion, worth
from domain.dealer_account import DealerAccount
from domain.facts import Command
from domain.lines import Posting
from tests.domain.desk import CAUSE


def opened(command: Command, dealer: str = "D01", currency: str = "CNY") -> DealerAccount:
    """The account of a dealer, in a book that is kept in CNY."""
    return DealerAccount.open(command, CAUSE, dealer, currency, "CNY")


def raised(
    account: DealerAccount,
    on_account: str,
    item: str,
    amount: int,
    due_on: date,
    against: str = "6001",
    conversion: Conversion | None = None,
) -> tuple[Posting, ...]:
    """Postings that raise an item against one other account."""
    amounts = worth(conversion, (on_account, amount), (against, -amount))
    return account.raise_item(item, due_on, *amounts)


def balance_minor(account: DealerAccount) -> int:
    """What the dealer owes by its open items; negative when the maker owes it."""
    return sum(item.amount_minor for item in account.items.values())
