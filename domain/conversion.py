"""Amounts in another currency and in the book's: the rate, where it is from, and what it makes.

What is raised is converted at the rate of its day, as a whole: its parts are rounded half up by
themselves, and the first of them takes what the others leave. What is taken back or cleared leaves
with what it was worth when it was raised (`share` in domain/values.py). So each fact adds up.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.stored import Stored
from domain.values import converted


class Conversion(Stored):
    """One unit of `from_currency` = `rate` units of `to_currency`, the book's.

    `stream` and `version` name the fact that says so; its day and its source stand beside them.
    """

    from_currency: str
    to_currency: str
    rate: Decimal
    effective_from: date
    source: str
    stream: str
    version: int

    def of(self, amount_minor: int) -> int:
        """The amount in the book's currency, rounded half up by itself."""
        return converted(amount_minor, self.from_currency, self.rate, self.to_currency)


class Worth(NamedTuple):
    """An amount on an account, debit positive, and its worth in the book's currency, where that is
    another one."""

    account: str
    amount_minor: int
    functional_minor: int | None = None

    @property
    def negated(self) -> "Worth":
        """The same on the other side."""
        minor = self.functional_minor
        return Worth(self.account, -self.amount_minor, None if minor is None else -minor)


def balancing(account: str, *others: Worth) -> Worth:
    """What stands on an account against these."""
    amount = -sum(other.amount_minor for other in others)
    functional = [other.functional_minor for other in others if other.functional_minor is not None]
    return Worth(account, amount, -sum(functional) if functional else None)


def worth(
    conversion: Conversion | None, whole: tuple[str, int], *parts: tuple[str, int]
) -> tuple[Worth, ...]:
    """What is raised on an account, and the parts against it, all converted; no part is zero.

    In the book's currency nothing is converted.
    """
    posted = [part for part in parts if part[1]]
    if conversion is None:
        return tuple(Worth(*each) for each in (whole, *posted))
    functional = [conversion.of(amount) for _, amount in (whole, *posted)]
    functional[1] -= sum(functional)
    return tuple(
        Worth(account, amount, minor)
        for (account, amount), minor in zip((whole, *posted), functional, strict=True)
    )
