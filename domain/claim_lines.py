"""The lines of a warranty claim: what each of them claims, and what is decided of it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pydantic import ConfigDict

from domain.errors import InvalidValue, OverApproval
from domain.values import of_rate


class ItemKind(StrEnum):
    MATERIAL = "material"
    LABOUR = "labour"  # 工时费
    SUBLET = "sublet"
    TRAVEL = "travel"  # 外出费
    COMPENSATION = "compensation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimItem:
    """One line of a claim; amounts in minor units of the dealer's currency.

    The three documents 三单对比 give an amount each: pre-inspection, work order, and the
    settlement sheet, which is what is claimed. Material lines name the part and its pieces.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: ItemKind
    part: str = ""
    quantity: int = 0
    inspected_minor: int
    ordered_minor: int
    claimed_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDecision:
    """What is approved of the line at the same index, and why not more."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    approved_minor: int
    because: str = ""


def require_decided(
    claim: str, items: tuple[ClaimItem, ...], decisions: tuple[ItemDecision, ...]
) -> None:
    """Refuses decisions that miss an item, approve too much, or approve less without a reason."""
    if len(decisions) != len(items):
        rule = f"must decide each of the {len(items)} items of claim {claim}"
        raise InvalidValue("decisions", len(decisions), rule)
    for line, (item, decision) in enumerate(zip(items, decisions, strict=True)):
        if decision.approved_minor > item.claimed_minor:
            raise OverApproval(
                f"claim {claim}, item {line}: {item.claimed_minor} claimed,"
                f" {decision.approved_minor} approved",
                claim=claim, item=line, claimed_minor=item.claimed_minor,
                approved_minor=decision.approved_minor,
            )  # fmt: skip
        if decision.approved_minor < item.claimed_minor and not decision.because:
            raise InvalidValue(f"decisions[{line}].because", "", "must say why not all")


def replaced(items: tuple[ClaimItem, ...], decisions: tuple[ItemDecision, ...]) -> dict[str, int]:
    """Pieces by part that the approved material lines replaced."""
    pieces: dict[str, int] = {}
    for item, decision in zip(items, decisions, strict=True):
        if item.kind is ItemKind.MATERIAL and decision.approved_minor:
            pieces[item.part] = pieces.get(item.part, 0) + item.quantity
    return pieces


def tax_of(decisions: tuple[ItemDecision, ...], rate: Decimal) -> int:
    """The VAT on what is approved, each item rounded half up by itself."""
    return sum(of_rate(decision.approved_minor, rate) for decision in decisions)
