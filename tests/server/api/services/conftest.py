"""A book in memory that takes the API's own requests: decoded, decided, answered."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.message import Message

from domain.facts import Command
from domain.ledger import Ledger
from partsledger.v1 import import_service_pb2
from server.api.conversions.book import Book
from server.api.resources import RESOURCES

TODAY = date(2025, 12, 31)
BOOK = Book("main", "CNY")
OPENING: list[tuple[str, dict[str, Any]]] = [
    ("create_part", {"parent": "books/main", "part_id": "P-1", "part": {
        "description": "液压泵", "part_class": "PART_CLASS_MODULE", "serviceable": True}}),
    ("create_part", {"parent": "books/main", "part_id": "CORE", "part": {
        "description": "core", "part_class": "PART_CLASS_MODULE", "restricted": True}}),
    ("create_place", {"parent": "books/main", "place_id": "W01", "place": {
        "description": "main", "kind": "PLACE_KIND_WAREHOUSE"}}),
    ("create_place", {"parent": "books/main", "place_id": "W02", "place": {
        "description": "north", "kind": "PLACE_KIND_WAREHOUSE"}}),
    ("create_place", {"parent": "books/main", "place_id": "R01", "place": {
        "description": "returns", "kind": "PLACE_KIND_CUSTODY"}}),
    ("create_dealer", {"parent": "books/main", "dealer_id": "D01", "dealer": {
        "title": "大连", "currency": "CNY", "payment_days": 30}}),
    ("create_price_list", {"parent": "books/main", "price_list": {
        "kind": "PRICE_LIST_KIND_SETTLEMENT", "currency": "CNY", "vat_rate": {"value": "0.13"}}}),
    ("set_price", {"name": "books/main/priceLists/settlement-CNY/prices/P-1", "version": {
        "effective_from": {"year": 2025, "month": 1, "day": 1},
        "unit_price": {"currency_code": "CNY", "units": "19", "nanos": 990_000_000}}}),
    ("set_policy", {"name": "books/main/policies/ZY16", "version": {
        "effective_from": {"year": 2020, "month": 1, "day": 1}, "term_months": 24,
        "submission_days": 30, "return_days": 30, "chargeback_months": 12}}),
    ("create_machine", {"parent": "books/main", "machine_id": "S-1", "machine": {
        "model": "ZY16", "dealer": "books/main/dealers/D01", "user": "U-1",
        "sold_on": {"year": 2025, "month": 1, "day": 1}}}),
    ("create_purchase", {"parent": "books/main", "purchase_id": "B-1",
        "occurrence": {"occurred_on": {"year": 2025, "month": 7, "day": 1}, "document": "DN-1"},
        "purchase": {"supplier": "S01", "to_place": "books/main/places/W01", "lines": [
            {"part": "books/main/parts/P-1", "quantity": "10",
             "unit_cost": {"currency_code": "CNY", "units": "10"}}]}}),
]  # fmt: skip

_COMMANDS = {
    field.name: message_factory.GetMessageClass(field.message_type)
    for field in import_service_pb2.ImportCommand.DESCRIPTOR.oneofs_by_name["command"].fields
    if field.message_type is not None
}

# A mutation by its name in the import stream, with its fields as JSON has them.
Request = Callable[..., Any]
Run = Callable[..., Any]


@pytest.fixture
def request_of() -> Request:
    """Makes a request: `request_of("approve_transfer", name="books/main/transfers/T-1")`."""

    def make(command: str, **fields: Any) -> Message:
        message = _COMMANDS[command]()
        json_format.ParseDict({"request_id": str(uuid4()), **fields}, message)
        return message

    return make


@pytest.fixture
def empty_ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def run(empty_ledger: Ledger, request_of: Request) -> Run:
    """Runs a mutation on a small book and returns its response; a refusal is raised.

    With `facts_only` it returns the facts it recorded instead.
    """

    def run(what: str, actor: str = "ann", facts_only: bool = False, **fields: Any) -> Any:
        request = request_of(what, **fields)
        mutation = RESOURCES.mutations[type(request)]
        decoded = mutation.decode(request)
        command = Command(datetime.now(UTC), TODAY, actor, str(uuid4()))
        aggregate = empty_ledger.execute(command, decoded.use_case)
        assert aggregate.id == mutation.stream(decoded)
        return command.facts if facts_only else mutation.answer(BOOK, aggregate)

    for command, fields in OPENING:
        run(command, **fields)
    return run
