"""What is open on a dealer's account: each document with what is left of it, the oldest due first.

The order is kept, and not made anew for each payment: so a payment costs the same on an account
with ten open items as on one with tens of thousands.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from datetime import date

from domain.lines import Posting
from domain.stored import Stored
from domain.values import share


class OpenBalance(Stored, kw_only=False):
    """What is still open of one document: owed by the dealer if positive, to it if negative.

    It is there from `effective_on` on, the day its document counts; nothing clears it earlier.
    `functional_minor` is what it was worth in the book's currency when it was raised, if that is
    another one than the account's.
    """

    account: str
    amount_minor: int
    due_on: date
    effective_on: date
    functional_minor: int | None = None

    def functional_of(self, part_minor: int) -> int | None:
        """What a part of it was worth: all parts together are worth exactly the whole."""
        if self.functional_minor is None:
            return None
        return share(self.functional_minor, 0, part_minor, self.amount_minor)


class OpenItems(dict[str, OpenBalance]):
    """By document. Changed by `carry` alone."""

    def __init__(self, items: Mapping[str, OpenBalance] | None = None) -> None:
        super().__init__(items or {})
        # The due day and the document of each item: of what is owed by the dealer, and to it.
        self._owed = sorted((item.due_on, key) for key, item in self.items() if _is_owed(item))
        self._owing = sorted((item.due_on, key) for key, item in self.items() if not _is_owed(item))

    @property
    def owed(self) -> Iterator[tuple[str, int]]:
        """What the dealer owes, each with its amount, oldest due first; of one day, by the name of
        the document."""
        return self._with_amounts(self._owed)

    @property
    def owing(self) -> Iterator[tuple[str, int]]:
        """What is owed to the dealer, in the same order; the amounts are below nought."""
        return self._with_amounts(self._owing)

    def carry(self, posting: Posting, effective_on: date) -> None:
        """Takes in a posting on the dealer's account. An item that is raised once more is as young
        as what was added to it last."""
        key = posting.item
        account, due_on, since = posting.account, posting.due_on, effective_on
        amount, functional = posting.amount_minor, posting.functional_minor
        known = self.get(key)
        if known is not None:
            account, amount = known.account, amount + known.amount_minor
            if functional is not None:
                assert known.functional_minor is not None  # An account is in one currency.
                functional += known.functional_minor
            since = known.effective_on if due_on is None else max(since, known.effective_on)
            due_on = known.due_on
        assert due_on is not None
        item = OpenBalance(account, amount, due_on, since, functional)
        if known is not None and (amount == 0 or _is_owed(item) is not _is_owed(known)):
            row = self._row(known)
            del row[bisect_left(row, (due_on, key))]
            del self[key]
            known = None
        if amount:
            self[key] = item
            if known is None:
                insort(self._row(item), (due_on, key))

    def _with_amounts(self, row: list[tuple[date, str]]) -> Iterator[tuple[str, int]]:
        for _, key in row:
            yield key, self[key].amount_minor

    def _row(self, item: OpenBalance) -> list[tuple[date, str]]:
        return self._owed if _is_owed(item) else self._owing


def _is_owed(item: OpenBalance) -> bool:
    return item.amount_minor > 0
