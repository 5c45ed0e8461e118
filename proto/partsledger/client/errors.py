"""Refusals as exceptions: a class for each status, with the reason and its values.

    Refused
    ├── InvalidArgument     a field makes no sense: `fields` says which, and the rule
    ├── NotFound            there is no such thing, or it is not the caller's
    ├── AlreadyExists       the number, or the request id, is taken
    ├── FailedPrecondition  a rule of the trade does not allow it now
    ├── Aborted             it has changed since it was read: the etag is an old one
    ├── Unauthenticated, PermissionDenied
    ├── ResourceExhausted   too much at once: `retry_after` says when to come back
    ├── Unavailable         not now; the same request may be sent again
    ├── DeadlineExceeded    nobody knows whether it was recorded: send it again under its request_id
    └── Unimplemented, DataLoss, Internal

`reason` is a value of `partsledger.v1.ErrorReason`; what each means: docs/errors.md.
"""

from collections.abc import Mapping
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

_STATUS: Final = "grpc-status-details-bin"


class Refused(Exception):  # noqa: N818 - Named after what happened.
    """A call that was refused. `metadata` has the values that the message is made of."""

    def __init__(self, code: grpc.StatusCode, message: str, status: status_pb2.Status) -> None:
        super().__init__(message)
        self.code = code
        self.reason = ""
        self.metadata: Mapping[str, str] = {}
        self.fields: Mapping[str, str] = {}  # What is wrong with each, by its name.
        self.retry_after: float | None = None  # Seconds.
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        for detail in status.details:
            if detail.Unpack(info):
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif detail.Unpack(bad):
                self.fields = {each.field: each.description for each in bad.field_violations}
            elif detail.Unpack(retry):
                self.retry_after = retry.retry_delay.ToTimedelta().total_seconds()


class InvalidArgument(Refused): ...


class NotFound(Refused): ...


class AlreadyExists(Refused): ...


class FailedPrecondition(Refused): ...


class Aborted(Refused): ...


class Unauthenticated(Refused): ...


class PermissionDenied(Refused): ...


class ResourceExhausted(Refused): ...


class Unavailable(Refused): ...


class DeadlineExceeded(Refused): ...


class Unimplemented(Refused): ...


class DataLoss(Refused): ...


class Internal(Refused): ...


_KINDS: Final[Mapping[grpc.StatusCode, type[Refused]]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.ABORTED: Aborted,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhausted,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.UNIMPLEMENTED: Unimplemented,
    grpc.StatusCode.DATA_LOSS: DataLoss,
    grpc.StatusCode.INTERNAL: Internal,
}


def refusal(error: Any) -> Refused:
    """The exception for an error of gRPC's, from its status."""
    code = error.code()
    kind = _KINDS.get(code, Refused)
    return kind(code, error.details() or "", _status(error.trailing_metadata()))


def _status(trailing: Any) -> status_pb2.Status:
    """What the server has said in full; empty where the call did not get so far."""
    for key, value in trailing or ():
        if key == _STATUS:
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break
    return status_pb2.Status()
