"""Forged and senseless calls by the thousand: each is refused with a reason, and nothing happens.

PARTSLEDGER_FORGED=1000000 makes a million of them (`make forged`).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from tests.server.api.access.conftest import Office
from tests.server.api.access.forged import Forged, Forger
from tests.server.api.error_page import ROWS
from tests.server.api.methods import METHODS, path

CALLS = int(os.environ.get("PARTSLEDGER_FORGED", "3000"))
CALLERS = 8
REASONS = {row.reason for row in ROWS}
AT_A_TIME = 2_000
SECONDS = 30
# Of a stream that would go on for ever, only the beginning is heard.
_HEARD = 3


class Answer(NamedTuple):
    call: Forged
    code: grpc.StatusCode
    reason: str
    message: str
    answered: bytes


def answer(office: Office, call: Forged) -> Answer:
    described, channel = METHODS[call.method], office.channel
    heard = b""
    try:
        if described.server_streaming:
            kind: Any = channel.stream_stream(path(described))
            stream = kind(iter([call.body]), timeout=SECONDS, metadata=call.metadata)
            for response in islice(stream, _HEARD):
                heard += response
            stream.cancel()
        else:
            unary: Any = channel.unary_unary(path(described))
            heard = unary(call.body, timeout=SECONDS, metadata=call.metadata)
    except grpc.RpcError as error:
        return refused(call, error, heard)
    return Answer(call, grpc.StatusCode.OK, "", "", heard)


def refused(call: Forged, error: Any, heard: bytes) -> Answer:
    if error.code() is grpc.StatusCode.CANCELLED:  # By ourselves.
        return Answer(call, grpc.StatusCode.OK, "", "", heard)
    status, info = rpc_status.from_call(error), ErrorInfo()
    told = status is not None and any(detail.Unpack(info) for detail in status.details)
    return Answer(call, error.code(), info.reason if told else "", error.details() or "", heard)


def wrong(answer: Answer) -> str:
    """What is wrong with an answer; empty if nothing is."""
    if answer.code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN):
        return "a defect"
    if answer.code is not grpc.StatusCode.OK and answer.reason not in REASONS:
        return "no reason that is documented"
    if not answer.call.authentic and answer.code is not grpc.StatusCode.UNAUTHENTICATED:
        return "let in without a token that counts"
    # Answers of the import stream hold refusals, which say again what was sent.
    said_again = b"D02" in said(answer.call) and answer.call.method == "Import.Import"
    if answer.call.as_dealer and b"D02" in answer.answered and not said_again:
        return "a word of another dealer"
    if answer.call.as_dealer and "D02" in answer.message and b"D02" not in said(answer.call):
        return "a word of another dealer in a refusal"
    return ""


def said(call: Forged) -> bytes:
    return call.body + repr(call.metadata).encode()


@pytest.mark.timeout(max(240, CALLS // 100))
def test_nothing_forged_gets_through_and_nothing_happens(office: Office) -> None:
    head = office.app.reads.log.head()
    forger = Forger(20251128, office.signer, office.book).calls()
    codes: dict[grpc.StatusCode, int] = {}
    with ThreadPoolExecutor(CALLERS) as callers:
        for _ in range(0, CALLS, AT_A_TIME):
            calls = list(islice(forger, min(AT_A_TIME, CALLS)))
            for each in callers.map(lambda call: answer(office, call), calls):
                assert not wrong(each), (wrong(each), each)
                codes[each.code] = codes.get(each.code, 0) + 1
    assert office.app.reads.log.head() == head
    # They were of all kinds: some were let in and answered, and others refused for each reason.
    assert set(codes) >= {
        grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"code": grpc.StatusCode.INTERNAL, "reason": "INTERNAL"}, "a defect"),
        ({"code": grpc.StatusCode.NOT_FOUND, "reason": ""}, "no reason"),
        ({"code": grpc.StatusCode.OK, "answered": b"...D02..."}, "a word of another dealer"),
        (
            {"code": grpc.StatusCode.NOT_FOUND, "reason": "NOT_FOUND", "message": "no D02"},
            "a word of another dealer in a refusal",
        ),
    ],
)
def test_what_would_be_wrong_is_noticed(changes: dict[str, Any], why: str) -> None:
    """Control."""
    call = Forged("Claim.GetClaim", b"", (), as_dealer=True, authentic=True)
    fine = Answer(call, grpc.StatusCode.OK, "", "", b"D01")
    assert not wrong(fine)

    assert why in wrong(fine._replace(**changes))


def test_who_is_let_in_without_a_token_is_noticed() -> None:
    call = Forged("Claim.GetClaim", b"", (), as_dealer=False, authentic=False)

    assert wrong(Answer(call, grpc.StatusCode.OK, "", "", b"")) == (
        "let in without a token that counts"
    )
