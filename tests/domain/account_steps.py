"""What a dealer's account comes to."""

from domain.dealer_account import DealerAccount


def balance_minor(account: DealerAccount) -> int:
    """What the dealer owes by its open items; negative when the maker owes it."""
    return sum(item.amount_minor for item in account.items.values())
