"""Lists of documents: whole, in order, and of one moment, whatever is written meanwhile."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from server.api import paging
from tests.on_the_wire import day, on, usd
from tests.server.api.reading.front_desk import FrontDesk, Refused


@pytest.fixture
def shop(desk: FrontDesk) -> FrontDesk:
    desk.open_for_business()
    return desk


def keys(messages: Any) -> list[str]:
    return [message.name.rpartition("/")[2] for message in messages]


def test_pages_together_are_the_list_although_documents_come_and_change(shop: FrontDesk) -> None:
    numbers = [f"P-{n}" for n in range(100, 107)]
    for number in numbers:
        shop.add_part(number)
    last = shop.call("Part.GetPart", name=shop.name("parts/P-106")).as_of_position

    seen, pages = [], 0
    for page in shop.pages("Part.ListParts", page_size=2, min_position=last):
        assert page.as_of_position == last
        assert all(part.etag == "1" for part in page.parts)
        seen += keys(page.parts)
        pages += 1
        shop.add_part(f"P-10{pages}-new")  # Before and after where the list has got.
        shop.add_part(f"P-99{pages}")
        revised = {"name": shop.name("parts/P-105"), "description": "revised",
                   "part_class": "PART_CLASS_WEAR"}  # fmt: skip
        shop.call("Part.RevisePart", part=revised, effective_from=day(f"2025-01-0{pages}"))

    assert seen == ["P-1", *numbers, "P-2"]
    assert pages == 5
    now = shop.call("Part.ListParts", page_size=1_000, min_position=last + 15)
    assert len(now.parts) == len(seen) + 10  # The control: they were there to be seen.
    assert [part.etag for part in now.parts if part.name.endswith("P-105")] == ["6"]


def test_the_last_page_has_no_token_even_when_it_is_full(shop: FrontDesk) -> None:
    sizes = [len(page.parts) for page in shop.pages("Part.ListParts", page_size=1, min_position=12)]

    assert sizes == [1, 1]


def test_what_is_long_makes_short_pages(shop: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that a client would refuse is given in several, and nothing is left out."""

    def read() -> dict[str, list[list[Any]]]:
        asked = {"page_size": 100, "min_position": last}
        sold = shop.pages("Sale.ListSales", **asked)
        entered = shop.pages("Entry.ListEntries", filter={"stream_prefix": "accounts/"}, **asked)
        return {
            "sales": [list(p.sales) for p in sold],
            "entries": [list(p.entries) for p in entered],
        }

    shop.trade()
    for number in range(3, 12):
        last = shop.sell(f"S-{number}", "2025-07-20", "P-1", 1, "D01").receipt.last_position
    whole = read()
    monkeypatch.setattr(paging, "PAGE_BYTES", 1_000)
    cut = read()

    for kind, pages in whole.items():
        assert len(pages) == 1, "the control: by their number they fit on one"
        assert len(cut[kind]) > 3
        assert [each for page in cut[kind] for each in page] == pages[0]
        for page in cut[kind]:
            assert len(page) == 1 or sum(each.ByteSize() for each in page) <= 1_000


def test_a_list_stands_as_of_a_past_position_with_the_versions_of_then(shop: FrontDesk) -> None:
    before = shop.call("Part.GetPart", name=shop.name("parts/P-1")).as_of_position
    revised = {"name": shop.name("parts/P-1"), "description": "new",
               "part_class": "PART_CLASS_WEAR"}  # fmt: skip
    after = shop.call(
        "Part.RevisePart", part=revised, effective_from=day("2025-01-01")
    ).receipt.last_position

    then = shop.call("Part.ListParts", as_of_position=before)
    now = shop.call("Part.ListParts", min_position=after)

    assert [p.description for p in then.parts] == ["P-1", "P-2"]
    assert [p.description for p in now.parts] == ["new", "P-2"]
    assert (then.as_of_position, now.as_of_position) == (before, after)


def test_sales_are_listed_of_one_dealer_or_of_all(shop: FrontDesk) -> None:
    shop.buy("B-1", "2025-06-01", "P-1", 10, 6)
    shop.sell("S-1", "2025-07-01", "P-1", 1, "D01")
    shop.sell("S-2", "2025-07-01", "P-1", 2, "D02")
    last = shop.sell("S-3", "2025-07-02", "P-1", 3, "D01").receipt.last_position

    of_one = shop.call("Sale.ListSales", dealer=shop.name("dealers/D01"), min_position=last)
    of_all = shop.call("Sale.ListSales", min_position=last)
    of_none = shop.call("Sale.ListSales", dealer=shop.name("dealers/D99"), min_position=last)

    assert keys(of_one.sales) == ["S-1", "S-3"]
    assert keys(of_all.sales) == ["S-1", "S-2", "S-3"]
    assert keys(of_none.sales) == []
    assert of_one.sales[0] == shop.call("Sale.GetSale", name=shop.name("sales/S-1")).sale


def test_prices_are_listed_of_one_list_or_of_all(shop: FrontDesk) -> None:
    dollars = {"kind": "PRICE_LIST_KIND_SETTLEMENT", "currency": "USD", "vat_rate": {"value": "0"}}
    shop.call("Price.CreatePriceList", price_list=dollars)
    version = {"effective_from": day("2025-01-01"), "unit_price": usd(3)}
    name = shop.name("priceLists/settlement-USD/prices/P-2")
    last = shop.call("Price.SetPrice", name=name, version=version).receipt.last_position

    def listed(price_list: str) -> list[str]:
        pages = shop.pages(
            "Price.ListPrices",
            parent=shop.name(f"priceLists/{price_list}"), page_size=1, min_position=last,
        )  # fmt: skip
        return [price.name.partition("priceLists/")[2] for page in pages for price in page.prices]

    of_cny = ["settlement-CNY/prices/P-1", "settlement-CNY/prices/P-2"]
    assert listed("settlement-CNY") == of_cny
    assert listed("settlement-USD") == ["settlement-USD/prices/P-2"]
    assert listed("-") == [*of_cny, "settlement-USD/prices/P-2"]
    assert listed("settlement") == []


def test_transfers_are_listed_by_the_state_they_are_in(shop: FrontDesk) -> None:
    shop.buy("B-1", "2025-06-01", "P-1", 50, 6)
    for number in ("T-1", "T-2", "T-3", "T-4"):
        shop.request_transfer(number, "2025-06-02", "P-1", 10)
    for number in ("T-2", "T-3", "T-4"):
        shop.dispatch(number, "2025-06-03")
    shop.receive("T-3", "2025-06-04", "P-1", 4)
    last = shop.receive("T-4", "2025-06-04", "P-1", 10).receipt.last_position

    def listed(*states: str) -> list[str]:
        names = [f"TRANSFER_STATE_{state}" for state in states]
        page = shop.call("Transfer.ListTransfers", states=names, min_position=last)
        return keys(page.transfers)

    assert listed() == ["T-1", "T-2", "T-3", "T-4"]
    assert listed("REQUESTED") == ["T-1"]
    assert listed("IN_TRANSIT", "REQUESTED") == ["T-1", "T-2"]
    assert listed("PARTLY_RECEIVED") == ["T-3"]  # Its last fact is that of T-4,
    assert listed("RECEIVED") == ["T-4"]  # so the views alone could not tell them apart.
    assert listed("CLOSED") == []
    with pytest.raises(Refused) as refusal:
        listed("UNSPECIFIED")
    assert refusal.value.facts["field"] == "states[0]"


def test_settlements_are_listed_of_a_dealer_and_a_month(shop: FrontDesk) -> None:
    last = 0
    for dealer, month in (("D01", "2025-06"), ("D01", "2025-07"), ("D02", "2025-06")):
        parent = shop.name(f"dealers/{dealer}")
        issued = shop.call(
            "Settlement.IssueStatement", parent=parent, month=month, occurrence=on("2025-08-01")
        )
        last = issued.receipt.last_position

    def listed(dealer: str, **fields: Any) -> list[str]:
        pages = shop.pages(
            "Settlement.ListSettlements",
            parent=shop.name(f"dealers/{dealer}"), page_size=1, min_position=last, **fields,
        )  # fmt: skip
        return [s.name.partition("dealers/")[2] for page in pages for s in page.settlements]

    june = ["D01/settlements/2025-06", "D02/settlements/2025-06"]
    assert listed("-", month="2025-06") == june
    assert listed("D01") == [june[0], "D01/settlements/2025-07"]
    assert listed("D02", month="2025-07") == []
    assert listed("-", states=["SETTLEMENT_STATE_ISSUED"], month="2025-06") == june
    assert listed("-", states=["SETTLEMENT_STATE_CLOSED"]) == []


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"page_size": -1}, "INVALID_VALUE", "page_size"),
        ({"page_token": "no token"}, "PAGE_TOKEN_INVALID", "page_token"),
        ({"min_position": -1}, "INVALID_VALUE", "min_position"),
        ({"min_position": 10_000}, "INVALID_VALUE", "min_position"),
        ({"as_of_position": -1}, "INVALID_VALUE", "as_of_position"),
        ({"as_of_position": 10_000}, "INVALID_VALUE", "as_of_position"),
        ({"parent": "books"}, "INVALID_VALUE", "parent"),
        ({"parent": "books/elsewhere"}, "BOOK_UNKNOWN", None),
    ],
)
def test_a_list_request_that_makes_no_sense_is_refused(
    standing: FrontDesk, fields: dict[str, Any], reason: str, field: str | None
) -> None:
    listed = standing.call("Part.ListParts")  # The control: without it, it is answered.
    assert keys(listed.parts) == ["P-1", "P-2"]
    with pytest.raises(Refused) as refusal:
        standing.call("Part.ListParts", **fields)

    assert refusal.value.reason == reason
    assert refusal.value.facts.get("field") == field
    assert ("BadRequest" in refusal.value.details) == (field is not None)


REPORTS: Final[dict[str, tuple[dict[str, Any], Callable[[Any], Any], tuple[str, ...]]]] = {
    "Statement.GetStatement": (
        {"name": "dealers/D01/statements/2025-07"},
        lambda response: response.statement,
        ("lines", "open_items", "pending_claims"),
    ),
    "Statement.GetTrialBalance": ({"by_party": True}, lambda response: response, ("accounts",)),
    "Statement.GetReceivables": ({}, lambda response: response, ("receivables",)),
    "Ageing.GetInventoryAgeing": ({"by_part": True}, lambda response: response, ("rows",)),
}


@pytest.mark.parametrize("bytes_", [3 * 1024 * 1024, 200])
@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize("method", REPORTS)
def test_the_pages_of_a_report_together_are_the_report(
    shop: FrontDesk, method: str, size: int, bytes_: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In as many rows as are asked for, or as fit; whatever is recorded meanwhile."""
    fields, holder, names = REPORTS[method]
    asked: dict[str, Any] = {k: shop.name(v) if k == "name" else v for k, v in fields.items()}
    shop.trade()
    shop.buy("B-9", "2025-07-01", "P-2", 2, 40)
    last = shop.sell("S-9", "2025-07-20", "P-1", 1, "D01").receipt.last_position
    whole = shop.call(method, min_position=last, **asked)
    monkeypatch.setattr(paging, "PAGE_BYTES", bytes_)

    pages = []
    for number, page in enumerate(shop.pages(method, min_position=last, page_size=size, **asked)):
        pages.append(page)
        shop.sell(f"S-1{number}", "2025-07-21", "P-1", 1, "D01")
    assert whole.next_page_token == ""
    count = sum(len(getattr(holder(whole), name)) for name in names)
    assert len(pages) > 1 or not 0 < size < count, "the control: there is more than one"
    for name in names:
        together = [row for page in pages for row in getattr(holder(page), name)]
        assert together == list(getattr(holder(whole), name)), name
    for page in pages:
        rows = [row for name in names for row in getattr(holder(page), name)]
        assert not size or len(rows) <= size
        assert len(rows) == 1 or sum(row.ByteSize() for row in rows) <= bytes_
        for name in names:
            holder(page).ClearField(name)
        page.ClearField("next_page_token")
    for name in names:
        holder(whole).ClearField(name)
    assert all(page == whole for page in pages), "what is no row is on each page"
