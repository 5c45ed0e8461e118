"""A ladder of refusals: which one wins where several rules are broken.

A command with everything wrong is refused for its first rule, that is put right, and the next one
shows.
"""

from datetime import date
from typing import Any, NamedTuple

from domain.errors import DomainError
from domain.use_cases.booking import Occurrence
from tests.domain.desk import Desk, UseCase

FUTURE = Occurrence(date(2026, 1, 1))


class Rung(NamedTuple):
    """The refusal that wins, and what then puts it right."""

    refusal: type[DomainError]
    right: dict[str, Any]


def climb(desk: Desk, use_case: UseCase, wrong: dict[str, Any], *rungs: Rung) -> None:
    """Refused rung by rung; in the end nothing is wrong any more."""
    fields = dict(wrong)
    for refusal, right in rungs:
        desk.refused(refusal, use_case, **fields)
        fields |= right
    desk.do(use_case, **fields)
