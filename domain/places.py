"""Where parts can be, and which account carries what lies there.

Real places have a code: a warehouse or custody room as registered, a dealer's consignment stock
as `consignment.<dealer>`. Virtual places start with "@", which no code may.
"""

from typing import Final

SUPPLIER: Final = "@supplier"
IN_TRANSIT: Final = "@in-transit"
DISCREPANCY: Final = "@discrepancy"
SOLD: Final = "@sold"
MACHINE: Final = "@machine"
SCRAP: Final = "@scrap"

_CONSIGNMENT: Final = "consignment."


def consignee(place: str) -> str | None:
    """The dealer at whom a consignment place lies; None for every other place."""
    return place[len(_CONSIGNMENT) :] if place.startswith(_CONSIGNMENT) else None


def consignment(dealer: str) -> str:
    """The place of what is in consignment at a dealer."""
    return f"{_CONSIGNMENT}{dealer}"
