"""The interceptor of all calls: it decodes requests, converts refusals, and logs each call."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from server.api.errors import ApiError, to_status
from server.api.errors import abort as abort_with

# Logs nothing until a handler is added, as `serve` does (server/cli/logs.py).
_log = logging.getLogger("partsledger.call")
_log.addHandler(logging.NullHandler())

Behaviour = Callable[[Any, grpc.ServicerContext], Any]


class ErrorInterceptor(grpc.ServerInterceptor):
    """Turns every exception into a status with an ErrorInfo, so that no servicer has to.

    It also decodes the request, because grpc itself calls undecodable bytes an internal error,
    and refuses messages over the limit and unknown methods with a reason. It has to be the last
    interceptor: what stands behind it is asked once a method.
    """

    def __init__(self, max_message_bytes: int) -> None:
        self._max_message_bytes = max_message_bytes
        self._handlers: dict[str, Any] = {}  # Of methods that were called before.

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        method = handler_call_details.method
        found = self._handlers.get(method)
        if found is None:
            handler = continuation(handler_call_details)
            if handler is None:
                return grpc.stream_stream_rpc_method_handler(_unknown(method))
            found = self._handlers[method] = self._handler(method, handler)
        return found

    def _handler(self, method: str, handler: Any) -> Any:
        decode = self._decoder(handler.request_deserializer)
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                _unary(method, handler.unary_unary, decode),
                response_serializer=handler.response_serializer,
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                _streaming(method, handler.unary_stream, decode),
                response_serializer=handler.response_serializer,
            )
        if handler.stream_stream is not None:
            return grpc.stream_stream_rpc_method_handler(
                _streaming(method, handler.stream_stream, lambda raw: map(decode, raw)),
                response_serializer=handler.response_serializer,
            )
        return handler

    def _decoder(self, deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        def decode(raw: bytes) -> Any:
            if len(raw) > self._max_message_bytes:
                raise ApiError(
                    grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
                    f"a request of {len(raw)} bytes; {self._max_message_bytes} are allowed",
                    bytes=len(raw), limit=self._max_message_bytes,
                )  # fmt: skip
            try:
                return deserialize(raw)
            except DecodeError as error:
                raise ApiError(
                    grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE",
                    f"the request is not a message of this method, or not UTF-8: {error}",
                ) from None  # fmt: skip

        return decode


def _unary(method: str, behaviour: Behaviour, decode: Callable[[Any], Any]) -> Behaviour:
    def call(raw: bytes, context: grpc.ServicerContext) -> Any:
        started = time.monotonic()
        try:
            response = behaviour(decode(raw), context)
        except Exception as error:
            _refuse(method, context, error, started)
            raise
        _record(method, "OK", started)
        return response

    return call


def _streaming(method: str, behaviour: Behaviour, decode: Callable[[Any], Any]) -> Behaviour:
    def call(raw: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        started = time.monotonic()
        try:
            yield from behaviour(decode(raw), context)
        except Exception as error:
            _refuse(method, context, error, started)
            raise
        _record(method, "OK", started)

    return call


def _refuse(method: str, context: grpc.ServicerContext, error: Exception, started: float) -> None:
    """Logs the refusal, unless the caller has left, and aborts the call, which raises."""
    if context.is_active():
        status = to_status(error)
        code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
        _record(method, code.name, started, why=status.message)
        if code is grpc.StatusCode.INTERNAL:
            _log.error("defect", extra={"method": method}, exc_info=error)
    abort_with(context, error)


def _record(method: str, code: str, started: float, **more: str) -> None:
    milliseconds = round((time.monotonic() - started) * 1000, 1)
    level = logging.DEBUG if code == "OK" else logging.INFO
    _log.log(level, "call", extra={"method": method, "code": code, "ms": milliseconds, **more})


def _unknown(method: str) -> Behaviour:
    def call(raw: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        error = ApiError(
            grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN", f"no method {method}", method=method
        )
        abort_with(context, error)
        yield  # pragma: no cover - abort raises; this makes it a stream.

    return call
