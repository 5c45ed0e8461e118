"""Requests of every kind that comes in batches, for a small business that is open."""

from typing import Any, NamedTuple
from uuid import UUID, uuid5

from tests.server.api.reading.front_desk import FrontDesk, cny, day

_IDS = UUID("6c2b7a1f-0000-4000-8000-000000000000")

Fields = dict[str, Any]


class Kind(NamedTuple):
    """How requests of one kind are sent: in a batch, by themselves, and on the import stream."""

    batch: str
    single: str
    on_stream: str
    requests: list[Fields]


def on(text: str, document: str) -> Fields:
    return {"occurred_on": day(text), "document": document}


def identified(request: Fields) -> Fields:
    """With a request id that is the same for the same content."""
    return {**request, "request_id": str(uuid5(_IDS, repr(request)))}


def part(number: str) -> Fields:
    entry = {"description": "泵", "part_class": "PART_CLASS_WEAR", "serviceable": True}
    return identified({"part_id": number, "part": entry})


def price(desk: FrontDesk, number: str, units: int, price_list: str = "settlement-CNY") -> Fields:
    version = {"effective_from": day("2024-01-01"), "unit_price": cny(units)}
    name = desk.name(f"priceLists/{price_list}/prices/{number}")
    return identified({"name": name, "version": version})


def sale(desk: FrontDesk, number: str, quantity: int, number_of_part: str = "P-1") -> Fields:
    sold = {
        "dealer": desk.name("dealers/D01"),
        "from_place": desk.name("places/W01"),
        "lines": [{"part": desk.name(f"parts/{number_of_part}"), "quantity": quantity}],
    }
    return identified({"sale_id": number, "sale": sold, "occurrence": on("2025-07-10", number)})


def _machine(desk: FrontDesk, serial: str) -> Fields:
    machine = {"model": "ZY16", "dealer": desk.name("dealers/D01"), "user": "U-1"}
    return identified({"machine_id": serial, "machine": {**machine, "sold_on": day("2025-01-01")}})


def _purchase(desk: FrontDesk, number: str, number_of_part: str) -> Fields:
    line = {"part": desk.name(f"parts/{number_of_part}"), "quantity": 50, "unit_cost": cny(6)}
    bought = {"supplier": "S01", "to_place": desk.name("places/W01"), "lines": [line]}
    occurrence = on("2025-07-01", number)
    return identified({"purchase_id": number, "purchase": bought, "occurrence": occurrence})


def _payment(desk: FrontDesk, number: str) -> Fields:
    paid = {"dealer": desk.name("dealers/D01"), "amount": cny(20)}
    occurrence = on("2025-07-20", number)
    return identified({"payment_id": number, "payment": paid, "occurrence": occurrence})


def _transfer(desk: FrontDesk, number: str) -> Fields:
    places = {"from_place": desk.name("places/W01"), "to_place": desk.name("places/W02")}
    moved = {**places, "lines": [{"part": desk.name("parts/P-1"), "quantity": 1}]}
    occurrence = on("2025-07-11", number)
    return identified({"transfer_id": number, "transfer": moved, "occurrence": occurrence})


def _claim(desk: FrontDesk, number: str, serial: str) -> Fields:
    material, labour = (
        {sheet: cny(units) for sheet in ("inspected", "ordered", "claimed")} for units in (20, 5)
    )
    part_name = desk.name("parts/P-1")
    form = {
        "dealer": desk.name("dealers/D01"), "machine": desk.name(f"machines/{serial}"),
        "user": "U-1", "failed_on": day("2025-07-10"), "causal_part": part_name,
        "fault_code": "F-1", "pre_inspection": "PI-1", "work_order": "WO-1",
        "settlement_sheet": "SS-1", "items": [
            {"kind": "CLAIM_ITEM_KIND_MATERIAL", "part": part_name, "quantity": 1, **material},
            {"kind": "CLAIM_ITEM_KIND_LABOUR", **labour},
        ],
    }  # fmt: skip
    return identified({"claim_id": number, "claim": form, "occurrence": on("2025-07-12", number)})


def _return(desk: FrontDesk, number: str, number_of_sale: str) -> Fields:
    parcel = {
        "sale": desk.name(f"sales/{number_of_sale}"), "part": desk.name("parts/P-1"),
        "quantity": 1, "to_place": desk.name("places/R01"),
    }  # fmt: skip
    occurrence = on("2025-07-21", number)
    return identified({"return_id": number, "parts_return": parcel, "occurrence": occurrence})


def open_for_business(desk: FrontDesk) -> None:
    """And a custody room for returns and a warranty policy, which claims need."""
    desk.open_for_business()
    room = {"description": "returns", "kind": "PLACE_KIND_CUSTODY"}
    desk.call("Place.CreatePlace", place_id="R01", place=room)
    terms = {"term_months": 24, "submission_days": 30, "return_days": 30, "chargeback_months": 12}
    version = {**terms, "effective_from": day("2020-01-01")}
    desk.call("Policy.SetPolicy", name=desk.name("policies/ZY16"), version=version)


def every_kind(desk: FrontDesk) -> list[Kind]:
    """A few weeks of trade, in an order in which all of it is allowed.

    The request ids are the same in every book.
    """
    kinds = [
        Kind("Part.BatchCreateParts", "Part.CreatePart", "create_part",
             [part("P-8"), part("P-9")]),
        Kind("Price.BatchSetPrices", "Price.SetPrice", "set_price",
             [price(desk, "P-8", 12), price(desk, "P-9", 13)]),
        Kind("Machine.BatchCreateMachines", "Machine.CreateMachine", "create_machine",
             [_machine(desk, "S-1"), _machine(desk, "S-2")]),
        Kind("Purchase.BatchCreatePurchases", "Purchase.CreatePurchase", "create_purchase",
             [_purchase(desk, "B-1", "P-1"), _purchase(desk, "B-2", "P-8")]),
        Kind("Sale.BatchCreateSales", "Sale.CreateSale", "create_sale",
             [sale(desk, "S-1", 3), sale(desk, "S-2", 2, "P-8"), sale(desk, "S-3", 4)]),
        Kind("Transfer.BatchCreateTransfers", "Transfer.CreateTransfer", "create_transfer",
             [_transfer(desk, "T-1"), _transfer(desk, "T-2")]),
        Kind("Claim.BatchCreateClaims", "Claim.CreateClaim", "create_claim",
             [_claim(desk, "C-1", "S-1"), _claim(desk, "C-2", "S-2")]),
        Kind("Payment.BatchCreatePayments", "Payment.CreatePayment", "create_payment",
             [_payment(desk, "M-1"), _payment(desk, "M-2")]),
        Kind("Return.BatchCreateReturns", "Return.CreateReturn", "create_return",
             [_return(desk, "R-1", "S-1"), _return(desk, "R-2", "S-3")]),
    ]  # fmt: skip
    return [
        kind._replace(requests=[
            {**request, "request_id": str(uuid5(_IDS, f"{kind.batch} {number}"))}
            for number, request in enumerate(kind.requests)
        ])
        for kind in kinds
    ]  # fmt: skip
