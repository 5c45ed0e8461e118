"""The states of a warranty claim: what may be done in each, and which one each fact leaves."""

from enum import StrEnum
from typing import Final

from domain.document import States


class ClaimState(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    AWAITING_PARTS = "awaiting_parts"
    REJECTED = "rejected"
    CREDITED = "credited"
    SETTLED = "settled"
    CHARGED_BACK = "charged_back"


_S: Final = ClaimState
# What inspection refused may come again, also after the rest of the claim was credited or, where
# nothing was left of it, rejected. The state does not change until the piece is confirmed.
_RETURNING: Final = frozenset({_S.AWAITING_PARTS, _S.REJECTED, _S.CREDITED, _S.SETTLED})
ALLOWED: Final[States] = {
    "adjudicate": {_S.SUBMITTED},
    "mark overdue": {_S.AWAITING_PARTS},
    "request a return": _RETURNING,
    "inspect a return": _RETURNING | {_S.CHARGED_BACK},
    "credit": _RETURNING | {_S.APPROVED, _S.PARTLY_APPROVED},
    "deny the credit": {_S.AWAITING_PARTS, _S.REJECTED},
    "settle": {_S.CREDITED},
    "charge back": {_S.CREDITED, _S.SETTLED},
}
LEAVES: Final[States] = {
    "Submitted": {_S.SUBMITTED},
    "Approved": {_S.APPROVED, _S.AWAITING_PARTS},
    "PartlyApproved": {_S.PARTLY_APPROVED, _S.AWAITING_PARTS},
    "Rejected": {_S.REJECTED},
    "ReturnOverdue": {_S.AWAITING_PARTS},
    "ReturnRequested": _RETURNING,
    "ReturnInspected": _RETURNING,
    "CreditDenied": {_S.REJECTED},
    "Credited": {_S.CREDITED},
    "Settled": {_S.SETTLED},
    "ChargedBack": {_S.CHARGED_BACK},
}

# Decided in the end: a claim is pending, and on the statement for information, until it is one.
ENDED: Final = frozenset({_S.REJECTED, _S.CREDITED})
