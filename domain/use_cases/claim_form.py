"""What a dealer fills in for a claim, and the items that the ledger makes of it."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.claim_lines import ClaimedItem, ClaimItem, ItemKind, PriceBasis, causes
from domain.errors import NoPrice
from domain.ledger import Ledger
from domain.price_list import ListedPrice, PriceListKind, list_key, price_key
from domain.values import of_rate, product_minor


class ClaimForm(NamedTuple):
    """Whose machine failed how, the three documents' numbers, and what is claimed."""

    dealer: str
    machine: str
    user: str
    failed_on: date
    causal_part: str
    fault_code: str
    pre_inspection: str
    work_order: str
    settlement_sheet: str
    currency: str
    items: tuple[ClaimedItem, ...]


def numbered_items(
    ledger: Ledger, form: ClaimForm, handling_rate: Decimal, on: date
) -> tuple[ClaimItem, ...]:
    """The items under their numbers, each with the one it follows, material with its price of the
    day that the claim was made."""
    found = []
    followed = causes(form.items, form.causal_part)
    for index, (line, cause_item) in enumerate(zip(form.items, followed, strict=True)):
        basis = None
        if line.kind is ItemKind.MATERIAL:
            field = f"claim.items[{index}].quantity"
            basis = _basis(ledger, form.currency, line, handling_rate, on, field)
        said = {each.name: getattr(line, each.name) for each in fields(line)}
        numbered = {"item": index + 1, "cause_item": cause_item, "basis": basis}
        found.append(ClaimItem(**(said | numbered)))
    return tuple(found)


def _basis(
    ledger: Ledger, currency: str, line: ClaimedItem, handling_rate: Decimal, on: date, field: str
) -> PriceBasis:
    """The most that the policy pays for the pieces of a line, in the claim's currency."""
    price_list = list_key(PriceListKind.SETTLEMENT, currency)
    listed = ledger.find(ListedPrice, price_key(price_list, line.part))
    price = listed.on(on) if listed else None
    if price is None:
        raise NoPrice(
            f"{line.part} has no price on {price_list} on {on}",
            part=line.part, price_list=price_list, on=on,
        )  # fmt: skip
    net = product_minor(line.quantity, price.value, field)
    return PriceBasis(
        price_list=price_list,
        price_version=price.number,
        unit_price_minor=price.value,
        handling_rate=handling_rate,
        payable_minor=of_rate(net, 1 + handling_rate),
    )
