"""The states of a return: what may be done in each, and which one each fact leaves."""

from enum import StrEnum
from typing import Final

from domain.document import States


class ReturnState(StrEnum):
    REQUESTED = "requested"
    SHIPPED = "shipped"
    RECEIVED = "received"
    INSPECTED = "inspected"
    DISPOSED = "disposed"


_S: Final = ReturnState
ALLOWED: Final[States] = {
    "ship": {_S.REQUESTED},
    "receive": {_S.SHIPPED},
    "inspect": {_S.RECEIVED},
    "dispose": {_S.INSPECTED},
    "mark overdue": {_S.REQUESTED, _S.SHIPPED},
}
LEAVES: Final[States] = {
    "Requested": {_S.REQUESTED},
    "Shipped": {_S.SHIPPED},
    "Overdue": {_S.REQUESTED, _S.SHIPPED},
    "Received": {_S.RECEIVED},
    "Inspected": {_S.INSPECTED},
    "Disposed": {_S.DISPOSED},
}
