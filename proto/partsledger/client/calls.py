"""What all calls of a client have in common: who calls, how long it waits, when it tries again."""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import uuid4

import grpc

LARGEST_ANSWER: Final = 64 * 1024 * 1024  # A statement may hold thousands of lines.


class Caller(NamedTuple):
    """`token` says who calls. `actor` is who is responsible, where that is somebody else, or where
    the server asks for no tokens. `seconds` is the deadline of a call that has none of its own."""

    token: str = ""
    actor: str = ""
    seconds: float = 60.0

    @property
    def metadata(self) -> list[tuple[str, str | bytes]]:
        said: list[tuple[str, str | bytes]] = []
        if self.token:
            said.append(("authorization", f"Bearer {self.token}"))
        if self.actor:
            said.append(("partsledger-actor-bin", self.actor.encode()))
        return said


class Retries(NamedTuple):
    """How a call is repeated that ends with UNAVAILABLE: so many attempts, with pauses that double
    from the first to the longest. gRPC itself does it, and no more than five."""

    attempts: int = 5
    first_pause: float = 0.2
    longest_pause: float = 5.0

    @property
    def service_config(self) -> str:
        policy = {
            "maxAttempts": self.attempts,
            "initialBackoff": f"{self.first_pause}s",
            "maxBackoff": f"{self.longest_pause}s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
        every_method: list[dict[str, str]] = [{}]
        return json.dumps({"methodConfig": [{"name": every_method, "retryPolicy": policy}]})


def options(retries: Retries | None) -> Sequence[tuple[str, Any]]:
    """Of a channel."""
    found: list[tuple[str, Any]] = [("grpc.max_receive_message_length", LARGEST_ANSWER)]
    if retries is not None:
        found.append(("grpc.service_config", retries.service_config))
    return found


def credentials(
    tls_ca: bytes | None, key: bytes | None, certificate: bytes | None
) -> grpc.ChannelCredentials | None:
    """Of a connection with TLS; None in the clear. All of it is PEM."""
    if tls_ca is None:
        if key or certificate:
            raise ValueError("a client certificate needs tls_ca: who has issued the server's")
        return None
    return grpc.ssl_channel_credentials(tls_ca, key, certificate)


def with_request_ids(request: Any) -> Any:
    """The request with an id, and each request of a batch, where it takes one and has none.

    It is made once, so a call that is repeated is the same request.
    """
    fields = request.DESCRIPTOR.fields_by_name
    if "request_id" in fields and not request.request_id:
        request.request_id = str(uuid4())
    if "requests" in fields:
        for each in request.requests:
            with_request_ids(each)
    return request
