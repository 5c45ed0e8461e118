"""Every refusal of the domain, and the gRPC status that each becomes.

DomainError
├── InvalidValue      the command makes no sense            INVALID_ARGUMENT
├── NotFound          the thing does not exist              NOT_FOUND
├── RuleViolation     the rules forbid it now               FAILED_PRECONDITION
├── EntryUnreadable   what is recorded cannot be read       DATA_LOSS
└── Conflict          something already stands in its way
    ├── AlreadyExists     the number is taken               ALREADY_EXISTS
    ├── KnownOtherwise    and what is known of it differs   ALREADY_EXISTS (domain/changes.py)
    ├── RequestIdReused   the request was another one       ALREADY_EXISTS
    ├── VersionExists     the day has another version       ALREADY_EXISTS (domain/changes.py)
    └── Stale             the thing has changed meanwhile   ABORTED
"""

from typing import ClassVar


class DomainError(Exception):
    """A command was refused. `reason` and `facts` are stable API; the message is for people."""

    reason: ClassVar[str]

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = {name: str(value) for name, value in facts.items()}


class InvalidValue(DomainError):
    """Names the field, the value and the rule it broke."""

    reason = "INVALID_VALUE"

    def __init__(self, field: str, value: object, rule: str) -> None:
        super().__init__(f"{field}: {value!r}: {rule}", field=field, value=value, rule=rule)


class NotFound(DomainError):
    reason = "NOT_FOUND"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"no {kind} {key}", kind=kind, key=key)


class EntryUnreadable(DomainError):
    """An entry of the log is no fact of its kind, or of a kind that this version does not know."""

    reason = "ENTRY_UNREADABLE"

    def __init__(self, stream: str, version: int, topic: str, why: str, position: int = 0) -> None:
        entry = f"entry {position}" if position else "an entry"
        super().__init__(
            f"{entry} cannot be read: {topic}, version {version} of {stream}: {why}",
            position=position, stream=stream, version=version, topic=topic, why=why,
        )  # fmt: skip

    def at(self, position: int) -> "EntryUnreadable":
        """The same, where it is known at which position of the log it stands."""
        told = self.facts
        return EntryUnreadable(
            told["stream"], int(told["version"]), told["topic"], told["why"], position
        )


class Conflict(DomainError):
    pass


class AlreadyExists(Conflict):
    reason = "ALREADY_EXISTS"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key} already exists", kind=kind, key=key)


class RequestIdReused(Conflict):
    """`differences` is what the other request said, as far as that is known."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self, request_id: str, differences: str = "") -> None:
        said = f": {differences}" if differences else ""
        super().__init__(
            f"request id {request_id} was used for another request{said}; a new one needs a new id",
            request_id=request_id,
        )


class Stale(Conflict):
    reason = "ETAG_MISMATCH"

    def __init__(self, key: str, etag: str, current: str) -> None:
        super().__init__(f"{key} is at {current}, not {etag}", key=key, etag=etag, current=current)


class RuleViolation(DomainError):
    pass


class NotAllowedInState(RuleViolation):
    """The document is not in a state in which this can be done."""

    reason = "NOT_ALLOWED_IN_STATE"

    def __init__(self, kind: str, key: str, state: str, action: str) -> None:
        super().__init__(
            f"{kind} {key} is {state}: cannot {action}",
            kind=kind, key=key, state=state, action=action,
        )  # fmt: skip


class SamePerson(RuleViolation):
    """Two people are needed: what one person made, another one has to check."""

    reason = "SAME_PERSON"

    def __init__(self, actor: str, made: str, action: str) -> None:
        super().__init__(
            f"{actor} {made} it, so someone else has to {action} it",
            actor=actor, made=made, action=action,
        )  # fmt: skip


class FutureDate(RuleViolation):
    reason = "FUTURE_DATE"


class PeriodClosed(RuleViolation):
    reason = "PERIOD_CLOSED"


class PeriodSoftClosed(RuleViolation):
    reason = "PERIOD_SOFT_CLOSED"


class NotAsApproved(RuleViolation):
    reason = "NOT_AS_APPROVED"


class ProofFailed(RuleViolation):
    reason = "PROOF_FAILED"


class PeriodOutOfOrder(RuleViolation):
    reason = "PERIOD_OUT_OF_ORDER"


class InsufficientStock(RuleViolation):
    reason = "INSUFFICIENT_STOCK"


class BeforeArrival(RuleViolation):
    """Pieces cannot leave a place before the day they came there."""

    reason = "BEFORE_ARRIVAL"


class OutOfSequence(RuleViolation):
    """A step of a document may not count on a day before the step it follows."""

    reason = "OUT_OF_SEQUENCE"


class RestrictedPart(RuleViolation):
    reason = "RESTRICTED_PART"


class PartNotServiceable(RuleViolation):
    reason = "PART_NOT_SERVICEABLE"


class PlaceNotAllowed(RuleViolation):
    reason = "PLACE_NOT_ALLOWED"


class NoPrice(RuleViolation):
    reason = "NO_PRICE"


class NoVatRate(RuleViolation):
    reason = "NO_VAT_RATE"


class NoExchangeRate(RuleViolation):
    """Nothing says what another currency was worth in the book's on that day."""

    reason = "NO_EXCHANGE_RATE"


class WrongCurrency(RuleViolation):
    reason = "WRONG_CURRENCY"


class OverDispatch(RuleViolation):
    reason = "DISPATCH_ABOVE_REQUESTED"


class OverReceipt(RuleViolation):
    reason = "RECEIPT_ABOVE_DISPATCHED"


class OpenDiscrepancy(RuleViolation):
    reason = "OPEN_DISCREPANCY"


class NoPolicy(RuleViolation):
    reason = "NO_WARRANTY_POLICY"


class OutOfWarranty(RuleViolation):
    reason = "OUT_OF_WARRANTY"


class LateSubmission(RuleViolation):
    reason = "SUBMITTED_TOO_LATE"


class ForeignMachine(RuleViolation):
    reason = "FOREIGN_MACHINE"


class UserMissing(RuleViolation):
    reason = "USER_MISSING"


class CauseNotCovered(RuleViolation):
    reason = "CAUSE_NOT_COVERED"


class DocumentsDisagree(RuleViolation):
    reason = "DOCUMENTS_DISAGREE"


class DuplicateClaim(RuleViolation):
    reason = "DUPLICATE_CLAIM"


class OverApproval(RuleViolation):
    reason = "APPROVED_ABOVE_CLAIMED"


class OverPrice(RuleViolation):
    """More than the policy pays for the parts: their settlement price, and handling on top."""

    reason = "APPROVED_ABOVE_PRICE"


class DisposalNotAllowed(RuleViolation):
    reason = "DISPOSAL_NOT_ALLOWED"


class ChargebackWindowOver(RuleViolation):
    reason = "CHARGEBACK_WINDOW_OVER"


class OverReturn(RuleViolation):
    reason = "RETURN_ABOVE_REPLACED"


class NotOverdueYet(RuleViolation):
    reason = "NOT_OVERDUE_YET"


class OverAllocation(RuleViolation):
    reason = "ALLOCATION_ABOVE_OPEN"


class OverPayout(RuleViolation):
    """No more is paid out than a dealer is owed."""

    reason = "PAYOUT_ABOVE_CREDIT"


class NotACredit(RuleViolation):
    reason = "NOT_A_CREDIT"


class StatementTooEarly(RuleViolation):
    reason = "STATEMENT_TOO_EARLY"


class StatementOutOfOrder(RuleViolation):
    reason = "STATEMENT_OUT_OF_ORDER"


class ContentHashMismatch(RuleViolation):
    reason = "CONTENT_HASH_MISMATCH"


class OverMemo(RuleViolation):
    """Memos correct a line of a statement by no more than it is."""

    reason = "MEMO_ABOVE_LINE"


class OpenDispute(RuleViolation):
    reason = "OPEN_DISPUTE"
