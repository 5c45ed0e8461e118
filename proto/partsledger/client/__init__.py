"""A client of the ledger for Python: channels that retry, and refusals as exceptions.

    from partsledger.client import NotFound, connect
    from partsledger.v1.part_service_pb2 import GetPartRequest
    from partsledger.v1.part_service_pb2_grpc import PartServiceStub

    with connect("127.0.0.1:50151") as channel:
        parts = PartServiceStub(channel)
        try:
            part = parts.GetPart(GetPartRequest(name="books/main/parts/P-1")).part
        except NotFound as refused:
            print(refused.reason, refused.metadata)

`partsledger.client.aio` has the same for asyncio. Both give channels for the generated stubs, so
every method is there with its types. A call without a deadline has one of 60 seconds, a request
without a `request_id` gets a new one, and a call that ends with UNAVAILABLE is made again, up to
five times in all: under the same `request_id` nothing is recorded twice.
"""

from partsledger.client.calls import Caller, Retries
from partsledger.client.channel import connect
from partsledger.client.errors import (
    Aborted,
    AlreadyExists,
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Refused,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
)

__all__ = [
    "Aborted", "AlreadyExists", "Caller", "DataLoss", "DeadlineExceeded", "FailedPrecondition",
    "Internal", "InvalidArgument", "NotFound", "PermissionDenied", "Refused", "ResourceExhausted",
    "Retries", "Unauthenticated", "Unavailable", "Unimplemented", "connect",
]  # fmt: skip
