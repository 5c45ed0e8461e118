"""Which of several refusals wins: all rules are broken at once, then put right one by one."""

from typing import Any, NamedTuple

from domain.errors import (
    DomainError,
    FutureDate,
    PeriodClosed,
    PeriodSoftClosed,
    SamePerson,
)
from domain.use_cases import closing
from domain.use_cases.booking import Occurrence
from tests.domain.desk import ANN, BOB, TODAY, Desk, UseCase, on


class Broken(NamedTuple):
    """A rule that is broken: its refusal, some of the facts that it names, what puts it right."""

    refusal: type[DomainError]
    named: dict[str, str]
    right: dict[str, Any]


def in_order(desk: Desk, use_case: UseCase, worst: dict[str, Any], *rules: Broken) -> None:
    """Requires these refusals one after another, and that nothing is refused in the end.

    The end is the control: what a rule is put right with breaks no other one.
    """
    fields = dict(worst)
    for refusal, named, right in rules:
        facts = desk.refused(refusal, use_case, **fields)
        assert named.items() <= facts.items(), facts
        fields |= right
    desk.do(use_case, **fields)


FUTURE = Occurrence(TODAY.replace(year=2026))


def closed_months(desk: Desk) -> Desk:
    """May is hard-closed and June soft-closed; Ann and Bob have let a document of theirs in."""
    desk.do(closing.soft_close, month="2025-06")
    desk.close_for_good("2025-05")
    for actor in (ANN, BOB):
        desk.approve("2025-06", f"DN-{actor}", "sales", "dealers/D01", 0, actor=actor)
    return desk


def dates(then: Occurrence, actor: str = ANN) -> tuple[Broken, ...]:
    """What is looked at when a day is booked that begins as `FUTURE`; at last it is `then`."""
    soft_closed = on(6, 30, "DN-9")
    approved_by_oneself = on(6, 30, f"DN-{actor}")
    return (
        Broken(FutureDate, {}, {"occurrence": on(5, 31)}),
        Broken(PeriodClosed, {}, {"occurrence": soft_closed}),
        Broken(PeriodSoftClosed, {}, {"occurrence": approved_by_oneself}),
        Broken(SamePerson, {"made": "approved"}, {"occurrence": then}),
    )
