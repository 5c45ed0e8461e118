"""What must come back of a claim: pieces by item, announced, then found to be what it says or not.

A piece that inspection refused is not one that came back: it may be announced again, and nothing
waits for it.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from domain.claim_lines import ClaimItem, ItemAmount, ItemDecision, ItemKind
from domain.errors import OverReturn
from domain.stored import Stored
from domain.values import share


class Finding(StrEnum):
    CONFIRMED = "confirmed"
    NO_FAULT_FOUND = "no_fault_found"
    MISUSE = "misuse"
    WRONG_PART = "wrong_part"


class ReturnedPieces(Stored):
    """Pieces of one item of a claim under one return; `again` of them were refused before."""

    item: int
    quantity: int
    again: int = 0


class ItemBack(NamedTuple):
    """Pieces of one item. A refused piece stays one until it is confirmed."""

    part: str
    replaced: int
    announced: int = 0  # Under way for the first time.
    again: int = 0  # Refused, and under way again.
    confirmed: int = 0
    refused: int = 0

    @property
    def missing(self) -> int:
        """Never announced."""
        return self.replaced - self.announced - self.confirmed - self.refused

    @property
    def outstanding(self) -> int:
        """What the credit waits for."""
        return self.missing + self.announced


@dataclass(frozen=True, slots=True)
class PartsBack:
    items: dict[int, ItemBack] = field(default_factory=dict)
    under_way: dict[str, tuple[ReturnedPieces, ...]] = field(default_factory=dict)  # By return.

    @property
    def complete(self) -> bool:
        """Nothing is waited for: every piece was confirmed or refused."""
        return not any(back.outstanding for back in self.items.values())

    @property
    def missing(self) -> int:
        """Pieces that nobody has announced."""
        return sum(back.missing for back in self.items.values())

    def taken(
        self, claim: str, part: str, quantity: int, item: int | None
    ) -> tuple[ReturnedPieces, ...]:
        """The items that so many pieces of a part are of: in order, what is missing first.

        Refuses more than the claim replaced; pieces that were refused count as not returned.
        """
        asked = {
            number: back
            for number, back in self.items.items()
            if back.part == part and item in (None, number)
        }
        free = sum(back.missing + back.refused - back.again for back in asked.values())
        if quantity > free:
            replaced = sum(back.replaced for back in asked.values())
            raise OverReturn(
                f"claim {claim}: {replaced} of {part} replaced and to come back,"
                f" {replaced - free} returned, {quantity} more",
                claim=claim, part=part, replaced=replaced, returned=replaced - free,
                requested=quantity,
            )  # fmt: skip
        first: dict[int, int] = {}
        again: dict[int, int] = {}
        for number, back in asked.items():
            first[number] = min(quantity, back.missing)
            quantity -= first[number]
        for number, back in asked.items():
            again[number] = min(quantity, back.refused - back.again)
            quantity -= again[number]
        return tuple(
            ReturnedPieces(item=number, quantity=first[number] + again[number], again=again[number])
            for number in asked
            if first[number] + again[number]
        )

    def announced(self, parts_return: str, pieces: tuple[ReturnedPieces, ...]) -> "PartsBack":
        items = dict(self.items)
        for each in pieces:
            back = items[each.item]
            items[each.item] = back._replace(
                announced=back.announced + each.quantity - each.again, again=back.again + each.again
            )
        return replace(self, items=items, under_way=self.under_way | {parts_return: pieces})

    def inspected(self, parts_return: str, confirmed: bool) -> "PartsBack":
        items, under_way = dict(self.items), dict(self.under_way)
        for each in under_way.pop(parts_return):
            first, back = each.quantity - each.again, items[each.item]
            back = back._replace(announced=back.announced - first, again=back.again - each.again)
            if confirmed:
                back = back._replace(
                    confirmed=back.confirmed + each.quantity, refused=back.refused - each.again
                )
            else:
                back = back._replace(refused=back.refused + first)
            items[each.item] = back
        return replace(self, items=items, under_way=under_way)

    def left_of(
        self, items: tuple[ClaimItem, ...], decisions: tuple[ItemDecision, ...]
    ) -> tuple[ItemAmount, ...]:
        """What inspection leaves of the decisions: of material the share of the pieces that it did
        not refuse; of another line nothing, if it refused every piece of the line it follows."""
        return tuple(
            ItemAmount(item=item.item, amount_minor=self._left(item, decision.approved_minor))
            for item, decision in zip(items, decisions, strict=True)
        )

    def _left(self, item: ClaimItem, approved: int) -> int:
        back = self.items.get(item.item)
        if back:
            return share(approved, 0, back.replaced - back.refused, back.replaced)
        cause = self.items.get(item.cause_item) if item.cause_item else None
        return 0 if cause and cause.refused == cause.replaced else approved


def owed_back(items: tuple[ClaimItem, ...], decisions: tuple[ItemDecision, ...]) -> PartsBack:
    """The pieces that the approved material lines replaced."""
    return PartsBack(
        {
            item.item: ItemBack(item.part, item.quantity)
            for item, decision in zip(items, decisions, strict=True)
            if item.kind is ItemKind.MATERIAL and decision.approved_minor
        }
    )
