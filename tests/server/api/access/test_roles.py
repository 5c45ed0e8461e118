"""Every role and every method: what a server lets through is what expected.txt says."""

from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from partsledger.v1 import import_service_pb2 as pb
from server.access.roles import Role
from server.api.permissions import Permission
from server.api.registry import permissions_of
from server.api.resource import Unserved
from server.api.resources import RESOURCES
from server.api.services.claims import ClaimServicer
from server.api.services.statements import StatementServicer
from tests.server.api.access.conftest import Office
from tests.server.api.methods import METHOD_OF_COMMAND, METHODS, path

LETTERS = dict(zip("FCASBKJEDO", Role, strict=True))


def expected(page: str) -> dict[str, frozenset[Role]]:
    lines = [line.split() for line in page.splitlines() if line and not line.startswith("#")]
    return {method: frozenset(LETTERS[letter] for letter in letters) for method, *letters in lines}


EXPECTED = expected((Path(__file__).parent / "expected.txt").read_text())


class End(NamedTuple):
    code: grpc.StatusCode
    reason: str


def called(office: Office, method: str, metadata: Any, messages: list[bytes]) -> End:
    """How a call ends that sends these bytes."""
    described, channel = METHODS[method], office.channel
    try:
        if not described.server_streaming:
            unary: Any = channel.unary_unary(path(described))
            unary(messages[0], timeout=20, metadata=metadata)
            return End(grpc.StatusCode.OK, "")
        kind: Any = channel.stream_stream(path(described))
        stream = kind(iter(messages), timeout=20, metadata=metadata)
        for _ in stream:
            stream.cancel()
    except grpc.RpcError as error:
        return ended(error)
    return End(grpc.StatusCode.OK, "")


def ended(error: Any) -> End:
    if error.code() is grpc.StatusCode.CANCELLED:  # By the test, after the first answer.
        return End(grpc.StatusCode.OK, "")
    status, info = rpc_status.from_call(error), ErrorInfo()
    assert status is not None
    assert any(detail.Unpack(info) for detail in status.details)
    return End(error.code(), info.reason)


def bearer(office: Office, role: Role) -> list[tuple[str, str]]:
    kept_to: dict[str, Any] = {"dealer": "D01"} if role is Role.DEALER else {}
    token = office.signer.token(f"somebody-{role}", role, **kept_to)
    return [("authorization", f"Bearer {token}")]


def test_every_method_is_expected_and_no_other() -> None:
    """A new method has to be written down here, before it is served."""
    assert set(EXPECTED) == set(METHODS)
    assert expected("Part.GetPart F D\n") == {
        "Part.GetPart": {Role.FINANCE, Role.DEALER}
    }  # Control.


@pytest.mark.parametrize("role", Role)
def test_a_role_calls_what_is_expected_and_nothing_else(office: Office, role: Role) -> None:
    metadata = bearer(office, role)

    ends = {method: called(office, method, metadata, [b""]) for method in METHODS}

    denied = {method for method, end in ends.items() if end.reason == "ROLE_MISSING"}
    assert denied == {method for method, roles in EXPECTED.items() if role not in roles}
    for method, end in ends.items():
        assert (end.code is grpc.StatusCode.PERMISSION_DENIED) == (method in denied), (method, end)
        assert end.code is not grpc.StatusCode.UNAUTHENTICATED
        assert end.reason not in ("INTERNAL", "METHOD_UNKNOWN")


def test_several_roles_give_what_each_of_them_gives(office: Office) -> None:
    desk = office.desk(Role.STOREKEEPER, Role.CLAIMS_CLERK)
    metadata = [desk.token]

    assert called(office, "Purchase.ListPurchases", metadata, [b""]).reason == "INVALID_VALUE"
    assert called(office, "Claim.ListClaims", metadata, [b""]).reason == "INVALID_VALUE"
    assert called(office, "Payment.ListPayments", metadata, [b""]).reason == "ROLE_MISSING"


@pytest.mark.parametrize("method", METHODS)
def test_nobody_calls_without_a_token(office: Office, method: str) -> None:
    end = called(office, method, [("partsledger-actor", "li.ming")], [b""])
    assert end == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")


@pytest.mark.parametrize("role", Role)
def test_each_command_of_an_import_stream_is_decided_by_itself(office: Office, role: Role) -> None:
    commands = list(METHOD_OF_COMMAND)
    message = pb.ImportRequest()
    for command in commands:
        getattr(message.commands.add(), command).SetInParent()
    stream: Any = office.channel.stream_stream(
        path(METHODS["Import.Import"]), pb.ImportRequest.SerializeToString,
        pb.ImportResponse.FromString,
    )  # fmt: skip

    answers: list[pb.ImportAnswer] = []
    try:
        for response in stream(iter([message]), timeout=20, metadata=bearer(office, role)):
            answers += response.answers
    except grpc.RpcError:
        assert role not in EXPECTED["Import.Import"]
        return

    reasons = {}
    for command, answer in zip(commands, answers, strict=True):
        info = ErrorInfo()
        assert any(detail.Unpack(info) for detail in answer.error.details)
        reasons[command] = info.reason
    denied = {command for command, reason in reasons.items() if reason == "ROLE_MISSING"}
    assert denied == {
        command for command, method in METHOD_OF_COMMAND.items() if role not in EXPECTED[method]
    }
    assert role in EXPECTED["Import.Import"]


def test_a_method_of_which_nothing_is_said_cannot_be_served() -> None:
    class Forgotten(StatementServicer):
        OWN = {
            name: permission for name, permission in StatementServicer.OWN.items()
            if name != "GetReceivables"
        }  # fmt: skip

    assert len(list(permissions_of(ClaimServicer, RESOURCES))) == 7  # Control.
    with pytest.raises(Unserved, match="GetReceivables: who may call it"):
        list(permissions_of(_as_served(Forgotten, StatementServicer), RESOURCES))


def test_a_method_for_dealers_says_how_they_are_kept_to_their_own() -> None:
    class Careless(StatementServicer):
        OWN = {**StatementServicer.OWN, "GetReceivables": Permission(frozenset({Role.DEALER}))}

    with pytest.raises(Unserved, match="how are dealers kept to their own"):
        list(permissions_of(_as_served(Careless, StatementServicer), RESOURCES))


def _as_served(changed: type[Any], served: type[Any]) -> type[Any]:
    """With the generated class as its direct base, as servicers have it."""
    changed.__bases__ = served.__bases__
    return changed


def test_whether_the_server_works_anyone_may_ask(office: Office) -> None:
    check: Any = office.channel.unary_unary("/grpc.health.v1.Health/Check")
    assert check(b"", timeout=20) == b"\x08\x01"

    reflection: Any = office.channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    )
    with pytest.raises(grpc.RpcError) as refusal:
        list(reflection(iter([b"\x3a\x00"]), timeout=20))
    assert isinstance(refusal.value, grpc.Call)
    assert refusal.value.code() is grpc.StatusCode.UNAUTHENTICATED
    known = [office.desk(Role.OPERATOR).token]
    assert list(reflection(iter([b"\x3a\x00"]), timeout=20, metadata=known))
