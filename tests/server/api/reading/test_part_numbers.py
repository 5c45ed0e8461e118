"""Parts with numbers as catalogues write them live as others do, over the whole of the API."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import grpc
import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings

from tests.conftest import new_book
from tests.on_the_wire import day, in_name, on
from tests.part_numbers import NO_NUMBERS, PART_NUMBERS
from tests.server.api import documents
from tests.server.api.batch_desk import identified, part, price
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.conftest import serving
from tests.small_maker import CataloguePart, SmallMaker, SoldMachine, policy

PLAIN: Final = ("P-1", "P-2")
ODD: Final = ("6204-2RS/C3", "M8 x 25+#1")
_ITS_OWN: Final = re.compile(r'"(\w+Time|requestId|leafHash|previousHash|salt|state)": "[^"]+"')


def maker(first: str, second: str) -> SmallMaker:
    return SmallMaker(
        custody_rooms=("R01",),
        parts={first: CataloguePart(1999), second: CataloguePart(50)},
        policies={"ZY16": policy(return_days=30)},
        machines={"S-1": SoldMachine("ZY16", "D01", date(2025, 1, 1), "U-1")},
    )


class Trading(FrontDesk):
    """A desk, the numbers of the two parts that it trades in, and how far its log goes."""

    def __init__(self, channel: grpc.Channel, book: str, parts: tuple[str, str]) -> None:
        super().__init__(channel, book)
        self.first, self.second = parts
        self.last = 0

    def part(self, number: str) -> str:
        return self.name(f"parts/{in_name(number)}")

    def live(self) -> None:
        """Bought, moved, sold, claimed, sent back and restocked."""
        self.open_for_business(maker(self.first, self.second))
        for number, of in enumerate((self.first, self.second, self.first), start=1):
            self.buy(f"B-{number}", f"2025-0{number}-01", of, 10, 6 + number)
        self.request_transfer("T-1", "2025-07-01", self.first, 6)
        self.dispatch("T-1", "2025-07-01")
        self.receive("T-1", "2025-07-02", self.first, 4)
        [line] = documents.lines(self.parent, self.first, 1)
        self.call("Transfer.RecordDiscrepancy", name=self.name("transfers/T-1"), line=line,
                  cause="DISCREPANCY_CAUSE_SHORT", occurrence=on("2025-07-03"))  # fmt: skip
        self.sell("S-1", "2025-07-04", self.first, 7)
        self.sell("S-2", "2025-07-05", self.second, 2, "D02")
        self._claim()
        self._good_return()
        self.last = self.call("View.GetViewStatus").head_position

    def _claim(self) -> None:
        form = documents.claim(self.parent, part=self.first)
        self.call("Claim.CreateClaim", claim_id="C-1", claim=form, occurrence=on("2025-07-12"))
        decisions = [
            {"item": number, "approved": item["claimed"]}
            for number, item in enumerate(form["items"], start=1)
        ]
        self.call("Claim.AdjudicateClaim", actor="li", name=self.name("claims/C-1"),
                  decisions=decisions, occurrence=on("2025-07-13"))  # fmt: skip
        self._return("R-1", claim=self.name("claims/C-1"), part=self.part(self.first))
        then: dict[str, Any] = {"name": self.name("returns/R-1"), "occurrence": on("2025-07-16")}
        self.call("Return.InspectReturn", finding="FINDING_CONFIRMED", **then)
        self.call("Return.DisposeReturn", disposal="DISPOSAL_SCRAP", **then)

    def _good_return(self) -> None:
        self._return("R-2", sale=self.name("sales/S-2"), part=self.part(self.second))
        then: dict[str, Any] = {"name": self.name("returns/R-2"), "occurrence": on("2025-07-16")}
        self.call("Return.InspectReturn", finding="FINDING_NO_FAULT_FOUND", **then)
        self.call("Return.DisposeReturn", disposal="DISPOSAL_RESTOCK",
                  to_place=self.name("places/W02"), **then)  # fmt: skip

    def _return(self, number: str, **parcel: str) -> None:
        wanted = {**parcel, "quantity": 1, "to_place": self.name("places/R01")}
        self.call("Return.CreateReturn", return_id=number, parts_return=wanted,
                  occurrence=on("2025-07-14"))  # fmt: skip
        then: dict[str, Any] = {
            "name": self.name(f"returns/{number}"),
            "occurrence": on("2025-07-15"),
        }
        self.call("Return.ShipReturn", **then)
        self.call("Return.ReceiveReturn", **then)

    def told(self, method: str, **fields: Any) -> str:
        """What all pages say, as if the parts had plain numbers; not what is of one log only."""
        pages = [self.call(method, **fields)]
        while token := getattr(pages[-1], "next_page_token", ""):
            pages.append(self.call(method, **fields, page_token=token))
            pages[-2].ClearField("next_page_token")
        return self.plainly("\n".join(map(json_format.MessageToJson, pages)))

    def plainly(self, said: str) -> str:
        for number, plain in zip((self.first, self.second), PLAIN, strict=True):
            said = said.replace(in_name(number), plain).replace(number, plain)
        return _ITS_OWN.sub("", said.replace(self.book, "BOOK"))


@pytest.fixture(scope="module")
def desks(database_url: str) -> Iterator[tuple[Trading, Trading]]:
    """The same life with plain numbers and with odd ones."""
    with (
        new_book(database_url) as one, serving(database_url, one) as first,
        new_book(database_url) as other, serving(database_url, other) as second,
        grpc.insecure_channel(first.address) as to_first,
        grpc.insecure_channel(second.address) as to_second,
    ):  # fmt: skip
        found = Trading(to_first, one, PLAIN), Trading(to_second, other, ODD)
        for desk in found:
            desk.live()
        yield found


@pytest.fixture(scope="module")
def odd(desks: tuple[Trading, Trading]) -> Trading:
    return desks[1]


def logged(desk: Trading) -> list[tuple[str, ...]]:
    entries = [e for page in desk.pages("Entry.ListEntries", page_size=1_000) for e in page.entries]
    return [
        (desk.plainly(e.stream), e.topic, desk.plainly(e.state.decode()), e.caused_by)
        for e in entries
    ]


def test_the_log_of_such_parts_is_that_of_plain_ones_but_for_the_numbers(
    desks: tuple[Trading, Trading],
) -> None:
    plain, odd = map(logged, desks)
    found = {stream for stream, *_ in odd}

    assert odd == plain
    assert {"parts/P-1", "stock/W01/P-1", "listed-prices/settlement-CNY/P-1"} <= found


READS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("Part.ListParts", {"page_size": 1}),
    ("Part.GetPart", {"name": "BOOK/parts/FIRST"}),
    ("Price.ListPrices", {"parent": "BOOK/priceLists/settlement-CNY", "page_size": 1}),
    ("Price.ListPrices", {"parent": "BOOK/priceLists/-"}),
    ("Price.GetPrice", {"name": "BOOK/priceLists/settlement-CNY/prices/SECOND"}),
    ("Stock.GetStockItem", {"name": "BOOK/places/W01/stock/FIRST"}),
    ("Stock.ListStockItems", {"parent": "BOOK/places/-", "page_size": 1}),
    ("Stock.ListStockItems", {"parent": "BOOK/places/W01"}),
    ("Stock.ListStockItems", {"parent": "BOOK/places/-", "part": "BOOK/parts/FIRST"}),
    ("Stock.ListStockItems", {"parent": "BOOK/places/-", "as_of_date": day("2025-07-03")}),
    ("Stock.ListStockCardLines", {"parent": "BOOK/parts/FIRST", "page_size": 2}),
    ("Stock.ListStockCardLines", {"parent": "BOOK/parts/FIRST", "place": "BOOK/places/W02"}),
    ("Ageing.GetInventoryAgeing", {"by_part": True, "page_size": 1}),
    ("Ageing.GetInventoryAgeing", {"parts": ["BOOK/parts/SECOND"], "by_part": True}),
    ("Explanation.Explain", {"stock": {"place": "BOOK/places/W01", "part": "BOOK/parts/FIRST"}}),
    ("Explanation.Explain", {"stock": {"place": "BOOK/places/W02"}}),
    ("Explanation.Explain", {"open_item": {"dealer": "BOOK/dealers/D01", "item": "sales/S-1"}}),
    ("Explanation.Explain", {"open_item": {"dealer": "BOOK/dealers/D01", "item": "claims/C-1"}}),
    ("Explanation.Explain", {"balance": {"account": "1405", "party": "places/W02"}}),
    ("Entry.ListEntries", {"filter": {"resource": "BOOK/places/W01/stock/FIRST"}}),
    ("Entry.ListEntries", {"filter": {"resource": "BOOK/priceLists/settlement-CNY/prices/FIRST"}}),
    ("Entry.ListEntries", {"filter": {"stream": "stock/W01/RAW"}}),
    ("Entry.ListEntries", {"filter": {"stream_prefix": "stock/W01/"}}),
    ("Entry.ListEntries", {"caused_by": "transfers/T-1"}),
    ("Entry.ListEntries", {"document": "RAW"}),
    ("Sale.ListSales", {}), ("Claim.ListClaims", {}), ("Return.ListReturns", {}),
    ("Transfer.ListTransfers", {}), ("Purchase.ListPurchases", {}),
    ("Statement.GetTrialBalance", {"by_party": True}),
    ("Statement.GetStatement", {"name": "BOOK/dealers/D01/statements/2025-07"}),
]  # fmt: skip


def filled(desk: Trading, fields: dict[str, Any]) -> dict[str, Any]:
    """A request with the book and the parts of a desk."""
    said = json.dumps(fields).replace("BOOK", desk.parent).replace("RAW", desk.first)
    said = said.replace("FIRST", in_name(desk.first)).replace("SECOND", in_name(desk.second))
    return dict(json.loads(said))


@pytest.mark.parametrize(("method", "fields"), READS, ids=lambda each: str(each)[:70])
def test_all_that_is_read_of_them_is_that_of_plain_ones_but_for_the_numbers(
    desks: tuple[Trading, Trading], method: str, fields: dict[str, Any]
) -> None:
    plain, odd = (
        desk.told(method, **filled(desk, fields), min_position=desk.last) for desk in desks
    )

    assert odd == plain
    assert "P-" in odd or "W0" in odd or "D0" in odd


def test_what_is_answered_has_the_number_escaped_in_names_and_plain_in_streams(
    odd: Trading,
) -> None:
    name = odd.name("parts/6204-2RS%2FC3")
    item = odd.name("places/W01/stock/6204-2RS%2FC3")

    assert odd.call("Part.GetPart", name=name).part.name == name
    found = odd.call("Stock.GetStockItem", name=item).stock_item
    assert (found.name, found.part) == (item, name)
    price_name = odd.name("priceLists/settlement-CNY/prices/M8%20x%2025%2B%231")
    listed = odd.call("Price.GetPrice", name=price_name).price
    assert (listed.name, listed.part) == (price_name, odd.name("parts/M8%20x%2025%2B%231"))
    [*_, last] = odd.call("Entry.ListEntries", filter={"resource": item}).entries
    assert last.stream == "stock/W01/6204-2RS/C3"
    assert {moved.part for moved in last.movements} == {name}


@pytest.mark.parametrize("written", ["6204-2RS%2fC3", "%36204-2RS%2FC3", "6204%2D2RS%2FC3"])
def test_a_request_may_escape_otherwise_and_is_answered_alike(odd: Trading, written: str) -> None:
    answer = odd.call("Part.GetPart", name=odd.name(f"parts/{written}"))

    assert answer.part.name == odd.name("parts/6204-2RS%2FC3")
    assert odd.call("Part.GetPart", name=odd.name("parts/M8 x 25+#1")).part.name == odd.name(
        "parts/M8%20x%2025%2B%231"
    )


@pytest.mark.parametrize("number", ["6204%2", "6204%zz", "6204%FF", "6204%252F"])
def test_a_wrong_escape_is_refused_by_field_value_and_rule(odd: Trading, number: str) -> None:
    with pytest.raises(Refused) as refusal:
        odd.call("Part.GetPart", name=odd.name(f"parts/{number}"))

    assert (refusal.value.code, refusal.value.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT, "INVALID_VALUE",
    )  # fmt: skip
    assert (refusal.value.facts["field"], refusal.value.facts["value"]) == ("name", number)
    assert refusal.value.facts["rule"].startswith("must hold a % only where it escapes")


def test_a_part_is_not_taken_for_another_with_one_more_or_less_of_a_number(odd: Trading) -> None:
    for number in ("6204-2RS", "C3", "6204-2RS/", "6204-2RS/C3/C3", "M8", "M8 x 25"):
        with pytest.raises(Refused) as refusal:
            odd.call("Part.GetPart", name=odd.part(number))
        assert refusal.value.reason in ("NOT_FOUND", "INVALID_VALUE"), number
    with pytest.raises(Refused, match="with %2F for a slash in the part's number"):
        odd.call("Part.GetPart", name=odd.name("parts/6204-2RS/C3"))


@pytest.mark.parametrize(("number", "rule"), NO_NUMBERS, ids=lambda each: repr(each)[:24])
def test_what_is_no_number_is_refused_by_field_value_and_rule(
    odd: Trading, number: str, rule: str
) -> None:
    with pytest.raises(Refused) as refusal:
        odd.add_part(number)

    assert refusal.value.reason == "INVALID_VALUE"
    assert refusal.value.facts["field"] == "part_id"
    assert refusal.value.facts["rule"].startswith(rule)


def test_such_parts_come_in_batches_and_their_prices_too(desk: FrontDesk) -> None:
    numbers = ["A/1", "A/1/1", "A 1", "A+1", "#1", "settlement-CNY/1"]
    desk.open_for_business()
    parts = desk.call("Part.BatchCreateParts", requests=[part(number) for number in numbers])
    requests = [price(desk, in_name(number), 12) for number in numbers]
    parent = desk.name("priceLists/settlement-CNY")
    priced = desk.call("Price.BatchSetPrices", requests=requests, parent=parent)

    names = [desk.name(f"parts/{in_name(number)}") for number in numbers]
    assert [each.name for each in parts.parts] == names
    assert [each.part for each in priced.prices] == names
    with pytest.raises(Refused, match="must be on"):
        desk.call("Price.BatchSetPrices", requests=requests, parent=f"{parent}-1")
    assert desk.call("Price.BatchSetPrices", requests=requests, parent=parent) == priced


def test_what_a_repeated_part_says_otherwise_is_told_by_its_number(desk: FrontDesk) -> None:
    desk.open_for_business(maker(*ODD))
    desk.buy("B-1", "2025-01-01", ODD[0], 10, 6)
    sold = documents.sale(desk.parent, "S-1", "2025-07-01", ODD[0], 1)
    desk.call("Sale.CreateSale", **identified(sold))
    changed = documents.sale(desk.parent, "S-1", "2025-07-01", ODD[1], 1)
    again = {**changed, "request_id": identified(sold)["request_id"]}

    with pytest.raises(Refused, match=r"part was 6204-2RS/C3, is now M8 x 25\+#1"):
        desk.call("Sale.CreateSale", **again)


@pytest.fixture
def catalogue(desk: FrontDesk) -> FrontDesk:
    desk.open_for_business()
    return desk


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PART_NUMBERS)
def test_every_number_goes_through_the_api(catalogue: FrontDesk, number: str) -> None:
    desk, name = catalogue, catalogue.name(f"parts/{in_name(number)}")
    revised = {
        "name": name,
        "part_class": "PART_CLASS_STANDARD",
        "serviceable": True,
        "description": number,
    }
    last = desk.call(
        "Part.RevisePart", part=revised, allow_missing=True, effective_from=day("2025-01-01"),
        request_id=identified(revised)["request_id"],
    ).receipt.last_position  # fmt: skip
    set_price = price(desk, in_name(number), 3)
    desk.call("Price.SetPrice", **set_price)

    assert desk.call("Part.GetPart", name=name).part.name == name
    listed = [
        each.name
        for page in desk.pages("Part.ListParts", page_size=7, min_position=last)
        for each in page.parts
    ]
    assert listed.count(name) == 1
    assert desk.call("Price.GetPrice", name=set_price["name"]).price.part == name
    [*_, entry] = desk.call("Entry.ListEntries", filter={"resource": name}).entries
    assert entry.stream == f"parts/{number}"
    found = desk.call("Entry.ListEntries", document=number, min_position=last).entries
    assert f"parts/{number}" in {each.stream for each in found}
