"""A sale to a dealer at the price in force, and the shares of a line that comes back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.dealer_account import DealerAccount
from domain.errors import (
    AlreadyExists,
    DomainError,
    InsufficientStock,
    InvalidValue,
    NoPrice,
    NotFound,
    PartNotServiceable,
    PlaceNotAllowed,
    RestrictedPart,
)
from domain.layers import added, quantity_of
from domain.open_items import OpenBalance
from domain.parts_sale import PartsSale
from domain.price_list import PriceListKind
from domain.use_cases import base_data, returning, selling, transferring
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from tests.domain.desk import Desk, all_postings, d, kinds, layer, movements, on, only
from tests.domain.givens import (
    AT_D01,
    CORE,
    CUSTODY,
    FRAME,
    LIST,
    MAIN,
    NORTH,
    PUMP,
    SEAL,
    bought,
    dispatched,
    maker,
    sold,
    stocked_maker,
)


def test_a_sale_posts_the_receivable_the_revenue_the_tax_and_the_cost() -> None:
    desk = stocked_maker()
    facts = sold(desk, 12)
    taken = (layer(10, 1000, d(7, 1)), layer(2, 1200, d(7, 10)))
    net, tax, cost = 12 * 1999, 3118, 12_400  # 13 % of 239.88 is 31.1844.

    assert kinds(facts) == ["StockItem.Issued", "PartsSale.Sold", "DealerAccount.SaleInvoiced"]
    assert movements(facts[0]) == [(PUMP, MAIN, "@sold", taken)]
    assert all_postings(facts) == [
        ("1122", "dealers/D01", net + tax), ("1405", "places/W01", -cost),
        ("2221.pend", "", -tax), ("6001", "", -net), ("6401", "", cost),
    ]  # fmt: skip
    invoiced = only(facts, DealerAccount.SaleInvoiced)
    assert (invoiced.effective_on, invoiced.document) == (d(7, 15), "INV-1")
    assert desk.the(DealerAccount, "D01").items == {
        "sales/SA1": OpenBalance("1122", net + tax, due_on=d(8, 14), effective_on=d(7, 15))
    }
    [line] = desk.the(PartsSale, "SA1").lines.values()
    assert (line.unit_price_minor, line.net_minor, line.tax_minor) == (1999, net, tax)
    assert line.layers == taken


def test_each_line_rounds_its_tax_by_itself() -> None:
    desk = stocked_maker()
    bought(desk, 1, 1, on(7, 1), part=SEAL)
    desk.do(
        selling.sell_parts, number="SA1", occurrence=on(7, 15), dealer="D01", from_place=MAIN,
        lines=(WantedLine(PUMP, 1), WantedLine(SEAL, 1)),
    )  # fmt: skip

    lines = desk.the(PartsSale, "SA1").lines
    assert [lines[part].tax_minor for part in (PUMP, SEAL)] == [260, 20], "259.87 and 19.50"


def test_a_sale_from_consignment_takes_the_makers_stock_at_the_dealer() -> None:
    desk = stocked_maker()
    dispatched(desk, 2, AT_D01)
    desk.do(transferring.receive_transfer, number="T1", occurrence=on(7, 14))

    facts = sold(desk, 1, from_place=AT_D01)

    assert ("1406", "dealers/D01", -1000) in all_postings(facts)


def test_the_price_of_the_day_it_counts_is_taken() -> None:
    desk = stocked_maker()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=d(7, 16),
        unit_price_minor=2500,
    )  # fmt: skip
    sold(desk, 1, "SA1", on(7, 15))
    sold(desk, 1, "SA2", on(7, 16))

    assert [desk.the(PartsSale, n).lines[PUMP].net_minor for n in ("SA1", "SA2")] == [1999, 2500]


def dollar_list(desk: Desk) -> None:
    desk.do(
        base_data.open_price_list, kind=PriceListKind.SETTLEMENT, currency="USD",
        vat_rate=Decimal(0),
    )  # fmt: skip
    desk.do(
        base_data.set_price, price_list="settlement-USD", part=PUMP, effective_from=d(1, 1),
        unit_price_minor=300,
    )  # fmt: skip


def test_a_foreign_dealer_owes_its_currency_and_the_stock_leaves_in_the_books() -> None:
    desk = stocked_maker()
    dollar_list(desk)

    facts = sold(desk, 1, dealer="D03")

    assert {(p.account, p.currency) for fact in facts for p in getattr(fact, "postings", ())} == {
        ("1122", "USD"), ("6001", "USD"), ("1405", "CNY"), ("6401", "CNY"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "changes", "facts"),
    [
        (AlreadyExists, {"number": "SA0"}, {"kind": "PartsSale", "key": "SA0"}),
        (NotFound, {"dealer": "D09"}, {"kind": "Dealer", "key": "D09"}),
        (NotFound, {"from_place": "W09"}, {"kind": "Place", "key": "W09"}),
        (NotFound, {"lines": (WantedLine("X", 1),)}, {"kind": "Part", "key": "X"}),
        (PlaceNotAllowed, {"from_place": CUSTODY},
         {"place": CUSTODY, "kind": "custody", "action": "sell from"}),
        (PlaceNotAllowed, {"from_place": "consignment.D02"},
         {"place": "consignment.D02", "dealer": "D01", "action": "sell from"}),
        (InvalidValue, {"lines": (WantedLine(PUMP, 1), WantedLine(PUMP, 1))},
         {"field": "lines[1].part", "value": PUMP, "rule": "must not repeat an earlier line"}),
        (RestrictedPart, {"lines": (WantedLine(CORE, 1),)}, {"part": CORE, "action": "sold"}),
        (PartNotServiceable, {"lines": (WantedLine(FRAME, 1),)}, {"part": FRAME}),
        (NoPrice, {"occurrence": Occurrence(date(2024, 12, 31))},
         {"part": PUMP, "price_list": LIST, "on": "2024-12-31"}),
        (NoPrice, {"dealer": "D03"},
         {"part": PUMP, "price_list": "settlement-USD", "on": "2025-07-15"}),
        (InsufficientStock, {"lines": (WantedLine(PUMP, 1), WantedLine(SEAL, 1))},
         {"part": SEAL, "place": MAIN, "on": "2025-07-15", "available": "0", "requested": "1"}),
        (InsufficientStock, {"from_place": NORTH},
         {"part": PUMP, "place": NORTH, "on": "2025-07-15", "available": "0", "requested": "1"}),
        (InsufficientStock, {"lines": (WantedLine(PUMP, 15),)},
         {"part": PUMP, "place": MAIN, "on": "2025-07-15", "available": "14", "requested": "15"}),
    ],
)  # fmt: skip
def test_a_sale_is_refused(
    refusal: type[DomainError], changes: dict[str, Any], facts: dict[str, str]
) -> None:
    desk = stocked_maker()
    sold(desk, 1, "SA0")
    sale: dict[str, Any] = {
        "number": "SA1", "occurrence": on(7, 15), "dealer": "D01", "from_place": MAIN,
        "lines": (WantedLine(PUMP, 1),),
    }  # fmt: skip

    assert desk.refused(refusal, selling.sell_parts, **(sale | changes)) == facts


@given(
    price=st.integers(1, 10**6), quantity=st.integers(1, 15),
    cuts=st.lists(st.integers(1, 15), min_size=1, max_size=6),
)  # fmt: skip
@example(price=41, quantity=3, cuts=[1, 1])  # A tax of 16 over three pieces.
@example(price=1, quantity=15, cuts=[9, 2, 1])  # Within a layer, over its end, and to the last.
def test_the_shares_of_a_returned_line_add_up_to_it(
    price: int, quantity: int, cuts: list[int]
) -> None:
    desk = stocked_maker()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=d(7, 2),
        unit_price_minor=price,
    )  # fmt: skip
    sold(desk, quantity)
    line = desk.the(PartsSale, "SA1").lines[PUMP]
    left, shares = quantity, []
    for index, cut in enumerate([*cuts, quantity]):
        pieces = min(cut, left)
        if pieces:
            facts = desk.do(
                returning.request_good_return, number=f"R{index}", occurrence=on(7, 20),
                sale="SA1", part=PUMP, quantity=pieces, to_place=CUSTODY,
            )  # fmt: skip
            shares.append(only(facts, PartsSale.ReturnTaken).line)
        left -= pieces

    assert sum(share.net_minor for share in shares) == line.net_minor
    assert sum(share.tax_minor for share in shares) == line.tax_minor
    assert quantity_of(layer for share in shares for layer in share.layers) == quantity
    assert added((), [layer for share in shares for layer in share.layers]) == line.layers


def test_shares_rounded_one_by_one_would_not_add_up() -> None:
    """The control: a tax of 5 over 3 pieces, rounded alone, would credit 6."""
    assert 3 * round(5 / 3) == 6


def test_maker_without_stock_sells_nothing() -> None:
    maker().refused(
        InsufficientStock, selling.sell_parts, number="SA1", occurrence=on(7, 15), dealer="D01",
        from_place=MAIN, lines=(WantedLine(PUMP, 1),),
    )  # fmt: skip
