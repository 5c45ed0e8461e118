"""Requests of every kind that comes in batches, for a small business that is open."""

from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from tests.on_the_wire import cny, day, on
from tests.server.api import documents
from tests.server.api.methods import METHOD_OF_COMMAND
from tests.server.api.reading.front_desk import FrontDesk
from tests.small_maker import SmallMaker, policy

_IDS = UUID("6c2b7a1f-0000-4000-8000-000000000000")

# With a custody room for returns and a warranty policy, which claims need.
MAKER: Final = SmallMaker(custody_rooms=("R01",), policies={"ZY16": policy(return_days=30)})

Fields = dict[str, Any]


class Kind(NamedTuple):
    """How requests of one kind are sent: in a batch, by themselves, and on the import stream."""

    batch: str
    on_stream: str
    requests: list[Fields]

    @property
    def single(self) -> str:
        return METHOD_OF_COMMAND[self.on_stream]


def identified(request: Fields) -> Fields:
    """With a request id that is the same for the same content."""
    return {**request, "request_id": str(uuid5(_IDS, repr(request)))}


def part(number: str) -> Fields:
    entry = {"description": "泵", "part_class": "PART_CLASS_WEAR", "serviceable": True}
    return identified({"part_id": number, "part": entry})


def price(
    desk: FrontDesk,
    number: str,
    units: int,
    price_list: str = "settlement-CNY",
    from_day: str = "2024-01-02",
) -> Fields:
    version = {"effective_from": day(from_day), "unit_price": cny(units)}
    name = desk.name(f"priceLists/{price_list}/prices/{number}")
    return identified({"name": name, "version": version})


def sale(desk: FrontDesk, number: str, quantity: int, number_of_part: str = "P-1") -> Fields:
    sold = documents.sale(desk.parent, number, "2025-07-10", number_of_part, quantity)
    return identified(sold)


def _machine(desk: FrontDesk, serial: str) -> Fields:
    machine = {"model": "ZY16", "dealer": desk.name("dealers/D01"), "user": "U-1"}
    return {"machine_id": serial, "machine": {**machine, "sold_on": day("2025-01-01")}}


def _purchase(desk: FrontDesk, number: str, number_of_part: str) -> Fields:
    return documents.purchase(desk.parent, number, "2025-07-01", number_of_part, 50, 6)


def _payment(desk: FrontDesk, number: str) -> Fields:
    paid = {"dealer": desk.name("dealers/D01"), "amount": cny(20)}
    return {"payment_id": number, "payment": paid, "occurrence": on("2025-07-20", number)}


def _too_much(desk: FrontDesk, number: str) -> Fields:
    """A payment of which 19.00 are left over."""
    allocation = {"item": "sales/S-3", "amount": cny(1)}
    return {**_payment(desk, number), "allocations": [allocation]}


def _payout(desk: FrontDesk, number: str) -> Fields:
    refund = {"dealer": desk.name("dealers/D01"), "amount": cny(3)}
    allocation = {"item": "payments/M-3", "amount": cny(3)}
    return {
        "payout_id": number, "payout": refund, "occurrence": on("2025-07-20", number),
        "allocations": [allocation],
    }  # fmt: skip


def _transfer(desk: FrontDesk, number: str) -> Fields:
    return documents.transfer(desk.parent, number, "2025-07-11", "P-1", 1)


def _claim(desk: FrontDesk, number: str, serial: str) -> Fields:
    form = documents.claim(desk.parent, serial)
    return {"claim_id": number, "claim": form, "occurrence": on("2025-07-12", number)}


def _return(desk: FrontDesk, number: str, number_of_sale: str) -> Fields:
    [line] = documents.lines(desk.parent, "P-1", 1)
    origin = {"sale": desk.name(f"sales/{number_of_sale}"), "to_place": desk.name("places/R01")}
    parcel = {**line, **origin}
    return {"return_id": number, "parts_return": parcel, "occurrence": on("2025-07-21", number)}


def every_kind(desk: FrontDesk) -> list[Kind]:
    """A few weeks of trade, in an order in which all of it is allowed.

    The request ids are the same in every book.
    """
    kinds = [
        Kind("Part.BatchCreateParts", "create_part",
             [part("P-8"), part("P-9")]),
        Kind("Price.BatchSetPrices", "set_price",
             [price(desk, "P-8", 12), price(desk, "P-9", 13)]),
        Kind("Machine.BatchCreateMachines", "create_machine",
             [_machine(desk, "S-1"), _machine(desk, "S-2")]),
        Kind("Purchase.BatchCreatePurchases", "create_purchase",
             [_purchase(desk, "B-1", "P-1"), _purchase(desk, "B-2", "P-8")]),
        Kind("Sale.BatchCreateSales", "create_sale",
             [sale(desk, "S-1", 3), sale(desk, "S-2", 2, "P-8"), sale(desk, "S-3", 4)]),
        Kind("Transfer.BatchCreateTransfers", "create_transfer",
             [_transfer(desk, "T-1"), _transfer(desk, "T-2")]),
        Kind("Claim.BatchCreateClaims", "create_claim",
             [_claim(desk, "C-1", "S-1"), _claim(desk, "C-2", "S-2")]),
        Kind("Payment.BatchCreatePayments", "create_payment",
             [_payment(desk, "M-1"), _payment(desk, "M-2"), _too_much(desk, "M-3")]),
        Kind("Payout.BatchCreatePayouts", "create_payout",
             [_payout(desk, "O-1"), _payout(desk, "O-2")]),
        Kind("Return.BatchCreateReturns", "create_return",
             [_return(desk, "R-1", "S-1"), _return(desk, "R-2", "S-3")]),
    ]  # fmt: skip
    return [
        kind._replace(requests=[
            {**request, "request_id": str(uuid5(_IDS, f"{kind.batch} {number}"))}
            for number, request in enumerate(kind.requests)
        ])
        for kind in kinds
    ]  # fmt: skip
