"""Batches on a real socket: all or none, the refused one named, and the same as one by one."""

import threading
from datetime import date, timedelta
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest

from server.api.batches import MAX_REQUESTS
from server.api.resources import RESOURCES
from server.api.schema import response_to
from server.app import App
from tests.server.api.batch_desk import (
    MAKER,
    identified,
    part,
    price,
    sale,
)
from tests.server.api.methods import METHODS
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.conftest import size

SALES = "Sale.BatchCreateSales"
PARTS = "Part.BatchCreateParts"
PRICES = "Price.BatchSetPrices"


@pytest.fixture
def shop(desk: FrontDesk) -> FrontDesk:
    """Open for business, with 10 pieces of P-1 in stock."""
    desk.open_for_business(MAKER)
    desk.buy("B-0", "2025-07-01", "P-1", 10, 6)
    return desk


def refused(desk: FrontDesk, method: str, requests: list[Any], **fields: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        desk.call(method, requests=requests, **fields)
    return refusal.value


def field_at_fault(refusal: Refused) -> str:
    detail = BadRequest()
    assert refusal.details["BadRequest"].Unpack(detail)
    return str(detail.field_violations[0].field)


def test_a_batch_answers_each_request_in_order_with_its_own_receipt(
    app: App, shop: FrontDesk
) -> None:
    before = size(app)

    answer = shop.call(SALES, requests=[sale(shop, f"S-{n}", n) for n in (3, 1, 2)])

    assert [sold.name for sold in answer.sales] == [shop.name(f"sales/S-{n}") for n in (3, 1, 2)]
    for sold in answer.sales:
        assert shop.call("Sale.GetSale", name=sold.name).sale == sold
    spans = [(r.first_position, r.last_position) for r in answer.receipts]
    assert spans == [(before + 1, before + 3), (before + 4, before + 6), (before + 7, before + 9)]
    assert size(app) == before + 9


def test_one_refusal_leaves_nothing_of_the_batch(app: App, shop: FrontDesk) -> None:
    """3 + 4 + 4 of 10 pieces: the third is refused, and the first two did not happen."""
    before = size(app)
    requests = [sale(shop, f"S-{n}", quantity) for n, quantity in enumerate((3, 4, 4))]

    refusal = refused(shop, SALES, requests)

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION, "INSUFFICIENT_STOCK",
    )  # fmt: skip
    assert refusal.facts["index"] == "2"
    assert "requests[2]" in str(refusal)
    assert size(app) == before
    with pytest.raises(Refused, match="S-0"):
        shop.call("Sale.GetSale", name=shop.name("sales/S-0"))
    shop.call("Sale.CreateSale", **sale(shop, "S-9", 10))  # All 10 are still there.


def test_without_the_refused_one_the_same_batch_is_recorded(app: App, shop: FrontDesk) -> None:
    """Control of the test above."""
    before = size(app)

    shop.call(SALES, requests=[sale(shop, f"S-{n}", q) for n, q in enumerate((3, 4))])

    assert size(app) > before
    with pytest.raises(Refused) as refusal:
        shop.call("Sale.CreateSale", **sale(shop, "S-9", 10))
    assert refusal.value.reason == "INSUFFICIENT_STOCK"


def test_a_field_at_fault_is_named_with_its_index(app: App, shop: FrontDesk) -> None:
    before = size(app)

    refusal = refused(shop, SALES, [sale(shop, "S-1", 1), sale(shop, "S-2", -3)])

    assert refusal.reason == "INVALID_VALUE"
    assert field_at_fault(refusal) == "requests[1].sale.lines[0].quantity"
    assert refusal.facts["field"] == "requests[1].sale.lines[0].quantity"
    assert (refusal.facts["index"], refusal.facts["value"]) == ("1", "-3")
    assert size(app) == before


def test_no_requests_and_more_than_a_thousand_are_refused(app: App, shop: FrontDesk) -> None:
    before = size(app)
    parts = [part(f"A-{n}") for n in range(MAX_REQUESTS + 1)]

    for requests in ([], parts):
        refusal = refused(shop, PARTS, requests)
        assert (refusal.reason, field_at_fault(refusal)) == ("INVALID_VALUE", "requests")
        assert refusal.facts["value"] == str(len(requests))
        assert "index" not in refusal.facts
    assert size(app) == before

    answer = shop.call(PARTS, requests=parts[:MAX_REQUESTS])
    assert len(answer.parts) == len(answer.receipts) == MAX_REQUESTS
    assert size(app) == before + MAX_REQUESTS


def test_a_number_twice_in_a_batch_is_taken_the_second_time(app: App, shop: FrontDesk) -> None:
    before = size(app)
    again = identified({**part("A-1"), "parent": shop.parent})  # Under an id of its own.

    refusal = refused(shop, PARTS, [part("A-0"), part("A-1"), again])

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS")
    assert (refusal.facts["index"], refusal.facts["key"]) == ("2", "A-1")
    assert size(app) == before


def test_two_requests_of_a_batch_under_one_id_are_refused(app: App, shop: FrontDesk) -> None:
    before = size(app)

    for second in (part("A-1"), {**part("A-2"), "request_id": part("A-1")["request_id"]}):
        refusal = refused(shop, PARTS, [part("A-1"), second])
        assert (refusal.reason, refusal.facts["index"]) == ("REQUEST_ID_REUSED", "1")
    assert size(app) == before


def test_a_request_without_an_id_is_named(shop: FrontDesk) -> None:
    refusal = refused(shop, PARTS, [part("A-1"), {**part("A-2"), "request_id": ""}])

    assert field_at_fault(refusal) == "requests[1].request_id"


def test_a_repeated_batch_gets_the_first_answer_whatever_has_changed_since(
    app: App, shop: FrontDesk
) -> None:
    """Twice the price of one part in a batch: each answer shows the versions of its time."""
    again = price(shop, "P-1", 12, from_day="2024-01-03")
    requests = [price(shop, "P-1", 11), price(shop, "P-2", 60), again]
    parent = shop.name("priceLists/settlement-CNY")
    first = shop.call(PRICES, requests=requests, parent=parent)
    shop.call("Price.SetPrice", **price(shop, "P-2", 61, from_day="2024-01-03"))
    before = size(app)

    assert shop.call(PRICES, requests=requests, parent=parent) == first
    assert [found.etag for found in first.prices] == ["2", "2", "3"]
    assert size(app) == before


def test_of_a_batch_recorded_in_part_only_the_rest_is_decided(app: App, shop: FrontDesk) -> None:
    requests = [part(f"A-{n}") for n in range(4)]
    alone = shop.call("Part.CreatePart", **requests[2])
    together = shop.call(PARTS, requests=requests[:1])
    before = size(app)

    answer = shop.call(PARTS, requests=requests)

    assert [p.name for p in answer.parts] == [shop.name(f"parts/A-{n}") for n in range(4)]
    assert (answer.receipts[0], answer.receipts[2]) == (together.receipts[0], alone.receipt)
    assert size(app) == before + 2
    assert shop.call("Part.CreatePart", **requests[1]).receipt == answer.receipts[1]


def test_of_a_batch_recorded_in_part_nothing_new_is_kept_if_one_is_refused(
    app: App, shop: FrontDesk
) -> None:
    shop.call("Part.CreatePart", **part("A-0"))
    before = size(app)

    refusal = refused(shop, PARTS, [part("A-0"), part("A-1"), {**part("A-2"), "part_id": "P-1"}])

    assert (refusal.reason, refusal.facts["index"]) == ("KNOWN_OTHERWISE", "2")
    assert size(app) == before


def test_another_payload_under_a_used_id_refuses_the_batch(app: App, shop: FrontDesk) -> None:
    shop.call(PARTS, requests=[part("A-0")])
    before = size(app)

    changed = {**part("A-1"), "request_id": part("A-0")["request_id"]}
    refusal = refused(shop, PARTS, [part("A-2"), changed])

    assert (refusal.reason, refusal.facts["index"]) == ("REQUEST_ID_REUSED", "1")
    assert size(app) == before


def test_every_request_is_of_the_parent_of_the_batch(app: App, shop: FrontDesk) -> None:
    before = size(app)

    refusal = refused(shop, PARTS, [part("A-0"), {**part("A-1"), "parent": "books/other"}])
    assert field_at_fault(refusal) == "requests[1].parent"
    for parent in ("", "books", "books/-"):
        refusal = refused(shop, PARTS, [part("A-0")], parent=parent)
        assert field_at_fault(refusal) == "parent"
    refusal = refused(shop, PARTS, [part("A-0")], parent="books/other")
    assert refusal.reason == "BOOK_UNKNOWN"
    assert size(app) == before


def test_a_price_is_on_the_list_of_the_batch_or_on_any(app: App, shop: FrontDesk) -> None:
    requests = [price(shop, "P-1", 11), price(shop, "P-1", 12, "guide-CNY")]

    refusal = refused(shop, PRICES, requests, parent=shop.name("priceLists/settlement-CNY"))
    assert field_at_fault(refusal) == "requests[1].name"
    refusal = refused(shop, PRICES, requests, parent="books/other/priceLists/-")
    assert field_at_fault(refusal) == "requests[0].name"

    refusal = refused(shop, PRICES, requests, parent=shop.name("priceLists/-"))
    assert (refusal.reason, refusal.facts["index"]) == ("NOT_FOUND", "1")  # There is no such list.
    answer = shop.call(PRICES, requests=requests[:1], parent=shop.name("priceLists/-"))
    assert len(answer.prices) == 1


def test_a_batch_beyond_the_size_of_a_message_is_refused(app: App, shop: FrontDesk) -> None:
    before = size(app)
    long = {**part("A-0")["part"], "description": "x" * 500}
    parts = [identified({"part_id": f"A-{n}" + "x" * 50, "part": long}) for n in range(8_000)]

    refusal = refused(shop, PARTS, parts)

    assert refusal.reason == "MESSAGE_TOO_LARGE"
    assert size(app) == before


def test_a_batch_whose_answer_would_not_arrive_is_refused(app: App, shop: FrontDesk) -> None:
    """Each answer to a price shows all versions of it."""
    first = date(2024, 2, 1)
    prices = [
        price(shop, "P-1", 10 + number, from_day=str(first + timedelta(number)))
        for number in range(700)
    ]
    before = size(app)

    refusal = refused(shop, PRICES, prices, parent=shop.name("priceLists/-"))

    index = int(refusal.facts["index"])
    assert (refusal.reason, field_at_fault(refusal)) == (
        "INVALID_VALUE", f"requests[{index}].answer",
    )  # fmt: skip
    assert refusal.facts["rule"] == (
        "must be at most 3,145,728 in a batch: send the rest in another one"
    )
    assert size(app) == before

    # The control: one fewer arrives at a client that has set no limit.
    answer = shop.call(PRICES, requests=prices[:index], parent=shop.name("priceLists/-"))
    assert len(answer.prices) == index
    assert 3_000_000 < answer.ByteSize() < 4 * 1024 * 1024
    assert size(app) == before + index


def test_batches_of_many_callers_never_sell_in_part(app: App, shop: FrontDesk) -> None:
    """Six callers want 3 pieces each, in batches of three, and of the 10 pieces one goes alone."""
    sold, failed = [], []

    def call(caller: int) -> None:
        requests = [sale(shop, f"S-{caller}-{n}", 1) for n in range(3)]
        try:
            shop.call(SALES, actor=f"caller-{caller}", requests=requests)
            sold.append(caller)
        except Refused as refusal:
            failed.append(refusal.reason)

    shop.call("Sale.CreateSale", **sale(shop, "S-0", 1))
    callers = [threading.Thread(target=call, args=(caller,)) for caller in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)

    assert (len(sold), failed) == (3, ["INSUFFICIENT_STOCK"] * 3)
    streams = {e.stream for e in app.reads.log.entries.read(after=0, limit=1_000)}
    assert {s for s in streams if s.startswith("sales/")} == {
        "sales/S-0", *(f"sales/S-{caller}-{n}" for caller in sold for n in range(3)),
    }  # fmt: skip


def batch_methods() -> list[Any]:
    return [method for method in METHODS.values() if method.name.startswith("Batch")]


def test_every_batch_of_the_schema_lists_what_its_single_request_answers() -> None:
    single = {kind.DESCRIPTOR.full_name for kind in RESOURCES.mutations}
    known = {
        batch.DESCRIPTOR.full_name: response_to(batch.DESCRIPTOR).kind.DESCRIPTOR
        for batch in RESOURCES.batches
    }

    assert len(batch_methods()) == len(known) == 10
    for method in batch_methods():
        assert known[method.input_type.full_name] is method.output_type
        request = method.input_type.fields_by_name["requests"].message_type
        assert request.full_name in single
        alone = method.containing_service.methods_by_name[
            request.name.removesuffix("Request")
        ].output_type
        resource, listed = alone.fields_by_number[1], method.output_type.fields_by_number[1]
        assert (listed.is_repeated, listed.message_type) == (True, resource.message_type)
        assert method.output_type.fields_by_number[15].name == "receipts"
