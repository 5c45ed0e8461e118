"""The states of a transfer: what may be done in each, and which one each fact leaves."""

from enum import StrEnum
from typing import Final

from domain.document import States


class TransferState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    IN_TRANSIT = "in_transit"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    DISCREPANT = "discrepant"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


_S: Final = TransferState
ALLOWED: Final[States] = {
    "approve": {_S.REQUESTED},
    "reject": {_S.REQUESTED},
    "cancel": {_S.REQUESTED, _S.APPROVED},
    "dispatch": {_S.APPROVED},
    "receive": {_S.IN_TRANSIT, _S.PARTLY_RECEIVED},
    "record a discrepancy": {_S.IN_TRANSIT, _S.PARTLY_RECEIVED},
    "resolve a discrepancy": {_S.IN_TRANSIT, _S.PARTLY_RECEIVED, _S.DISCREPANT},
    "close": {_S.RECEIVED, _S.DISCREPANT},
}
# Whether all has arrived, and as it was sent, only the transfer itself knows.
_SOME_ARRIVED: Final = {_S.PARTLY_RECEIVED, _S.RECEIVED, _S.DISCREPANT}
LEAVES: Final[States] = {
    "Requested": {_S.REQUESTED},
    "Approved": {_S.APPROVED},
    "Rejected": {_S.REJECTED},
    "Cancelled": {_S.CANCELLED},
    "Dispatched": {_S.IN_TRANSIT},
    "Received": _SOME_ARRIVED,
    "DiscrepancyRecorded": _SOME_ARRIVED,
    "DiscrepancyResolved": _SOME_ARRIVED,
    "Closed": {_S.CLOSED},
}
