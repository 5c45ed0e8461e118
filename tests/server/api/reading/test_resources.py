"""The table of resources is complete, has each once, and nothing is answered without a row."""

from typing import Any, get_type_hints

import pytest
from google.protobuf.descriptor import Descriptor

from domain.aggregates import AGGREGATES
from domain.book import Book
from domain.dealer_account import DealerAccount
from domain.part import Part
from domain.place import Place
from partsledger.v1 import entry_service_pb2, part_service_pb2
from server.access.roles import MAKER
from server.api.conversions import names
from server.api.conversions.base_data import part_message, place_message
from server.api.decoders import parts
from server.api.resource import Resource, Resources, SaidTwice, Unserved
from server.api.resources import RESOURCES
from tests.server.api.methods import METHODS
from tests.server.api.reading.front_desk import FrontDesk, Refused

# The API shows accounts in statements only, and a book only in names.
WITHOUT_A_ROW = {DealerAccount, Book}
ROWS = {row.kind.__name__: row for row in RESOURCES.collections.values()}
EACH_ROW = pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
PART = Resource(Part, names.PART, part_message, MAKER, parts.ACTS)


def message_of(row: Resource[Any]) -> Descriptor:
    """The message type of a row's resource."""
    shown: Descriptor = get_type_hints(row.message)["return"].DESCRIPTOR
    return shown


def reading(verb: str) -> dict[str, Resource[Any]]:
    """The Get or List methods that answer with the resource of a row, each with the row."""
    return {
        name: row
        for name, method in METHODS.items()
        for row in ROWS.values()
        if method.name.startswith(verb)
        and method.output_type.fields_by_number[1].message_type is message_of(row)
    }


GETS, LISTS = reading("Get"), reading("List")


def some_key(pattern: names.NamePattern) -> str:
    """A valid key, of a resource that does not exist."""
    if pattern is names.SETTLEMENT:
        return "NONE/2025-07"
    return pattern.only or "/".join(["NONE"] * (pattern.template.count("{") - 1))


def test_every_kind_of_aggregate_has_a_row() -> None:
    assert {row.kind for row in ROWS.values()} == set(AGGREGATES) - WITHOUT_A_ROW


@EACH_ROW
def test_the_name_of_a_stream_is_that_of_its_resource(row: Resource[Any]) -> None:
    key = some_key(row.name)

    name = RESOURCES.of_stream("main", f"{row.kind.KIND}/{key}")

    assert row.name.parse(name, "name") == ("main", key)


def test_the_stream_of_the_calendar_is_the_period_of_the_book() -> None:
    assert RESOURCES.of_stream("main", "periods/calendar") == "books/main/period"


@pytest.mark.parametrize("stream", ["accounts/D01", "books/main", "invoices/I-1", ""])
def test_a_stream_without_a_row_is_a_defect(stream: str) -> None:
    with pytest.raises(Unserved):
        RESOURCES.of_stream("main", stream)


def test_a_request_without_a_row_is_a_defect() -> None:
    with pytest.raises(Unserved, match="GetEntryRequest"):
        RESOURCES.mutations[entry_service_pb2.GetEntryRequest]
    with pytest.raises(Unserved, match="CreatePartRequest"):
        RESOURCES.batches[part_service_pb2.CreatePartRequest]


@pytest.mark.parametrize(
    "second",
    [
        Resource(Part, names.PLACE, part_message, MAKER),
        Resource(Place, names.PART, place_message, MAKER),
        Resource(Place, names.PLACE, place_message, MAKER, parts.ACTS),
    ],
    ids=["kind", "name", "request"],
)
def test_two_rows_that_say_the_same_are_refused_at_the_start(second: Resource[Any]) -> None:
    Resources([PART, Resource(Place, names.PLACE, place_message, MAKER)])  # Control.

    with pytest.raises(SaidTwice):
        Resources([PART, second])


@EACH_ROW
def test_every_request_of_a_row_is_answered_with_its_resource(row: Resource[Any]) -> None:
    for request in row.acts:
        kind, field = RESOURCES.mutations[request].response
        assert kind.DESCRIPTOR.fields_by_name[field].message_type is message_of(row)


@EACH_ROW
def test_a_row_has_the_states_that_its_lists_ask_for(row: Resource[Any]) -> None:
    requests = [METHODS[name].input_type for name, listed in LISTS.items() if listed is row]
    asked = [r.fields_by_name["states"] for r in requests if "states" in r.fields_by_name]

    assert bool(asked) == (row.states is not None)
    for field in asked:
        assert row.states is not None
        assert field.enum_type is row.states._wire.DESCRIPTOR


def test_every_row_can_be_got_and_all_but_the_one_calendar_be_listed() -> None:
    assert {row.kind.__name__ for row in GETS.values()} == set(ROWS)
    assert {row.kind.__name__ for row in LISTS.values()} == set(ROWS) - {"AccountingPeriod"}


@pytest.mark.parametrize("method", GETS)
def test_each_get_looks_for_what_it_answers_with(method: str, standing: FrontDesk) -> None:
    row = GETS[method]
    key = some_key(row.name)

    with pytest.raises(Refused) as refusal:
        standing.call(method, name=row.name.format(standing.book, key))

    assert refusal.value.reason == "NOT_FOUND"
    assert refusal.value.facts == {"kind": row.kind.__name__, "key": key}


@pytest.mark.parametrize("method", LISTS)
def test_each_list_has_all_that_it_answers_with(method: str, standing: FrontDesk) -> None:
    row = LISTS[method]
    collection = f"{row.kind.KIND}/"
    entries = standing.call("Entry.ListEntries", page_size=1_000).entries

    listed = standing.call(method, parent=everywhere(row, standing))

    resources = getattr(listed, METHODS[method].output_type.fields_by_number[1].name)
    streams = {entry.stream for entry in entries if entry.stream.startswith(collection)}
    found = {row.name.parse(resource.name, "name")[1] for resource in resources}
    assert found == {stream.removeprefix(collection) for stream in streams}


def everywhere(row: Resource[Any], desk: FrontDesk) -> str:
    """The parent that lists all resources of a row: the book, or `dealers/-` in it."""
    within = row.name.template.split("/")[2:-2]
    return "/".join([desk.parent, *within[:-1], "-"]) if within else desk.parent
