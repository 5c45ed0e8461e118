"""The lines of a transfer: pieces asked for, pieces under way, and what can go wrong with them."""

from enum import StrEnum

from domain.layers import Layers, quantity_of
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
