"""The base data of the trade, registered over the API before a history begins."""

from datetime import date
from typing import Any

from tests.server.api.reading.front_desk import FrontDesk
from tests.simulation.on_the_wire import day, money
from tests.simulation.trade import (
    CHARGEBACK_MONTHS,
    CURRENCY,
    CUSTODY,
    DEALERS,
    MACHINES,
    PARTS,
    POLICIES,
    PRICED_FROM,
    SUBMISSION_DAYS,
    VAT_PERCENT,
    WAREHOUSES,
)


def register(desk: FrontDesk) -> None:
    """Places, parts with their prices, dealers, policies, machines."""
    for place in (*WAREHOUSES, CUSTODY):
        kind = "PLACE_KIND_CUSTODY" if place == CUSTODY else "PLACE_KIND_WAREHOUSE"
        desk.call("Place.CreatePlace", place_id=place, place={"kind": kind})
    _parts(desk)
    for code, payment_days in DEALERS.items():
        dealer = {"title": code, "currency": CURRENCY, "payment_days": payment_days}
        desk.call("Dealer.CreateDealer", dealer_id=code, dealer=dealer)
    for model, policy in POLICIES.items():
        version = {
            "effective_from": day(date(2023, 1, 1)), "term_months": 24,
            "submission_days": SUBMISSION_DAYS, "return_days": policy.return_days,
            "chargeback_months": CHARGEBACK_MONTHS,
        }  # fmt: skip
        desk.call("Policy.SetPolicy", name=desk.name(f"policies/{model}"), version=version)
    for serial, card in MACHINES.items():
        machine = {
            "model": card.model, "dealer": desk.name(f"dealers/{card.dealer}"),
            "sold_on": day(card.sold_on), "user": card.user,
        }  # fmt: skip
        desk.call("Machine.CreateMachine", machine_id=serial, machine=machine)


def _parts(desk: FrontDesk) -> None:
    rate = {"value": f"0.{VAT_PERCENT}"}
    price_list = {"kind": "PRICE_LIST_KIND_SETTLEMENT", "currency": CURRENCY, "vat_rate": rate}
    desk.call("Price.CreatePriceList", price_list=price_list)
    for number, each in PARTS.items():
        part: dict[str, Any] = {
            "description": number,
            "part_class": "PART_CLASS_WEAR",
            "serviceable": each.serviceable,
            "restricted": each.restricted,
        }
        desk.call("Part.CreatePart", part_id=number, part=part)
        if each.price_minor:
            version = {"effective_from": day(PRICED_FROM), "unit_price": money(each.price_minor)}
            name = desk.name(f"priceLists/settlement-{CURRENCY}/prices/{number}")
            desk.call("Price.SetPrice", name=name, version=version)
