"""A caller of the import stream, and a small business to send: on it, or call by call."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

import grpc
from google.protobuf import json_format

from partsledger.v1 import import_service_pb2 as pb
from partsledger.v1.import_service_pb2_grpc import ImportServiceStub
from tests.server.api.methods import methods, path
from tests.server.api.reading.front_desk import cny, day

TIMEOUT = 60
_IDS = UUID("5b1a6f0e-0000-4000-8000-000000000000")

# A mutation's name on the stream, who sends it, and its fields as JSON has them.
Step = tuple[str, str, dict[str, Any]]


def business(book: str, sales: int = 20) -> list[Step]:
    """Base data, purchases, a transfer from start to end, and sales; the last ones lack stock."""
    parent = {"parent": f"books/{book}"}

    def name(path: str) -> str:
        return f"books/{book}/{path}"

    def on(text: str, document: str) -> dict[str, Any]:
        return {"occurred_on": day(text), "document": document}

    pieces = [{"part": name("parts/P-1"), "quantity": 5}]
    transfer = name("transfers/T-1")
    steps: list[Step] = [
        *(("create_place", "wang", {**parent, "place_id": place, "place": {
            "description": place, "kind": "PLACE_KIND_WAREHOUSE"}}) for place in ("W01", "W02")),
        ("create_part", "wang", {**parent, "part_id": "P-1", "part": {
            "description": "泵", "part_class": "PART_CLASS_WEAR", "serviceable": True}}),
        ("create_price_list", "wang", {**parent, "price_list": {
            "kind": "PRICE_LIST_KIND_SETTLEMENT", "currency": "CNY",
            "vat_rate": {"value": "0.13"}}}),
        ("set_price", "wang", {"name": name("priceLists/settlement-CNY/prices/P-1"), "version": {
            "effective_from": day("2024-01-01"), "unit_price": cny(10)}}),
        ("create_dealer", "wang", {**parent, "dealer_id": "D01", "dealer": {
            "title": "大连", "currency": "CNY", "payment_days": 30}}),
        ("create_purchase", "wang", {**parent, "purchase_id": "B-1",
            "occurrence": on("2025-07-01", "DN-1"), "purchase": {
                "supplier": "S01", "to_place": name("places/W01"), "lines": [
                    {"part": name("parts/P-1"), "quantity": 2 * sales, "unit_cost": cny(6)}]}}),
        ("create_transfer", "wang", {**parent, "transfer_id": "T-1",
            "occurrence": on("2025-07-02", "T-1"), "transfer": {
                "from_place": name("places/W01"), "to_place": name("places/W02"),
                "lines": pieces}}),
        ("approve_transfer", "li", {"name": transfer}),
        ("dispatch_transfer", "wang", {"name": transfer, "occurrence": on("2025-07-03", "T-1")}),
        ("receive_transfer", "wang", {
            "name": transfer, "occurrence": on("2025-07-04", "T-1"), "lines": pieces}),
        ("close_transfer", "li", {"name": transfer}),
    ]  # fmt: skip
    for number in range(sales):
        sale = {"dealer": name("dealers/D01"), "from_place": name("places/W01"), "lines": [
            {"part": name("parts/P-1"), "quantity": 2}]}  # fmt: skip
        occurrence = on("2025-07-10", f"INV-{number}")
        fields = {**parent, "sale_id": f"S-{number}", "sale": sale, "occurrence": occurrence}
        steps.append(("create_sale", "wang", fields))
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
    paths = {method.input_type.full_name: path(method) for method in methods()}
    refused = 0
    for command in sent:
        request = getattr(command, command.WhichOneof("command") or "")
        call: Any = channel.unary_unary(paths[request.DESCRIPTOR.full_name])
        metadata = [("partsledger-actor", command.actor)]
        try:
            call(request.SerializeToString(), timeout=TIMEOUT, metadata=metadata)
        except grpc.RpcError:
            refused += 1
    return refused
