"""The lines of a warranty claim: what each of them claims, and what is decided of it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.errors import InvalidValue, OverApproval, OverPrice
from domain.stored import Stored
from domain.values import money_text


class ItemKind(StrEnum):
    MATERIAL = "material"
    LABOUR = "labour"  # 工时费
    SUBLET = "sublet"
    TRAVEL = "travel"  # 外出费
    COMPENSATION = "compensation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedItem:
    """One line as the dealer fills it in; amounts in minor units of the dealer's currency.

    The three documents 三单对比 give an amount each: pre-inspection, work order, and the
    settlement sheet, which is what is claimed. Material lines name the part and its pieces; the
    others may name the material line that they follow, by its number.
    """

    kind: ItemKind
    part: str = ""
    quantity: int = 0
    cause_item: int | None = None
    inspected_minor: int
    ordered_minor: int
    claimed_minor: int


class PriceBasis(Stored):
    """The most that the policy pays for a material line, and what decided it.

    That is the settlement price of its pieces and the policy's handling rate on top, rounded half
    up. `price_version` is the version of the part's price on the list.
    """

    price_list: str
    price_version: int
    unit_price_minor: int
    handling_rate: Decimal
    payable_minor: int


class ClaimItem(Stored):
    """One line of a claim, under a number that it keeps: 1, 2, 3 … as the dealer listed them.

    `cause_item` is the material line without which this one is not paid either.
    """

    item: int
    kind: ItemKind
    part: str = ""
    quantity: int = 0
    cause_item: int | None = None
    inspected_minor: int
    ordered_minor: int
    claimed_minor: int
    basis: PriceBasis | None = None  # Of material lines.


class ItemDecision(Stored):
    """What is approved of an item, and why not more."""

    item: int
    approved_minor: int
    because: str = ""


class ItemAmount(Stored):
    """What stays approved of an item, or is credited of it, in minor units."""

    item: int
    amount_minor: int


def causes(items: tuple[ClaimedItem, ...], causal_part: str) -> list[int | None]:
    """The material line that each line follows: the one it names, or that of the causal part.

    Refuses a cause that is not a material line, and one of a material line: what comes back is
    judged by itself.
    """
    material = {
        number: line.part
        for number, line in enumerate(items, start=1)
        if line.kind is ItemKind.MATERIAL
    }
    causal = next((number for number, part in material.items() if part == causal_part), None)
    found = []
    for index, line in enumerate(items):
        field = f"claim.items[{index}].cause_item"
        if line.kind is ItemKind.MATERIAL and line.cause_item is not None:
            raise InvalidValue(field, line.cause_item, f"must be empty for {line.kind}")
        if line.cause_item is not None and line.cause_item not in material:
            raise InvalidValue(field, line.cause_item, "must be the number of a material item")
        follows = line.cause_item or causal
        found.append(None if line.kind is ItemKind.MATERIAL else follows)
    return found


def in_order(
    claim: str,
    currency: str,
    items: tuple[ClaimItem, ...],
    decisions: tuple[ItemDecision, ...],
) -> tuple[ItemDecision, ...]:
    """The decisions in the items' order. Refuses ones that miss an item or decide it twice, that
    approve too much, or less than claimed without a reason."""
    decided = {decision.item: decision for decision in decisions}
    if len(decided) != len(decisions) or decided.keys() != {item.item for item in items}:
        rule = f"must decide each of the items 1 to {len(items)} of claim {claim} once"
        named = ", ".join(str(decision.item) for decision in decisions)
        raise InvalidValue("decisions", named, rule)
    lines = {item.item: item for item in items}
    for index, decision in enumerate(decisions):
        _require_payable(claim, currency, lines[decision.item], decision)
        if decision.approved_minor < lines[decision.item].claimed_minor and not decision.because:
            raise InvalidValue(f"decisions[{index}].because", "", "must say why not all")
    return tuple(decided[item.item] for item in items)


def _require_payable(claim: str, currency: str, item: ClaimItem, decision: ItemDecision) -> None:
    """Refuses more than is claimed, and more than the policy pays for the parts."""
    approved = decision.approved_minor
    if approved > item.claimed_minor:
        raise OverApproval(
            f"claim {claim}, item {item.item}: {money_text(item.claimed_minor, currency)} claimed,"
            f" {money_text(approved, currency)} approved",
            claim=claim, item=item.item, claimed_minor=item.claimed_minor, approved_minor=approved,
        )  # fmt: skip
    basis = item.basis
    if basis and approved > basis.payable_minor:
        raise OverPrice(
            f"claim {claim}, item {item.item}: {item.quantity} of {item.part} at"
            f" {money_text(basis.unit_price_minor, currency)} and {basis.handling_rate} handling"
            f" come to {money_text(basis.payable_minor, currency)},"
            f" {money_text(approved, currency)} approved",
            claim=claim, item=item.item, part=item.part, payable_minor=basis.payable_minor,
            approved_minor=approved,
        )  # fmt: skip
