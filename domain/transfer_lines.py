"""The lines of a transfer: pieces asked for, pieces under way, and what can go wrong with them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ConfigDict

from domain.layers import MOST_LAYERS, Layers, quantity_of


class DiscrepancyCause(StrEnum):
    SHORT = "short"
    DAMAGED = "damaged"
    WRONG_PART = "wrong_part"


class Resolution(StrEnum):
    WRITE_OFF = "write_off"  # Our loss.
    CARRIER = "carrier"  # The carrier pays.
    FOUND = "found"  # It turned up and went to its destination.
    SENT_BACK = "sent_back"  # It came, may not stay there, and went back to where it was.


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    __pydantic_config__ = ConfigDict(extra="forbid")

    part: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLine:
    """Pieces of a part with the layers they are made of, as they lie in transit."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    part: str
    layers: Layers

    @property
    def quantity(self) -> int:
        return quantity_of(self.layers)


def lines_in_facts(lines: Iterable[MovedLine]) -> Iterator[tuple[MovedLine, ...]]:
    """The lines in their order, with as many layers at a time as fit into a fact."""
    fact: list[MovedLine] = []
    room = MOST_LAYERS
    for line in lines:
        layers = line.layers
        while len(layers) > room:
            if room:
                fact.append(MovedLine(part=line.part, layers=layers[:room]))
            yield tuple(fact)
            layers, fact, room = layers[room:], [], MOST_LAYERS
        fact.append(MovedLine(part=line.part, layers=layers))
        room -= len(layers)
    if fact:
        yield tuple(fact)
