"""Channels for the generated stubs, for programs with asyncio."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc

from partsledger.client import calls
from partsledger.client.calls import Caller, Retries
from partsledger.client.errors import refusal


@asynccontextmanager
async def connect(
    server: str,
    caller: Caller = Caller(),  # noqa: B008 - It cannot change.
    *,
    tls_ca: bytes | None = None,
    key: bytes | None = None,
    certificate: bytes | None = None,
    retries: Retries | None = Retries(),  # noqa: B008
) -> AsyncIterator[grpc.aio.Channel]:
    """The same as `partsledger.client.connect`: unary calls raise `Refused`.

    A stream raises gRPC's AioRpcError; `partsledger.client.errors.refusal` makes a Refused of it.
    """
    protected = calls.credentials(tls_ca, key, certificate)
    interceptors = [_Single(caller), _Streaming(caller)]
    options = calls.options(retries)
    if protected is None:
        channel = grpc.aio.insecure_channel(server, options, interceptors=interceptors)
    else:
        channel = grpc.aio.secure_channel(server, protected, options, interceptors=interceptors)
    async with channel:
        yield channel


def _details(of: Any, caller: Caller, timeout: float | None) -> grpc.aio.ClientCallDetails:
    metadata = grpc.aio.Metadata(*(of.metadata or ()), *caller.metadata)
    return grpc.aio.ClientCallDetails(
        of.method, timeout, metadata, of.credentials, of.wait_for_ready
    )


class _Single(grpc.aio.UnaryUnaryClientInterceptor):
    """Fills in what a call leaves out, and raises refusals."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def intercept_unary_unary(
        self,
        continuation: Callable[[Any, Any], Awaitable[Any]],
        client_call_details: Any,
        request: Any,
    ) -> Any:
        timeout = client_call_details.timeout or self._caller.seconds
        details = _details(client_call_details, self._caller, timeout)
        call = await continuation(details, calls.with_request_ids(request))
        try:
            await call
        except grpc.aio.AioRpcError as error:
            raise refusal(error) from None
        return call


class _Streaming(grpc.aio.UnaryStreamClientInterceptor, grpc.aio.StreamStreamClientInterceptor):
    """Says who calls."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def intercept_unary_stream(
        self,
        continuation: Callable[[Any, Any], Awaitable[Any]],
        client_call_details: Any,
        request: Any,
    ) -> Any:
        details = _details(client_call_details, self._caller, client_call_details.timeout)
        return await continuation(details, request)

    async def intercept_stream_stream(
        self,
        continuation: Callable[[Any, Any], Awaitable[Any]],
        client_call_details: Any,
        request_iterator: Any,
    ) -> Any:
        details = _details(client_call_details, self._caller, client_call_details.timeout)
        return await continuation(details, request_iterator)
