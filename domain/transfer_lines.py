"""The lines of a transfer: pieces asked for, pieces under way, and what can go wrong with them."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from domain.layers import MOST_LAYERS, Layers, quantity_of
from domain.stored import Stored


class DiscrepancyCause(StrEnum):
    SHORT = "short"
    DAMAGED = "damaged"
    WRONG_PART = "wrong_part"


class Resolution(StrEnum):
    WRITE_OFF = "write_off"  # Our loss.
    CARRIER = "carrier"  # The carrier pays.
    FOUND = "found"  # It turned up and went to its destination.
    SENT_BACK = "sent_back"  # It came, may not stay there, and went back to where it was.


class TransferLine(Stored):
    part: str
    quantity: int


class MovedLine(Stored):
    """Pieces of a part with the layers they are made of, as they lie in transit."""

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
