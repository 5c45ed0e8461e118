"""The interceptor of all calls: it decodes requests, converts refusals, and logs each call."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError

from server.api.admission import Admission
from server.api.call_log import code_of, record_answered, record_refused
from server.api.call_metrics import CallMetrics
from server.api.errors import ApiError, abort, to_status
from server.api.event_loop import in_thread
from server.api.reads import NotThereYet
from server.writing.submission import LogUnavailable, QueueFull

MOST_CALLS: Final = 2_000  # Single calls under way; further ones are told when to come back.

Behaviour = Callable[[Any, Any], Any]
Reached = Callable[[NotThereYet], Awaitable[None]]


class ErrorInterceptor(grpc.aio.ServerInterceptor):
    """Admits callers, and turns every exception into a status with an ErrorInfo, so that no
    servicer has to.

    It also decodes the request, because grpc itself calls undecodable bytes an internal error,
    and refuses messages over the limit and unknown methods with a reason. It has to be the last
    interceptor: what stands behind it is asked once a method.

    What a servicer has written as a coroutine runs on the event loop. Everything else may block and
    runs in a thread; where it wants views that are not that far yet, it is begun again once they
    have `reached` it, and meanwhile takes none.
    """

    def __init__(
        self,
        max_message_bytes: int,
        reached: Reached,
        admission: Admission,
        metrics: CallMetrics | None = None,
    ) -> None:
        self._max_message_bytes = max_message_bytes
        self._reached = reached
        self._admission = admission
        self._metrics = metrics or CallMetrics()
        self._handlers: dict[str, Any] = {}  # Of methods that were called before.
        self._single: set[asyncio.Task[Any]] = set()
        self._streams: set[asyncio.Task[Any]] = set()
        self._why_ended: LogUnavailable | None = None

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        method = handler_call_details.method
        found = self._handlers.get(method)
        if found is None:
            handler = await continuation(handler_call_details)
            if handler is None:
                return grpc.stream_stream_rpc_method_handler(_unknown(method))
            found = self._handlers[method] = self._handler(method, handler)
        return found

    def end(self, why: str) -> None:
        """Answers everything that is under way with "unavailable"."""
        self._why_ended = LogUnavailable(why)
        for task in self._single | self._streams:
            task.cancel()

    def _handler(self, method: str, handler: Any) -> Any:
        decode = self._decoder(handler.request_deserializer)
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(method, handler.unary_unary, decode),
                response_serializer=handler.response_serializer,
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(method, handler.unary_stream, decode),
                response_serializer=handler.response_serializer,
            )
        if handler.stream_stream is not None:
            return grpc.stream_stream_rpc_method_handler(
                self._streaming(method, handler.stream_stream, _each(decode)),
                response_serializer=handler.response_serializer,
            )
        return handler

    def _decoder(self, deserialize: Callable[[bytes], Any] | None) -> Callable[[bytes], Any]:
        def decode(raw: bytes) -> Any:
            if len(raw) > self._max_message_bytes:
                raise ApiError(
                    grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
                    f"a request of {len(raw)} bytes; {self._max_message_bytes} are allowed",
                    bytes=len(raw), limit=self._max_message_bytes,
                )  # fmt: skip
            try:
                return raw if deserialize is None else deserialize(raw)
            except DecodeError as error:
                raise ApiError(
                    grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE",
                    f"the request is not a message of this method, or not UTF-8: {error}",
                ) from None  # fmt: skip

        return decode

    def _unary(self, method: str, behaviour: Behaviour, decode: Callable[[Any], Any]) -> Behaviour:
        work = behaviour if inspect.iscoroutinefunction(behaviour) else self._in_thread(behaviour)

        async def call(raw: bytes, context: Any) -> Any:
            started, task = time.monotonic(), asyncio.current_task()
            assert task is not None
            try:
                if len(self._single) >= MOST_CALLS:
                    raise QueueFull(f"{MOST_CALLS} calls are under way already")
                self._single.add(task)
                caller = self._admission.admit(method, context)
                request = decode(raw)
                self._admission.narrow(method, request, caller)
                response = await work(request, context)
            except (Exception, asyncio.CancelledError) as error:
                await self._refuse(method, context, error, started)
                raise
            finally:
                self._single.discard(task)
            self._answered(method, started)
            return response

        return call

    def _in_thread(self, behaviour: Behaviour) -> Behaviour:
        async def work(request: Any, context: Any) -> Any:
            while True:
                try:
                    return await in_thread(behaviour, request, context)
                except NotThereYet as views:
                    await self._reached(views)

        return work

    def _streaming(
        self, method: str, behaviour: Behaviour, decode: Callable[[Any], Any]
    ) -> Behaviour:
        async def call(raw: Any, context: Any) -> None:
            started, task = time.monotonic(), asyncio.current_task()
            assert task is not None
            self._streams.add(task)
            try:
                caller = self._admission.admit(method, context)
                request = decode(raw)
                self._admission.narrow(method, request, caller)
                await send(request, context)
            except (Exception, asyncio.CancelledError) as error:
                await self._refuse(method, context, error, started)
                raise
            finally:
                self._streams.discard(task)
            self._answered(method, started)

        async def send_each(request: Any, context: Any) -> None:
            async for response in behaviour(request, context):
                await context.write(response)

        # Some send by themselves, as that of health does.
        send = behaviour if inspect.iscoroutinefunction(behaviour) else send_each
        return call

    def _answered(self, method: str, started: float) -> None:
        self._metrics.observe(method, "OK", time.monotonic() - started)
        record_answered(method, started)

    async def _refuse(
        self, method: str, context: Any, error: BaseException, started: float
    ) -> None:
        """Logs the refusal, unless the caller has left, and aborts the call, which raises."""
        if isinstance(error, asyncio.CancelledError):
            if self._why_ended is None:
                return  # The caller has left: nobody hears an answer.
            error = self._why_ended
        status = to_status(error)
        self._metrics.observe(method, code_of(status).name, time.monotonic() - started)
        record_refused(method, status, started, error)
        await abort(context, error)


def _each(decode: Callable[[bytes], Any]) -> Callable[[Any], AsyncIterator[Any]]:
    """Decodes one message after another of a stream."""

    async def decoded(raw: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for message in raw:
            yield decode(message)

    return decoded


def _unknown(method: str) -> Behaviour:
    async def call(raw: Any, context: Any) -> AsyncIterator[Any]:
        error = ApiError(
            grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN", f"no method {method}", method=method
        )
        await abort(context, error)
        yield  # pragma: no cover - abort raises; this makes it a stream.

    return call
