"""Entries are found by the number of a document or a paper, and by their request."""

from typing import Any
from uuid import uuid4

import pytest

from server.app import App
from tests.server.api.reading.front_desk import FrontDesk, Refused


@pytest.fixture
def shop(desk: FrontDesk) -> FrontDesk:
    desk.open_for_business()
    desk.trade()
    return desk


def everything(desk: FrontDesk, **asked: Any) -> list[Any]:
    pages = desk.pages("Entry.ListEntries", **{"page_size": 2, **asked})
    return [entry for page in pages for entry in page.entries]


def positions(desk: FrontDesk, **asked: Any) -> list[int]:
    return [entry.position for entry in everything(desk, **asked)]


def recorded(receipt: Any) -> list[int]:
    return list(range(receipt.first_position, receipt.last_position + 1))


def test_a_number_finds_steps_and_what_they_did_to_stock_and_accounts(shop: FrontDesk) -> None:
    receipt = shop.sell("S-3", "2025-07-20", "P-1", 1).receipt

    found = everything(shop, document="S-3")

    assert [entry.position for entry in found] == recorded(receipt)
    assert {entry.stream for entry in found} == {"sales/S-3", "stock/W01/P-1", "accounts/D01"}
    assert positions(shop, document="INV-S-3") == recorded(receipt), "the paper it names"
    assert positions(shop, document="S-4") == positions(shop, document="inv-s-3") == []


def test_all_steps_of_a_document_are_found_by_its_number(shop: FrontDesk) -> None:
    shop.request_transfer("T-1", "2025-07-16", "P-1", 2)
    shop.dispatch("T-1", "2025-07-16")
    shop.receive("T-1", "2025-07-17", "P-1", 2)

    streams = [entry.stream for entry in everything(shop, document="T-1")]

    assert streams.count("transfers/T-1") == 4
    assert "stock/W02/P-1" in streams


def test_a_number_is_found_in_every_collection_that_has_it(shop: FrontDesk) -> None:
    shop.add_part("S-1")

    streams = {entry.stream for entry in everything(shop, document="S-1")}

    assert {"parts/S-1", "sales/S-1"} <= streams


def test_pages_of_a_document_are_of_one_position(shop: FrontDesk) -> None:
    first = shop.request_transfer("T-1", "2025-07-16", "P-1", 2).receipt
    seen: list[int] = []
    for page in shop.pages("Entry.ListEntries", document="T-1", page_size=1):
        seen += [entry.position for entry in page.entries]
        if len(seen) == 1:
            shop.dispatch("T-1", "2025-07-16")

    assert seen == recorded(first)
    assert len(positions(shop, document="T-1")) > 1  # The control: there is more by now.
    then = positions(shop, document="T-1", as_of_position=first.last_position)
    assert then == recorded(first)


def test_other_filters_narrow_what_a_number_finds(shop: FrontDesk) -> None:
    [entry] = everything(shop, document="S-1", filter={"stream_prefix": "accounts/"})

    assert (entry.stream, entry.document) == ("accounts/D01", "INV-S-1")
    assert positions(shop, document="S-1", filter={"actor": "nobody"}) == []


def test_without_its_row_in_the_views_a_document_is_not_found(app: App, shop: FrontDesk) -> None:
    """The control: it is they that find it."""
    assert positions(shop, document="S-1")
    with app.reads.connect() as connection, connection.cursor() as c:
        lost = f"DELETE FROM views_of_{app.reads.schema}.document_steps WHERE key = 'S-1'"
        c.execute(lost)

    assert positions(shop, document="S-1") == positions(shop, document="INV-S-1") == []


def test_a_request_has_what_was_recorded_under_it(shop: FrontDesk) -> None:
    receipt = shop.sell("S-3", "2025-07-20", "P-1", 1).receipt
    [request_id] = {entry.request_id for entry in everything(shop, document="S-3")}

    assert positions(shop, of_request=request_id) == recorded(receipt)
    assert positions(shop, of_request=request_id.upper()) == recorded(receipt)
    assert positions(shop, of_request=str(uuid4())) == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"document": "S-1", "of_request": str(uuid4())}, "of_request"),
        ({"of_request": "7"}, "of_request"),
        ({"document": "S-1\u200b"}, "document"),
        ({"document": "S-1", "filter": {"party": "dealers/D01"}}, "filter.party"),
    ],
)
def test_what_does_not_go_together_is_refused(
    desk: FrontDesk, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        everything(desk, **asked)

    assert refused.value.reason == "INVALID_VALUE"
    assert refused.value.facts["field"] == field
