"""The steps of a document in time: what has to be decided before what."""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from google.protobuf.message import Message


class Rank(IntEnum):
    """The order within a day: what comes in before what goes out, and the books last."""

    PURCHASE = 1
    ARRIVAL = 2  # Of transfers and returns, with their discrepancies and inspections.
    TRANSFER = 3
    SALE = 4
    CLAIM = 5
    RETURN = 6
    PAYMENT = 7
    SETTLEMENT = 8
    PERIOD = 9


class Disputed(NamedTuple):
    """A line of a statement, by its document: the first line that has it, the second, …"""

    document: str
    place: int = 1


NOT_DISPUTED: Final = Disputed("", 0)


class Step(NamedTuple):
    """One command of a document; `name` tells it from the others of the same document.

    `disputed` is the statement's line that the command is about, where it has to be looked up in
    the statement as issued. `holds_from` is of base data only.
    """

    on: date
    rank: int
    name: str
    actor: str | None
    request: Message
    line: int = 0
    disputed: Disputed = NOT_DISPUTED
    holds_from: date | None = None


def register(request: Message, holds_from: date | None = None) -> Step:
    """The step of base data, which comes before everything else: in a file first what holds from
    the beginning, then what holds from a day on, in the order of days."""
    return Step(date.min, 0, "register", None, request, holds_from=holds_from or date.min)


def in_sequence(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps of one document, none ordered before the one before it."""
    latest = (date.min, 0)
    for step in steps:
        latest = max(latest, (step.on, step.rank))
        yield step._replace(on=latest[0], rank=latest[1])
