"""The log of calls: a line for each that is refused, and a warning where it is beyond one's rights.

Who operates the server sees by it what was tried: by whom, what, and why not. Tokens and what a
request says are in none of it, but for the values that a message names.
"""

import logging
import time
from typing import Final

import grpc
from google.rpc.status_pb2 import Status

from server.api.callers import known_caller
from server.api.errors import to_status

_BEYOND_RIGHTS: Final = (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED)

# Logs nothing until a handler is added, as `serve` does (server/cli/logs.py).
_log = logging.getLogger("partsledger.call")
_log.addHandler(logging.NullHandler())


def record_answered(method: str, began: float) -> None:
    """Of a call that began at this time of `time.monotonic`."""
    _log.debug("call", extra={"method": method, "code": "OK", "ms": _since(began)})


def record_refused(method: str, status: Status, began: float, error: BaseException) -> None:
    code = code_of(status)
    told = {"method": method, "code": code.name, "ms": _since(began), "why": status.message}
    if code in _BEYOND_RIGHTS:
        _log.warning("call", extra={**told, "caller": known_caller()})
    else:
        _log.info("call", extra=told)
    if code is grpc.StatusCode.INTERNAL:
        _log.error("defect", extra={"method": method}, exc_info=error)


def record_command_refused(command: str, error: Exception) -> None:
    """Of a command of a stream: of its thousands, only attempts beyond one's rights count."""
    status = to_status(error)
    if code_of(status) in _BEYOND_RIGHTS:
        told = {"method": command, "code": code_of(status).name, "why": status.message}
        _log.warning("command", extra={**told, "caller": known_caller()})


def code_of(status: Status) -> grpc.StatusCode:
    return next(code for code in grpc.StatusCode if code.value[0] == status.code)


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
