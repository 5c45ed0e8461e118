"""VAT: a rate, and the fact that it was taken from."""

from decimal import Decimal

from domain.stored import Stored


class VatRate(Stored):
    """0.13 is 13 %. `stream` and `version` name the fact that set it: a price list or a dealer."""

    rate: Decimal
    stream: str
    version: int
