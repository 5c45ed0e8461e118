"""The states of a settlement: what may be done in each, and which one each fact leaves."""

from enum import StrEnum
from typing import Final

from domain.document import States


class SettlementState(StrEnum):
    ISSUED = "issued"
    REVIEWED = "reviewed"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    INVOICED = "invoiced"
    CLOSED = "closed"


_S: Final = SettlementState
ALLOWED: Final[States] = {
    "review": {_S.ISSUED},
    "dispute": {_S.REVIEWED, _S.DISPUTED},
    "resolve a dispute": {_S.DISPUTED},
    "confirm": {_S.REVIEWED, _S.DISPUTED},
    "invoice": {_S.CONFIRMED},
    "close": {_S.INVOICED},
}
LEAVES: Final[States] = {
    "Issued": {_S.ISSUED},
    "Reviewed": {_S.REVIEWED},
    "Disputed": {_S.DISPUTED},
    "DisputeResolved": {_S.DISPUTED},
    "Confirmed": {_S.CONFIRMED},
    "Invoiced": {_S.INVOICED},
    "Closed": {_S.CLOSED},
}
