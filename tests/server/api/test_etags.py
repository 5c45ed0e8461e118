"""Every command that takes an etag is refused if the etag is stale, and then records nothing.

The commands are read from the schema, so that a new one is tested without an entry here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from server.api.resource import Resource
from server.api.resources import RESOURCES
from server.app import App
from tests.conftest import new_book
from tests.on_the_wire import cny, day, on, usd
from tests.server.api.batch_desk import MAKER, every_kind
from tests.server.api.methods import METHODS
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.conftest import serving, size

TAKE_ETAGS = [
    name for name, method in METHODS.items() if "etag" in method.input_type.fields_by_name
]
EACH = pytest.mark.parametrize("method", TAKE_ETAGS)


def resource_of(method: str) -> Resource[Any]:
    request = GetMessageClass(METHODS[method].input_type)
    return RESOURCES.mutations[request].resource


# Messages in requests that are not the document itself, and those that say all of a record.
PLAIN = {
    "Occurrence", "PartQuantity", "Money", "Date", "Part", "Place", "Dealer", "Machine", "Supplier",
}  # fmt: skip


@dataclass
class Business:
    """A server whose book has a document of every kind."""

    app: App
    desk: FrontDesk

    def stream(self, method: str) -> str:
        """The document that the method is tried on."""
        collection = f"{resource_of(method).kind.KIND}/"
        there = [stream for stream in self._versions() if stream.startswith(collection)]
        return there[0] if there else self._created(method, collection)

    def _created(self, method: str, collection: str) -> str:
        """A new one of a kind that the business has none of, of plain values."""
        service = method.partition(".")[0]
        create = f"{service}.Create{service}"
        fields = {
            field.name: some(field, "", self.desk)
            for field in METHODS[create].input_type.fields
            if field.name not in ("request_id", "parent")
        }
        self.desk.call(create, **fields)
        return f"{collection}X-1"

    def etag(self, method: str) -> str:
        return str(self._versions()[self.stream(method)])

    def sent(self, method: str, etag: str, key: str = "", **changes: Any) -> Refused | None:
        """Sends a valid request with some changes. Returns the refusal; None if it is recorded."""
        key = key or self.stream(method).partition("/")[2]
        name = resource_of(method).name.format(self.desk.book, key)
        fields = {
            field.name: some(field, name, self.desk)
            for field in METHODS[method].input_type.fields
            if field.name not in ("request_id", "etag")
        }
        try:
            self.desk.call(method, "li", **{**fields, "etag": etag, **changes})
        except Refused as refusal:
            return refusal
        return None

    def _versions(self) -> dict[str, int]:
        entries = self.app.reads.log.entries.read(after=0, limit=1_000)
        return {entry.stream: entry.version for entry in entries}


def some(field: FieldDescriptor, name: str, desk: FrontDesk) -> Any:
    """A valid value for a field of a request about the named document."""
    if field.is_repeated:
        return []
    if field.cpp_type == field.CPPTYPE_BOOL:
        return False
    if field.enum_type is not None:
        return 1
    if field.message_type is not None and field.message_type.name not in PLAIN:
        inside = field.message_type.fields_by_name
        return {name: desk.name("dealers/D01") if name == "dealer" else "X-1"
                for name in inside.keys() & {"dealer", "text"}}  # fmt: skip
    if field.message_type is not None:
        part = {"part": desk.name("parts/P-1"), "quantity": 1}
        terms = {"name": name, "title": "长沙", "currency": "CNY", "payment_days": 30}
        dealer, sold_on = desk.name("dealers/D01"), day("2025-01-01")
        return {
            "Occurrence": on("2025-08-01"), "PartQuantity": part, "Money": cny(1),
            "Date": day("2025-08-01"), "Dealer": terms, "Supplier": terms,
            "Part": {"name": name, "description": "泵", "part_class": 1},
            "Place": {"name": name, "description": "库", "kind": 1},
            "Machine": {"name": name, "model": "ZY16", "dealer": dealer, "sold_on": sold_on},
        }[field.message_type.name]  # fmt: skip
    texts = {"name": name, "to_place": desk.name("places/W02")}
    return 1 if field.cpp_type != field.CPPTYPE_STRING else texts.get(field.name, "X-1")


@pytest.fixture(scope="module")
def business(database_url: str) -> Iterator[Business]:
    with (
        new_book(database_url) as book,
        serving(database_url, book) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        desk = FrontDesk(channel, book)
        desk.open_for_business(MAKER)
        for kind in every_kind(desk):
            for request in kind.requests:
                desk.call(kind.single, **request)
        supplier = {"title": "长沙", "currency": "CNY", "payment_days": 30}
        desk.call("Supplier.CreateSupplier", supplier_id="S01", supplier=supplier)
        dealer, issued = desk.name("dealers/D01"), on("2025-08-01")
        desk.call("Settlement.IssueStatement", parent=dealer, month="2025-07", occurrence=issued)
        yield Business(app, desk)


def test_there_are_as_many_as_the_schema_has() -> None:
    """Control: tests of an empty list would pass, too."""
    assert len(TAKE_ETAGS) >= 22
    assert {resource_of(method).kind.KIND for method in TAKE_ETAGS} >= {
        "parts", "transfers", "claims", "returns", "settlements",
    }  # fmt: skip


@EACH
@pytest.mark.parametrize("stale", ["99", "0", "01", "x"])
def test_a_stale_etag_is_refused_and_nothing_recorded(
    business: Business, method: str, stale: str
) -> None:
    before = size(business.app)

    refusal = business.sent(method, stale)

    assert refusal is not None
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    key = business.stream(method).partition("/")[2]
    assert refusal.facts == {"key": key, "etag": stale, "current": business.etag(method)}
    assert size(business.app) == before


@EACH
def test_the_right_etag_is_taken_and_so_is_none(business: Business, method: str) -> None:
    """Other rules may still refuse the command."""
    for etag in (business.etag(method), ""):
        refusal = business.sent(method, etag)
        assert refusal is None or refusal.reason != "ETAG_MISMATCH"


@EACH
def test_where_there_is_no_such_document_its_etag_does_not_matter(
    business: Business, method: str
) -> None:
    key = "D01/2025-01" if "/" in business.stream(method).partition("/")[2] else "NONE"

    refusal = business.sent(method, "99", key)

    assert refusal is not None
    assert refusal.reason == "NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "amount"),
    [
        ("Claim.AdjudicateClaim", {"decisions": [{"item": 1, "approved": usd(1)}]}),
        ("Settlement.ResolveDispute", {"memo": usd(1)}),
    ],
)
def test_a_stale_etag_is_told_before_a_wrong_currency(
    business: Business, method: str, amount: dict[str, Any]
) -> None:
    stale = business.sent(method, "99", **amount)
    right = business.sent(method, business.etag(method), **amount)

    assert stale is not None
    assert right is not None
    assert (stale.reason, right.reason) == ("ETAG_MISMATCH", "WRONG_CURRENCY")
