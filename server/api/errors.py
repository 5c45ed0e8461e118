"""Converts exceptions to google.rpc.Status, each with one ErrorInfo.

Only UNAVAILABLE may be retried blindly. DEADLINE_EXCEEDED means the outcome is unknown: repeat the
request under the same `request_id` and the first answer comes back.
"""

from typing import Any, Final, NamedTuple

import grpc
import psycopg2
from eventsourcing.persistence import DatabaseError, InterfaceError, OperationalError
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from domain.changes import KnownOtherwise, VersionExists
from domain.errors import (
    AlreadyExists,
    DomainError,
    EntryUnreadable,
    InvalidValue,
    NotFound,
    RequestIdReused,
    RuleViolation,
    Stale,
)
from projections.engine.errors import (
    EntryStops,
    FollowerStopped,
    RebuildUnderWay,
    ViewsBehind,
    ViewsMissing,
)
from server.access.errors import CalledTooOften, NotAuthenticated, NoToken
from server.postgres.errors import DatabaseRefuses, TookTooLong
from server.writing.submission import (
    BookTakenOver,
    LogRefused,
    LogUnavailable,
    QueueFull,
    RefusedInBatch,
)

DOMAIN: Final = "partsledger"
RETRY_AFTER_SECONDS: Final = 1
LONGEST_TEXT: Final = 160
LONGEST_IN_A_MESSAGE: Final = 2_000  # Of a status that is not sent in headers.


class ApiError(Exception):
    """A refusal by the server, not by the domain."""

    def __init__(self, code: grpc.StatusCode, reason: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.facts = {name: str(value) for name, value in facts.items()}


def require_book(asked: str, served: str) -> None:
    """Refuses all books but the one that is served."""
    if asked != served:
        raise ApiError(
            grpc.StatusCode.NOT_FOUND, "BOOK_UNKNOWN",
            f"no book {asked} here, only {served}", book=asked,
        )  # fmt: skip


class _Told(NamedTuple):
    code: grpc.StatusCode
    reason: str
    facts: dict[str, str]


_DOMAIN_CODES: Final[dict[type[DomainError], grpc.StatusCode]] = {
    InvalidValue: grpc.StatusCode.INVALID_ARGUMENT,
    NotFound: grpc.StatusCode.NOT_FOUND,
    EntryUnreadable: grpc.StatusCode.DATA_LOSS,
    RuleViolation: grpc.StatusCode.FAILED_PRECONDITION,
    AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    KnownOtherwise: grpc.StatusCode.ALREADY_EXISTS,
    RequestIdReused: grpc.StatusCode.ALREADY_EXISTS,
    VersionExists: grpc.StatusCode.ALREADY_EXISTS,
    Stale: grpc.StatusCode.ABORTED,
}

# Other errors: code and reason are those of the first kind that fits. Errors in our SQL are not
# here: trying again does not help.
_OTHER: Final[tuple[tuple[type[BaseException], grpc.StatusCode, str], ...]] = (
    (NoToken, grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING"),
    (NotAuthenticated, grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID"),
    (BookTakenOver, grpc.StatusCode.UNAVAILABLE, "BOOK_TAKEN_OVER"),
    (LogRefused, grpc.StatusCode.UNAVAILABLE, "DATABASE_REFUSES"),
    (DatabaseRefuses, grpc.StatusCode.UNAVAILABLE, "DATABASE_REFUSES"),
    (TookTooLong, grpc.StatusCode.DEADLINE_EXCEEDED, "READ_TOO_SLOW"),
    (LogUnavailable, grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE"),
    (QueueFull, grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL"),
    (CalledTooOften, grpc.StatusCode.RESOURCE_EXHAUSTED, "CALLED_TOO_OFTEN"),
    (ViewsBehind, grpc.StatusCode.UNAVAILABLE, "VIEWS_BEHIND"),
    (ViewsMissing, grpc.StatusCode.UNAVAILABLE, "VIEWS_BEHIND"),
    (RebuildUnderWay, grpc.StatusCode.FAILED_PRECONDITION, "NOT_ALLOWED_IN_STATE"),
    (FollowerStopped, grpc.StatusCode.UNAVAILABLE, "VIEWS_BEHIND"),
    (OperationalError, grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE"),
    (InterfaceError, grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE"),
    (psycopg2.OperationalError, grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE"),
    (psycopg2.InterfaceError, grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE"),
)


def to_status(error: BaseException, longest: int = LONGEST_TEXT) -> status_pb2.Status:
    """The status of an error. One of no known kind is INTERNAL, and tells no details."""
    told = _told(error)
    internal = told.code is grpc.StatusCode.INTERNAL
    message = (
        "a defect in the server; nothing was recorded" if internal else _short(str(error), longest)
    )
    details = [_packed(_error_info(told)), *map(_packed, _extra(error, told))]
    return status_pb2.Status(code=told.code.value[0], message=message, details=details)


async def abort(context: Any, error: BaseException) -> None:
    """Ends a call with the error's status. Raises, as grpc does."""
    await context.abort_with_status(rpc_status.to_status(to_status(error)))


def _told(error: BaseException) -> _Told:
    if isinstance(error, EntryStops):
        return _told(error.unreadable)
    if isinstance(error, RefusedInBatch):
        return _told_in_batch(error)
    if isinstance(error, ApiError):
        return _Told(error.code, error.reason, error.facts)
    if isinstance(error, DomainError):
        code = next(code for kind, code in _DOMAIN_CODES.items() if isinstance(error, kind))
        return _Told(code, error.reason, error.facts)
    for kind, code, reason in _OTHER:
        if isinstance(error, kind):
            return _Told(code, reason, {})
    if type(error) in (DatabaseError, psycopg2.DatabaseError):  # libpq lost the server.
        return _Told(grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE", {})
    return _Told(grpc.StatusCode.INTERNAL, "INTERNAL", {})


def _told_in_batch(error: RefusedInBatch) -> _Told:
    """The same as for the single request, with its index in the batch."""
    told = _told(error.refusal)
    facts = {**told.facts, "index": str(error.index)}
    if "field" in facts:
        facts["field"] = f"requests[{error.index}].{facts['field']}"
    return told._replace(facts=facts)


def _error_info(told: _Told) -> error_details_pb2.ErrorInfo:
    facts = {name: _short(value) for name, value in told.facts.items()}
    return error_details_pb2.ErrorInfo(reason=told.reason, domain=DOMAIN, metadata=facts)


def _extra(error: BaseException, told: _Told) -> list[Message]:
    """The standard detail for the code, if there is one."""
    if isinstance(error, RefusedInBatch):
        return _extra(error.refusal, told)
    if isinstance(error, InvalidValue):
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=told.facts["field"], description=told.facts["rule"], reason=told.reason
        )
        return [error_details_pb2.BadRequest(field_violations=[violation])]
    if told.code is grpc.StatusCode.FAILED_PRECONDITION:
        violation = error_details_pb2.PreconditionFailure.Violation(
            type=told.reason, description=_short(str(error))
        )
        return [error_details_pb2.PreconditionFailure(violations=[violation])]
    if isinstance(error, QueueFull):
        delay = Duration(seconds=RETRY_AFTER_SECONDS)
        return [error_details_pb2.RetryInfo(retry_delay=delay)]
    if isinstance(error, CalledTooOften):
        delay = Duration(nanos=int(error.seconds * 1e9))
        violation = error_details_pb2.QuotaFailure.Violation(
            subject=error.caller, description=str(error)
        )
        return [
            error_details_pb2.RetryInfo(retry_delay=delay),
            error_details_pb2.QuotaFailure(violations=[violation]),
        ]
    return []


def _short(text: str, longest: int = LONGEST_TEXT) -> str:
    """Statuses are sent in headers of at most 8 KiB, where a Chinese character takes 9 bytes."""
    return text if len(text) <= longest else text[:longest] + "…"


def _packed(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
