"""The lines of a transfer: pieces asked for, pieces under way, and what can go wrong with them."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.layers import Layers, quantity_of


class DiscrepancyCause(StrEnum):
    SHORT = "short"
    DAMAGED = "damaged"
    WRONG_PART = "wrong_part"


class Resolution(StrEnum):
    WRITE_OFF = "write_off"  # Our loss.
    CARRIER = "carrier"  # The carrier pays.
    FOUND = "found"  # It turned up and went to its destination.


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TransferLine(_Line):
    part: str
    quantity: int


class MovedLine(_Line):
    """Pieces of a part with the layers they are made of, as they lie in transit."""

    part: str
    layers: Layers

    @property
    def quantity(self) -> int:
        return quantity_of(self.layers)
