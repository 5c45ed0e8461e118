"""What the facts of every command hold, whichever rule made them; else none of them is recorded."""

from collections.abc import Iterable, Sequence
from typing import Final

from domain.facts import BookedFact, Cause, CausedFact, Fact, FirstCausedFact
from domain.lines import Unbalanced, imbalance

_CAUSED: Final = (CausedFact, FirstCausedFact)


class CauseNotRecorded(AssertionError):  # noqa: N818 - Named after what is the matter.
    """A defect, and no refusal: a fact names as its cause what its command does not record."""

    def __init__(self, topic: str, cause: Cause) -> None:
        super().__init__(f"{topic} names {cause.stream}@{cause.version}, not recorded with it")


def require_causes(facts: Sequence[Fact]) -> None:
    """Refuses facts of one command that name as their cause what it does not record."""
    recorded = {(fact.originator_id, fact.originator_version) for fact in facts}
    for fact in facts:
        if isinstance(fact, _CAUSED):
            cause = fact.caused_by, fact.caused_by_version
            if cause not in recorded:
                raise CauseNotRecorded(fact.TOPIC, Cause(*cause))


def require_balance(facts: Iterable[Fact], book_currency: str) -> None:
    """Refuses facts whose debits and credits do not add up, in each currency and in the book's."""
    for fact in facts:
        if isinstance(fact, BookedFact) and (rest := imbalance(fact.postings, book_currency)):
            raise Unbalanced(fact.TOPIC, rest)
