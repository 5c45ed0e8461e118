"""A caller of the import stream, and a small business to send: on it, or call by call."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

import grpc
from google.protobuf import json_format

from partsledger.v1 import import_service_pb2 as pb
from partsledger.v1.import_service_pb2_grpc import ImportServiceStub
from tests.on_the_wire import on
from tests.server.api import documents
from tests.server.api.methods import METHOD_OF_COMMAND, METHODS, path
from tests.small_maker import CataloguePart, SmallMaker, terms

TIMEOUT = 60
_IDS = UUID("5b1a6f0e-0000-4000-8000-000000000000")

_MAKER = SmallMaker(parts={"P-1": CataloguePart(1000)}, dealers={"D01": terms()})

# A mutation's name on the stream, who sends it, and its fields as JSON has them.
Step = tuple[str, str, dict[str, Any]]


def business(book: str, sales: int = 20) -> list[Step]:
    """Base data, purchases, a transfer from start to end, and sales; the last ones lack stock."""
    name = f"books/{book}"
    parent, transfer = {"parent": name}, {"name": f"{name}/transfers/T-1"}
    bought = documents.purchase(name, "B-1", "2025-07-01", "P-1", 2 * sales, 6)
    moved = documents.transfer(name, "T-1", "2025-07-02", "P-1", 5)
    pieces = documents.lines(name, "P-1", 5)
    steps: list[Step] = [
        *((command, "wang", fields) for command, fields in _MAKER.requests(name)),
        ("create_purchase", "wang", {**parent, **bought}),
        ("create_transfer", "wang", {**parent, **moved}),
        ("approve_transfer", "li", {**transfer, "occurrence": on("2025-07-03", "T-1")}),
        ("dispatch_transfer", "wang", {**transfer, "occurrence": on("2025-07-03", "T-1")}),
        ("receive_transfer", "wang", {
            **transfer, "occurrence": on("2025-07-04", "T-1"), "lines": pieces}),
        ("close_transfer", "li", {**transfer, "occurrence": on("2025-07-04", "T-1")}),
    ]  # fmt: skip
    for number in range(sales):
        sold = documents.sale(name, f"S-{number}", "2025-07-10", "P-1", 2)
        steps.append(("create_sale", "wang", {**parent, **sold}))
    return steps


def many_parts(book: str, count: int) -> list[Step]:
    """Commands that do not depend on each other."""
    part = {"description": "part", "part_class": "PART_CLASS_WEAR", "serviceable": True}
    return [
        ("create_part", "wang", {"parent": f"books/{book}", "part_id": f"P-{n}", "part": part})
        for n in range(count)
    ]


def commands(steps: Iterable[Step]) -> list[pb.ImportCommand]:
    """The steps as the stream takes them. The same steps have the same request ids."""
    made = []
    for number, (name, actor, fields) in enumerate(steps):
        identity = {"request_id": str(uuid5(_IDS, f"{number} {name}"))}
        command = pb.ImportCommand(actor=actor)
        json_format.ParseDict({name: {**identity, **fields}}, command)
        made.append(command)
    return made


def messages(
    sent: Iterable[pb.ImportCommand], batch: int = 250, dry_run: bool = False
) -> Iterator[pb.ImportRequest]:
    """Packs commands into messages of so many."""
    rest = iter(sent)
    while some := list(islice(rest, batch)):
        yield pb.ImportRequest(dry_run=dry_run, commands=some)


def importing(channel: grpc.Channel, requests: Iterator[pb.ImportRequest]) -> Any:
    """The running stream: iterate it, cancel it."""
    call: Any = ImportServiceStub(channel).Import
    return call(requests, timeout=TIMEOUT)


def imported(
    channel: grpc.Channel,
    sent: Iterable[pb.ImportCommand],
    batch: int = 250,
    dry_run: bool = False,
) -> list[pb.ImportAnswer]:
    """Sends everything and returns every answer."""
    responses = importing(channel, messages(sent, batch, dry_run))
    return [answer for response in responses for answer in response.answers]


def called(channel: grpc.Channel, sent: Iterable[pb.ImportCommand]) -> int:
    """Sends each command to its own method instead; returns how many were refused."""
    refused = 0
    for command in sent:
        name = command.WhichOneof("command") or ""
        request = getattr(command, name)
        call: Any = channel.unary_unary(path(METHODS[METHOD_OF_COMMAND[name]]))
        metadata = [("partsledger-actor", command.actor)]
        try:
            call(request.SerializeToString(), timeout=TIMEOUT, metadata=metadata)
        except grpc.RpcError:
            refused += 1
    return refused
