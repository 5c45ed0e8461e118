"""VAT: a rate, and the fact that it was taken from."""

from dataclasses import dataclass
from decimal import Decimal

from pydantic import ConfigDict


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRate:
    """0.13 is 13 %. `stream` and `version` name the fact that set it: a price list or a dealer."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    rate: Decimal
    stream: str
    version: int
