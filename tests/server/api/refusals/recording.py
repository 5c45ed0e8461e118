"""How a refusal is recorded: what was asked of a running server, and what it answered."""

from typing import Any, NamedTuple
from uuid import UUID, uuid5

import grpc
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass
from google.rpc.status_pb2 import Status

from tests.server.api.methods import METHODS
from tests.server.api.reading.front_desk import TIMEOUT_SECONDS, FrontDesk, Refused

_IDS = UUID("6c2b7a1f-0000-4000-8000-000000000001")

Fields = dict[str, Any]


class Refusal(NamedTuple):
    """An answer in the JSON of google.rpc.Status, and how it came about; kept in examples.json."""

    method: str
    actor: str
    request: Fields
    situation: str
    status: Fields

    @property
    def reason(self) -> str:
        [info] = [each for each in self.status["details"] if each["@type"].endswith("ErrorInfo")]
        return str(info["reason"])


class NotRefused(AssertionError):  # noqa: N818 - Named after what happened.
    """A request that should have been refused was taken: it is no example any more."""


def refusal(
    desk: FrontDesk,
    method: str,
    actor: str = "wang",
    situation: str = "",
    **fields: Any,
) -> Refusal:
    """Sends a request that is to be refused. Its request id is always the same."""
    described = METHODS[method]
    known = described.input_type.fields_by_name
    if "request_id" in known:
        fields = {"request_id": str(uuid5(_IDS, f"{method} {fields!r}")), **fields}
    if "parent" in known:
        fields = {"parent": desk.parent, **fields}
    request = json_format.ParseDict(fields, GetMessageClass(described.input_type)())
    asked = json_format.MessageToDict(request, preserving_proto_field_name=True)
    whole = f"{described.containing_service.name}.{described.name}"
    try:
        desk.call(method, actor, **fields)
    except Refused as refused:
        return Refusal(whole, actor, asked, situation, told(refused))
    raise NotRefused(whole)


def told(refused: Refused) -> Fields:
    details = [json_format.MessageToDict(each) for each in refused.details.values()]
    status = {"code": refused.code.value[0], "message": str(refused), "details": details}
    return in_order(status)


def shown(status: Status) -> Fields:
    """The same of a status that no server has sent."""
    return in_order(json_format.MessageToDict(status))


def in_order(status: Fields) -> Fields:
    """With metadata by its keys: a map has no order of its own."""
    for detail in status["details"]:
        if "metadata" in detail:
            detail["metadata"] = dict(sorted(detail["metadata"].items()))
    return status


def refusal_of_bytes(channel: grpc.Channel, method: str, raw: bytes, situation: str) -> Refusal:
    """Of what no generated client sends."""
    service, _, verb = method.partition(".")
    try:
        caller: Any = channel.unary_unary(f"/partsledger.v1.{service}/{verb}")
        caller(raw, timeout=TIMEOUT_SECONDS)
    except grpc.RpcError as error:
        return Refusal(method, "", {}, situation, told(Refused(error)))
    raise NotRefused(method)
