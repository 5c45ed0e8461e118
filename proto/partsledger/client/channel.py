"""Channels for the generated stubs, for programs without asyncio."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from partsledger.client import calls
from partsledger.client.calls import Caller, Retries
from partsledger.client.errors import refusal


@contextmanager
def connect(
    server: str,
    caller: Caller = Caller(),  # noqa: B008 - It cannot change.
    *,
    tls_ca: bytes | None = None,
    key: bytes | None = None,
    certificate: bytes | None = None,
    retries: Retries | None = Retries(),  # noqa: B008
) -> Iterator[grpc.Channel]:
    """A channel to a server, host:port. Calls on it raise `Refused`, and no RpcError.

    With `tls_ca` it speaks TLS, and proves itself with `key` and `certificate` where it has them.
    """
    protected = calls.credentials(tls_ca, key, certificate)
    options = calls.options(retries)
    if protected is None:
        channel = grpc.insecure_channel(server, options)
    else:
        channel = grpc.secure_channel(server, protected, options)
    with channel:
        yield grpc.intercept_channel(channel, _Prepared(caller))


class _Details(grpc.ClientCallDetails):
    """Those of a call, with what the caller says of itself."""

    def __init__(self, of: Any, caller: Caller, timeout: float | None) -> None:
        self.method = of.method
        self.timeout = timeout
        self.metadata = (*(of.metadata or ()), *caller.metadata)
        self.credentials = of.credentials
        self.wait_for_ready = of.wait_for_ready
        self.compression = of.compression


class _Prepared(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Fills in what a call leaves out, and raises refusals. A stream has no deadline of its own."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        timeout = client_call_details.timeout or self._caller.seconds
        details = _Details(client_call_details, self._caller, timeout)
        call = continuation(details, calls.with_request_ids(request))
        try:
            call.result()
        except grpc.RpcError as error:
            raise refusal(error) from None
        return call

    def intercept_unary_stream(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        return _Answers(continuation(self._details(client_call_details), request))

    def intercept_stream_stream(
        self,
        continuation: Callable[[Any, Any], Any],
        client_call_details: Any,
        request_iterator: Any,
    ) -> Any:
        return _Answers(continuation(self._details(client_call_details), request_iterator))

    def _details(self, of: Any) -> _Details:
        return _Details(of, self._caller, of.timeout)


class _Answers:
    """The answers of a stream; it is the call besides, to be cancelled."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._call)
        except grpc.RpcError as error:
            raise refusal(error) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)
