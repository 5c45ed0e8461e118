"""How a command ends when it cannot do what it was asked: one line, a hint, an exit code.

  0  done
  1  done, but something is wrong: a line was refused, a view differed, something was not found
  2  not done: wrong usage or settings, or no server that answers
130  stopped by Ctrl-C: what was answered until then is recorded
"""

from collections.abc import Mapping
from typing import Final

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

NO: Final = 1
NOT_DONE: Final = 2
INTERRUPTED: Final = 130

_HINTS: Final = {
    "CALLED_TOO_OFTEN": "repeat the command in a moment",
    "CLOCK_NOT_TRUSTED": "put the server's clock right; if it is right, and the ledger has rested,"
    " start the server with --accept-clock and today's date",
    "ACTOR_NOT_ALLOWED": "leave --as out, or have a token that speaks for that person",
    "BOOK_UNKNOWN": "name the book with --book, or start a server for it: partsledger serve --book",
    "DATABASE_REFUSES": "a right on the database was taken away, or a table dropped: the server's"
    " next start names each grant that is missing; repeat the command afterwards",
    "ENTRY_UNREADABLE": "a later version of partsledger may have written it: start that; if none"
    " has, `partsledger verify` says whether the log was altered",
    "INTERNAL": "that is a defect: please report it, with the server's log",
    "LOG_DAMAGED": "`partsledger status` and `partsledger verify` say what is wrong; restore the"
    " log from a backup and start the server again; reads go on meanwhile",
    "LOG_UNAVAILABLE": "the server does not reach its database; repeat the command when it does",
    "OUTCOME_UNKNOWN": "repeat the command: nothing is recorded twice",
    "QUEUE_FULL": "the server is busy; repeat the command in a moment",
    "TOKEN_INVALID": "get a new token, and name its file with --token-file",
    "TOKEN_MISSING": "name the file of your token with --token-file or PARTSLEDGER_TOKEN_FILE",
    "VIEWS_BEHIND": "the views are catching up; `partsledger status` says how far they have got",
}
_NOT_DONE: Final = frozenset(
    {"ACTOR_NOT_ALLOWED", "BOOK_UNKNOWN", "CALLED_TOO_OFTEN", "CLOCK_NOT_TRUSTED",
     "DATABASE_REFUSES", "ENTRY_UNREADABLE", "INVALID_VALUE", "LOG_DAMAGED",
     "LOG_UNAVAILABLE", "OUTCOME_UNKNOWN", "QUEUE_FULL", "READ_TOO_SLOW",
     "ROLE_MISSING",
     "TOKEN_INVALID", "TOKEN_MISSING", "VIEWS_BEHIND"}
)  # fmt: skip


class Failure(Exception):  # noqa: N818 - It is printed for people, who know no other kind.
    """Why a command ends early, what may help, and the facts of it, for those who want them."""

    def __init__(self, message: str, hint: str = "", exit_code: int = NOT_DONE) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code
        self.facts: Mapping[str, str] = {}


def failure_of(error: grpc.RpcError, server: str) -> Failure:
    """What a failed call means to the person who made it."""
    assert isinstance(error, grpc.Call)
    status = rpc_status.from_call(error)
    info = status and error_info(status)
    if status and info:
        return failure_for(info.reason, status.message)
    code, details = error.code(), error.details() or "no details"
    if code is grpc.StatusCode.UNAVAILABLE:
        return Failure(
            f"no server answers at {server}",
            "start one with `partsledger serve`, or name it with --server HOST:PORT; if it has TLS,"
            " name its authority with --tls-ca",
        )
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Failure(f"{server} did not answer in time", "is it busy? try again in a moment")
    return Failure(
        f"{server} does not answer as a ledger does: {code.name}, {details}",
        "is it a partsledger server, and of this version?",
    )


def failure_for(reason: str, message: str) -> Failure:
    """What a reason of the server means to the person who asked."""
    exit_code = NOT_DONE if reason in _NOT_DONE else NO
    return Failure(f"{message} ({reason})", _HINTS.get(reason, ""), exit_code)


def error_info(status: Status) -> ErrorInfo | None:
    """The machine-readable reason that every status of the ledger carries."""
    for detail in status.details:
        info = ErrorInfo()
        if detail.Unpack(info):
            return info
    return None


def facts_of(error: grpc.RpcError) -> Mapping[str, str]:
    """What the refusal of a call says by name: the field, the value, what was expected."""
    assert isinstance(error, grpc.Call)
    status = rpc_status.from_call(error)
    info = status and error_info(status)
    return dict(info.metadata) if info else {}


def is_not_found(error: grpc.RpcError) -> bool:
    return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.NOT_FOUND


def is_unavailable(error: grpc.RpcError) -> bool:
    """Whether the same call may succeed in a moment: the one code that is repeated blindly."""
    return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNAVAILABLE
