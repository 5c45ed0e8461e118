"""Who is responsible: the caller itself, or whom its token lets it speak for; both are recorded."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from partsledger.v1 import import_service_pb2 as pb
from server.access.roles import Role
from server.access.tokens import LEEWAY_SECONDS
from tests.on_the_wire import on
from tests.server.api.access.conftest import Office
from tests.server.api.access.protected import KeyedDesk, Signer, protected
from tests.server.api.methods import METHODS, path
from tests.server.api.reading.front_desk import Refused

PART = {"description": "泵", "part_class": "PART_CLASS_WEAR", "serviceable": True}


def recorded_by(office: Office, stream: str) -> tuple[str, str]:
    """Actor and principal of the last entry of a stream."""
    auditor = office.desk(Role.AUDITOR)
    entry = auditor.call("Entry.ListEntries", filter={"stream": stream}).entries[-1]
    return entry.actor, entry.principal


def test_a_caller_is_whom_its_token_names(office: Office) -> None:
    office.desk(Role.FINANCE, name="li.ming").call("Part.CreatePart", part_id="A-1", part=PART)
    assert recorded_by(office, "parts/A-1") == ("li.ming", "")


def test_a_caller_may_not_pass_as_another(office: Office) -> None:
    desk = office.desk(Role.FINANCE, name="li.ming")
    with pytest.raises(Refused) as refused:
        desk.call("Part.CreatePart", actor="zhao", part_id="A-2", part=PART)

    assert (refused.value.code, refused.value.reason) == (
        grpc.StatusCode.PERMISSION_DENIED, "ACTOR_NOT_ALLOWED",
    )  # fmt: skip
    assert refused.value.facts == {"principal": "li.ming", "actor": "zhao"}


def test_nor_as_another_sender(office: Office) -> None:
    desk = office.desk(Role.ERP, name="erp", speaks_for=["*"])
    with pytest.raises(Refused) as refused:
        desk.call("Part.ListParts", metadata=[("partsledger-principal", "another-erp")])
    assert refused.value.reason == "ACTOR_NOT_ALLOWED"

    desk.call("Part.ListParts", metadata=[("partsledger-principal", "ERP")])  # Control.


def test_an_erp_speaks_for_people_and_both_are_recorded(office: Office) -> None:
    desk = office.desk(Role.ERP, name="erp", speaks_for=["zhao", "王芳"])
    desk.call("Part.CreatePart", actor="zhao", part_id="A-3", part=PART)
    named = [("partsledger-actor-bin", "王芳".encode())]
    desk.call("Part.CreatePart", metadata=named, part_id="A-4", part=PART)

    assert recorded_by(office, "parts/A-3") == ("zhao", "erp")
    assert recorded_by(office, "parts/A-4") == ("王芳", "erp")
    with pytest.raises(Refused, match="erp calls, who may not speak for li"):
        desk.call("Part.CreatePart", actor="li", part_id="A-5", part=PART)


def transfer(desk: KeyedDesk, number: str, actor: str = "") -> None:
    desk.call("Transfer.CreateTransfer", actor=actor, transfer_id=number, transfer={
        "from_place": desk.name("places/W01"), "to_place": desk.name("places/W02"),
        "lines": [{"part": desk.name("parts/P-1"), "quantity": 1}],
    }, occurrence=on("2025-07-30", number))  # fmt: skip


def approve(desk: KeyedDesk, number: str, actor: str = "") -> str:
    """The reason of the refusal; empty if it is approved."""
    name = desk.name(f"transfers/{number}")
    try:
        desk.call("Transfer.ApproveTransfer", actor=actor, name=name,
                  occurrence=on("2025-07-30", number))  # fmt: skip
    except Refused as refused:
        return refused.reason
    return ""


def test_who_asks_does_not_approve_whatever_the_token(office: Office) -> None:
    """Maker and checker are persons: neither another token nor an ERP makes two of one."""
    roles = (Role.STORE_BOOKKEEPER, Role.STOREKEEPER)
    erp = office.desk(Role.ERP, name="erp", speaks_for=["*"])
    transfer(office.desk(*roles, name="wang"), "TR-1")

    assert approve(office.desk(Role.STORE_BOOKKEEPER, name="wang"), "TR-1") == "SAME_PERSON"
    assert approve(office.desk(Role.STORE_BOOKKEEPER, name="Wang"), "TR-1") == "SAME_PERSON"
    assert approve(erp, "TR-1", actor="wang") == "SAME_PERSON"
    assert approve(erp, "TR-1", actor="li") == ""

    transfer(erp, "TR-2", actor="wang")
    assert approve(office.desk(*roles, name="wang"), "TR-2") == "SAME_PERSON"
    assert approve(office.desk(*roles, name="li"), "TR-2") == ""


def test_a_stream_names_an_actor_for_each_command(office: Office) -> None:
    desk = office.desk(Role.ERP, name="erp", speaks_for=["zhao"])
    message = pb.ImportRequest()
    for number, actor in (("A-6", "zhao"), ("A-7", "li"), ("A-8", "")):
        command = message.commands.add(actor=actor)
        request, _ = desk._request("Part.CreatePart", {"part_id": number, "part": PART})
        command.create_part.MergeFromString(request.SerializeToString())
    stream: Any = office.channel.stream_stream(
        path(METHODS["Import.Import"]), pb.ImportRequest.SerializeToString,
        pb.ImportResponse.FromString,
    )  # fmt: skip

    answers = [
        answer
        for response in stream(iter([message]), timeout=20, metadata=[desk.token])
        for answer in response.answers
    ]

    assert [answer.error.message for answer in answers] == [
        "", "erp calls, who may not speak for li", "",
    ]  # fmt: skip
    assert recorded_by(office, "parts/A-6") == ("zhao", "erp")
    assert recorded_by(office, "parts/A-8") == ("erp", "")


def test_a_refused_attempt_is_in_the_servers_log_without_the_token(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "partsledger.call")
    desk = office.desk(Role.STOREKEEPER, name="sun")
    with pytest.raises(Refused):
        desk.call("Claim.AdjudicateClaim", name=desk.name("claims/CL-D01"))

    lines = [record.__dict__ for record in caplog.records if record.levelname == "WARNING"]
    [line] = [line for line in lines if line.get("caller") == "sun"]
    assert (line["code"], line["method"]) == (
        "PERMISSION_DENIED", "/partsledger.v1.ClaimService/AdjudicateClaim",
    )  # fmt: skip
    assert "is for adjudicator, erp" in line["why"]
    assert desk.token[1].removeprefix("Bearer ") not in caplog.text + repr(lines)


def test_so_is_a_command_of_a_stream(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    desk = office.desk(Role.STOREKEEPER, name="sun")
    message = pb.ImportRequest()
    message.commands.add().create_part.SetInParent()
    message.commands.add().receive_transfer.SetInParent()
    stream: Any = office.channel.stream_stream(
        path(METHODS["Import.Import"]), pb.ImportRequest.SerializeToString,
        pb.ImportResponse.FromString,
    )  # fmt: skip
    list(stream(iter([message]), timeout=20, metadata=[desk.token]))

    lines = [record.__dict__ for record in caplog.records if record.levelname == "WARNING"]
    [line] = [line for line in lines if line.get("caller") == "sun"]
    assert (line["method"], line["code"]) == ("create_part", "PERMISSION_DENIED")


def test_who_calls_too_often_is_told_when_to_come_back(
    database_url: str, book: str, signer: Signer
) -> None:
    with (
        protected(database_url, book, signer, max_calls_per_second=1) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        often = KeyedDesk(channel, book, signer.token("often", Role.AUDITOR))
        with pytest.raises(Refused) as refused:
            _repeated(often, "Part.ListParts", times=100)
        assert (refused.value.code, refused.value.reason) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED, "CALLED_TOO_OFTEN",
        )  # fmt: skip
        assert {"RetryInfo", "QuotaFailure"} <= set(refused.value.details)

        KeyedDesk(channel, book, signer.token("seldom", Role.AUDITOR)).call("Part.ListParts")


def _repeated(desk: KeyedDesk, method: str, times: int) -> None:
    for _ in range(times):
        desk.call(method)


def test_a_stream_ends_with_its_token(office: Office) -> None:
    """A token that its issuer does not renew goes on no longer than it says, however long the
    connection holds."""
    nearly_over = LEEWAY_SECONDS - 2
    desk = office.desk(Role.ERP, name="late", seconds=-nearly_over)
    desk.call("Part.ListParts")
    stream = desk.stream("Entry.SubscribeEntries")
    next(stream)

    with pytest.raises(grpc.RpcError) as ended:
        list(stream)

    assert isinstance(ended.value, grpc.Call)
    assert ended.value.code() is grpc.StatusCode.UNAUTHENTICATED
    with pytest.raises(Refused, match="the token is over"):
        desk.call("Part.ListParts")


def test_so_does_an_import(office: Office) -> None:
    desk = office.desk(Role.ERP, name="late", seconds=-(LEEWAY_SECONDS - 2))

    def messages() -> Iterator[pb.ImportRequest]:
        for number in ("L-1", "L-2"):
            message = pb.ImportRequest()
            request, _ = desk._request("Part.CreatePart", {"part_id": number, "part": PART})
            command = message.commands.add()
            command.create_part.MergeFromString(request.SerializeToString())
            yield message
            time.sleep(3)

    stream: Any = office.channel.stream_stream(
        path(METHODS["Import.Import"]), pb.ImportRequest.SerializeToString,
        pb.ImportResponse.FromString,
    )  # fmt: skip
    responses = stream(messages(), timeout=60, metadata=[desk.token])

    answers = [answer for response in responses for answer in response.answers]

    assert [answer.error.message for answer in answers] == ["", "the token is over"]
