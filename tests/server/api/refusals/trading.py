"""The rules of the trade, each broken once over the API, by requests to two small businesses."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from tests.on_the_wire import cny, day, on, usd
from tests.server.api import documents
from tests.server.api.bad_input import ACTOR, BAD_INPUTS, here
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.api.refusals.recording import Fields, Refusal, refusal
from tests.small_maker import CataloguePart, SmallMaker, SoldMachine, policy, terms

_PARTS = {
    "P-1": CataloguePart(1000), "NO-PRICE": CataloguePart(),
    "NOT-SOLD": CataloguePart(1000, serviceable=False),
}  # fmt: skip
MAKER: Final = SmallMaker(
    custody_rooms=("R01",),
    parts=_PARTS,
    dealers={
        **{code: terms() for code in ("D01", "D02", "D05")},
        "D03": terms(currency="EUR"), "D04": terms(currency="USD"),
    },
    other_lists=("EUR",),
    policies={"ZY16": policy(return_days=30, chargeback_months=1, covered_causes=("F-1",))},
    machines={
        "S-1": SoldMachine("ZY16", "D01", date(2025, 1, 1), "U-1"),
        "S-2": SoldMachine("ZY20", "D01", date(2025, 1, 1), "U-1"),
    },
)  # fmt: skip


def of_bad_input(desk: FrontDesk) -> Iterator[Refusal]:
    """The first of each reason in the list of bad inputs (tests/server/api/bad_input.py)."""
    known = set()
    for item in BAD_INPUTS:
        if item.reason not in known:
            known.add(item.reason)
            fields = here(desk, item.bad)
            yield refusal(desk, item.method, fields.pop(ACTOR, "wang"), **fields)


def open_the_trade(desk: FrontDesk) -> None:
    """June is soft-closed and D01 not stated; the papers of July are under way."""
    desk.open_for_business(MAKER)
    for part in _PARTS:
        desk.buy(f"B-{part}", "2025-06-01", part, 100, 6)
    desk.sell("S-0", "2025-06-15", "P-1", 1, "D01")
    _open_dollars(desk)
    for number, dealer in (("S-1", "D01"), ("S-2", "D02"), ("S-3", "D05")):
        desk.sell(number, "2025-07-10", "P-1", 3, dealer)
    _close_june(desk)
    _miss_a_piece(desk)
    _claim(desk)
    _return(desk)
    _state(desk)


def _open_dollars(desk: FrontDesk) -> None:
    """Prices in dollars have a tax rate from October on."""
    rate: Fields = {
        "effective_from": day("2025-01-01"),
        "rate": {"value": "7.1"},
        "source": "中国银行",
    }
    desk.call("ExchangeRate.SetExchangeRate", name=desk.name("exchangeRates/USD-CNY"), version=rate)
    opened: Fields = {
        "kind": "PRICE_LIST_KIND_SETTLEMENT", "currency": "USD", "vat_rate": {"value": "0.13"},
        "effective_from": day("2025-10-01"),
    }  # fmt: skip
    desk.call("Price.CreatePriceList", price_list=opened)
    price: Fields = {"effective_from": day("2025-01-01"), "unit_price": usd(2)}
    name = desk.name("priceLists/settlement-USD/prices/P-1")
    desk.call("Price.SetPrice", name=name, version=price)


def _close_june(desk: FrontDesk) -> None:
    _period(desk, "SoftCloseMonth", "wang")
    entry: Fields = {
        "document": "INV-S-9",
        "kind": "sales",
        "party": "dealers/D01",
        "amount": cny(1),
    }
    _period(desk, "ApproveEntry", "li", **entry)
    _period(desk, "RequestHardClose", "wang")


def _period(desk: FrontDesk, verb: str, actor: str, **fields: Any) -> None:
    then: Fields = {"name": desk.name("period"), "month": "2025-06", "occurrence": on("2025-07-05")}
    desk.call(f"Period.{verb}", actor, **then, **fields)


def _miss_a_piece(desk: FrontDesk) -> None:
    desk.request_transfer("T-1", "2025-07-02", "P-1", 4)
    desk.dispatch("T-1", "2025-07-03")
    desk.receive("T-1", "2025-07-05", "P-1", 3)
    [line] = documents.lines(desk.parent, "P-1", 1)
    desk.call("Transfer.RecordDiscrepancy", name=desk.name("transfers/T-1"), line=line,
              cause="DISCREPANCY_CAUSE_SHORT", occurrence=on("2025-07-05"))  # fmt: skip


def _claim(desk: FrontDesk) -> None:
    """C-1 waits for a decision, C-2 was credited at once, C-3 awaits its part."""
    for number, failed_on in (("C-1", "2025-07-10"), ("C-2", "2025-07-11"), ("C-3", "2025-07-12")):
        form = {**documents.claim(desk.parent), "failed_on": day(failed_on)}
        if number == "C-2":
            del form["items"][0]
        desk.call("Claim.CreateClaim", claim_id=number, claim=form, occurrence=on("2025-07-13"))
    whole, half = {"item": 1, "approved": cny(5)}, {"item": 1, "approved": cny(10)}
    for number, decisions in (
        ("C-2", [whole]),
        ("C-3", [{**half, "because": "as listed"}, {**whole, "item": 2}]),
    ):
        desk.call("Claim.AdjudicateClaim", "li", name=desk.name(f"claims/{number}"),
                  decisions=decisions, occurrence=on("2025-07-14"))  # fmt: skip


def _return(desk: FrontDesk) -> None:
    """R-1 of a claim is inspected; R-2 of a sale is announced."""
    for number, fields in (
        ("R-1", {"claim": desk.name("claims/C-3")}),
        ("R-2", {"sale": desk.name("sales/S-1"), "due_on": day("2025-07-30")}),
    ):
        [line] = documents.lines(desk.parent, "P-1", 1)
        parcel: Fields = {**line, **fields, "to_place": desk.name("places/R01")}
        desk.call("Return.CreateReturn", return_id=number, parts_return=parcel,
                  occurrence=on("2025-07-15"))  # fmt: skip
    step: Fields = {"name": desk.name("returns/R-1"), "occurrence": on("2025-07-16")}
    desk.call("Return.ShipReturn", **step)
    desk.call("Return.ReceiveReturn", **step)
    desk.call("Return.InspectReturn", finding="FINDING_CONFIRMED", **step)


def _state(desk: FrontDesk) -> None:
    """July of D02 and D05 is reviewed; D05 disputes its first line."""
    then: Fields = {"occurrence": on("2025-08-01")}

    def reviewed(dealer: str) -> Any:
        parent = desk.name(f"dealers/{dealer}")
        issued = desk.call("Settlement.IssueStatement", parent=parent, month="2025-07", **then)
        name = issued.settlement.name
        return desk.call("Settlement.ReviewStatement", "li", name=name, **then).settlement

    reviewed("D02")
    disputed = reviewed("D05")
    desk.call("Settlement.DisputeLine", name=disputed.name, because="price",
              line_version=disputed.first_version, **then)  # fmt: skip


def of_documents(desk: FrontDesk) -> Iterator[Refusal]:
    """What the base data, the stock and the stage of the papers do not allow."""
    name, sell = desk.name, _selling(desk)
    yield sell(places="R01")
    yield sell(part="NOT-SOLD")
    yield sell(part="NO-PRICE")
    yield sell(dealer="D03")
    yield sell(dealer="D04")
    agreed: Fields = {
        "title": "大连", "level": "A", "region_tier": "B", "currency": "CNY", "payment_days": 60,
    }  # fmt: skip
    yield refusal(desk, "Dealer.CreateDealer", dealer_id="D01", dealer=agreed)
    revised: Fields = {**agreed, "name": name("dealers/D01"), "currency": "EUR"}
    yield refusal(desk, "Dealer.ReviseDealer", dealer=revised, effective_from=day("2025-08-01"))
    yield refusal(
        desk, "Price.SetPrice", name=name("priceLists/settlement-CNY/prices/P-1"),
        version={"effective_from": day("2024-01-01"), "unit_price": cny(11)},
    )  # fmt: skip
    closing: Fields = {"name": name("transfers/T-1"), "occurrence": on("2025-07-06")}
    yield refusal(desk, "Transfer.CloseTransfer", **closing)


def of_money(desk: FrontDesk) -> Iterator[Refusal]:
    """What is paid of more than there is."""
    paid: Fields = {"dealer": desk.name("dealers/D01"), "amount": cny(100)}
    then: Fields = {"occurrence": on("2025-07-20")}
    yield refusal(desk, "Payment.CreatePayment", payment_id="M-1", payment=paid,
                  allocations=[{"item": "sales/S-1", "amount": cny(50)}], **then)  # fmt: skip
    payout: Fields = {"payout_id": "PO-1", "payout": paid, **then}
    yield refusal(desk, "Payout.CreatePayout", **payout)
    named = [{"item": "sales/S-1", "amount": cny(100)}]
    yield refusal(desk, "Payout.CreatePayout", **payout, allocations=named)


def _selling(desk: FrontDesk) -> Any:
    def sell(part: str = "P-1", dealer: str = "D01", places: str = "W01") -> Refusal:
        fields: Fields = documents.sale(desk.parent, "S-10", "2025-07-20", part, 1, dealer)
        fields["sale"]["from_place"] = desk.name(f"places/{places}")
        return refusal(desk, "Sale.CreateSale", **fields)

    return sell


def of_claims(desk: FrontDesk) -> Iterator[Refusal]:
    """And of the parts that come back."""
    name = desk.name
    for change in ({"fault_code": "F-9"}, {"machine": name("machines/S-2")}):
        form = {**documents.claim(desk.parent), "failed_on": day("2025-07-15"), **change}
        del form["items"][0]
        yield refusal(desk, "Claim.CreateClaim", claim_id="C-9", claim=form,
                      occurrence=on("2025-07-16"))  # fmt: skip
    decisions = [{"item": 1, "approved": cny(20)}, {"item": 2, "approved": cny(5)}]
    yield refusal(desk, "Claim.AdjudicateClaim", "li", name=name("claims/C-1"),
                  occurrence=on("2025-07-15"), decisions=decisions)  # fmt: skip
    yield refusal(desk, "Claim.ChargeBackClaim", name=name("claims/C-2"), because="audit",
                  occurrence=on("2025-10-01"))  # fmt: skip
    then: Fields = on("2025-07-20")
    [line] = documents.lines(desk.parent, "P-1", 4)
    parcel: Fields = {**line, "sale": name("sales/S-1"), "to_place": name("places/R01")}
    yield refusal(desk, "Return.CreateReturn", return_id="R-9", parts_return=parcel,
                  occurrence=then)  # fmt: skip
    yield refusal(desk, "Return.MarkReturnOverdue", name=name("returns/R-2"), occurrence=then)
    yield refusal(desk, "Return.DisposeReturn", name=name("returns/R-1"), occurrence=then,
                  disposal="DISPOSAL_RESTOCK", to_place=name("places/W01"))  # fmt: skip


def of_months(desk: FrontDesk) -> Iterator[Refusal]:
    """Statements and the closing of months."""
    name = desk.name
    late = on("2025-12-30")
    yield refusal(desk, "Period.SoftCloseMonth", name=name("period"), month="2025-12",
                  occurrence=late)  # fmt: skip
    june: Fields = {"name": name("period"), "month": "2025-06", "occurrence": on("2025-07-06")}
    yield refusal(desk, "Period.HardCloseMonth", "li", **june)
    sold: Fields = documents.sale(desk.parent, "S-9", "2025-06-20", "P-1", 1)
    yield refusal(desk, "Sale.CreateSale", **sold)
    issue, settled = "Settlement.IssueStatement", "settlements/2025-07"
    yield refusal(desk, issue, parent=name("dealers/D02"), month="2025-12", occurrence=late)
    yield refusal(desk, issue, parent=name("dealers/D01"), month="2025-07", occurrence=late)
    first: Fields = on("2025-08-02")
    for dealer in ("D02", "D05"):
        yield refusal(
            desk, "Settlement.ConfirmStatement", name=name(f"dealers/{dealer}/{settled}"),
            content_hash="0" * 64, occurrence=first,
        )  # fmt: skip
    name_of_d05 = name(f"dealers/D05/{settled}")
    line = desk.call("Settlement.GetSettlement", name=name_of_d05).settlement.first_version
    yield refusal(desk, "Settlement.ResolveDispute", "li", name=name_of_d05, line_version=line,
                  memo=cny(-1000), because="agreed", occurrence=first)  # fmt: skip
