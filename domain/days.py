"""The two days of everything that happens: when it did, and when it counts."""

from datetime import date
from typing import NamedTuple


class Days(NamedTuple):
    """When a step happened, and when it counts. The second is never before the first.

    Rules of the trade read the day it happened: prices, deadlines, what had arrived. Books read the
    day it counts: statements, months, balances (docs/domain.md, "Three times").
    """

    occurred_on: date
    effective_on: date


class Done(NamedTuple):
    """A step that others have to come after: what was done, as refusals say it, and when."""

    step: str  # "approved"
    days: Days

    def later(self, other: "Done") -> "Done":
        """Both together: what comes after them has to come after the later one of them."""
        return Done(
            other.step,
            Days(
                max(self.days.occurred_on, other.days.occurred_on),
                max(self.days.effective_on, other.days.effective_on),
            ),
        )
