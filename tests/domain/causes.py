"""Leads every line of stock and accounts back to the document's step that caused it."""

from collections.abc import Iterable

from domain.aggregates import AGGREGATES
from domain.dealer_account import DealerAccount
from domain.facts import Aggregate, CausedFact, Fact, FirstCausedFact
from domain.stock_item import StockItem

KINDS: dict[str, type[Aggregate]] = {kind.KIND: kind for kind in AGGREGATES}
SUMS = (StockItem, DealerAccount)


def untraced(facts: Iterable[Fact]) -> list[str]:
    """What stock and accounts hold that no document's fact of the same request has caused."""
    history = {(fact.originator_id, fact.originator_version): fact for fact in facts}
    return [
        f"{stream}@{version}"
        for (stream, version), fact in history.items()
        if kind_of(stream) in SUMS and not _is_caused(fact, history)
    ]


def cause_of(fact: Fact, history: dict[tuple[str, int], Fact]) -> Fact | None:
    assert isinstance(fact, CausedFact | FirstCausedFact)
    return history.get((fact.caused_by, fact.caused_by_version))


def kind_of(stream: str) -> type[Aggregate]:
    return KINDS[stream.partition("/")[0]]


def _is_caused(fact: Fact, history: dict[tuple[str, int], Fact]) -> bool:
    cause = cause_of(fact, history)
    if cause is None or cause.request_id != fact.request_id:
        return False
    if kind_of(cause.originator_id) in SUMS:
        return False
    return not isinstance(fact, CausedFact) or fact.document == getattr(cause, "document", "")
