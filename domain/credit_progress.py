"""How far a claim is on its way to the credit: what must come back, what is approved and credited.

Amounts are in minor units, by the number of the item.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from domain.claim_lines import ClaimItem, ItemAmount, ItemDecision
from domain.conversion import Conversion
from domain.days import Days, Done
from domain.facts import BookedFact
from domain.parts_back import PartsBack, ReturnedPieces
from domain.values import of_rate
from domain.vat import VatRate


class Credit(NamedTuple):
    """What is credited of a claim, or taken back, in minor units of its currency.

    `net_functional_minor` is what the net amount was worth in the book's when it was credited, if
    that is another currency. The tax is on no account yet.
    """

    net_minor: int
    tax_minor: int
    net_functional_minor: int | None = None


class CreditFact(BookedFact):
    """A step that credits a claim, or takes its credit back."""

    currency: str
    net_minor: int
    tax_minor: int
    net_functional_minor: int | None = None


@dataclass(frozen=True, slots=True)
class CreditProgress:
    """`approved` is what was decided less what inspection refused. It is credited in one go, and
    again where a refused piece came a second time and was confirmed."""

    decided: Done
    latest: Done  # Of the steps that the credit waits for: it counts on that day.
    refused: Done | None = None  # The latest inspection that refused pieces.
    vat: VatRate | None = None  # Of what is approved.
    decisions: tuple[ItemDecision, ...] = ()
    parts_back: PartsBack = field(default_factory=PartsBack)
    approved: dict[int, int] = field(default_factory=dict)
    credited: dict[int, int] = field(default_factory=dict)
    tax_minor: int = 0  # Of what is credited.
    functional_minor: int | None = None  # What it was worth, before tax.
    times: int = 0

    @classmethod
    def after(
        cls,
        decided: Done,
        decisions: tuple[ItemDecision, ...],
        vat: VatRate | None,
        owed: PartsBack,
    ) -> "CreditProgress":
        """After the decision, where these parts must come back."""
        approved = {each.item: each.approved_minor for each in decisions}
        return cls(decided, decided, None, vat, decisions, owed, approved)

    @property
    def approved_minor(self) -> int:
        return sum(self.approved.values())

    @property
    def total(self) -> Credit:
        """All that is credited."""
        return Credit(sum(self.credited.values()), self.tax_minor, self.functional_minor)

    @property
    def due(self) -> tuple[ItemAmount, ...]:
        """What is approved and not credited yet; nothing while a piece is waited for."""
        if not self.parts_back.complete:
            return ()
        return tuple(
            ItemAmount(item=item, amount_minor=amount - self.credited.get(item, 0))
            for item, amount in self.approved.items()
            if amount != self.credited.get(item, 0)
        )

    def next_credit(self, conversion: Conversion | None) -> Credit:
        """What is due, and its tax: each item's, rounded half up, less what was taxed of it."""
        assert self.vat is not None
        rate = self.vat.rate
        tax = 0
        for each in self.due:
            before = self.credited.get(each.item, 0)
            tax += of_rate(before + each.amount_minor, rate) - of_rate(before, rate)
        net = sum(each.amount_minor for each in self.due)
        return Credit(net, tax, conversion.of(net) if conversion else None)

    @property
    def nothing_left(self) -> bool:
        """Inspection refused all of it, and no refused piece is on its way again."""
        back = self.parts_back
        return back.complete and not back.under_way and not self.approved_minor

    def open_items(self, claim: str) -> list[str]:
        """The open items of the credits on the dealer's account: `claims/C1`, and where a further
        one followed, `claims/C1/credit-2`."""
        numbers = range(1, self.times + 1)
        return [claim if number == 1 else f"{claim}/credit-{number}" for number in numbers]

    def left_after(
        self, items: tuple[ClaimItem, ...], parts_return: str, confirmed: bool
    ) -> tuple[ItemAmount, ...]:
        """What will be approved of each item once these pieces are confirmed or refused."""
        return self.parts_back.inspected(parts_return, confirmed).left_of(items, self.decisions)

    def announced(self, parts_return: str, pieces: tuple[ReturnedPieces, ...]) -> "CreditProgress":
        return replace(self, parts_back=self.parts_back.announced(parts_return, pieces))

    def inspected(
        self, parts_return: str, confirmed: bool, left: tuple[ItemAmount, ...], days: Days
    ) -> "CreditProgress":
        inspected = Done("inspected", days)
        refused = self.refused
        if not confirmed:
            refused = refused.later(inspected) if refused else inspected
        return replace(
            self,
            latest=self.latest.later(inspected),
            refused=refused,
            parts_back=self.parts_back.inspected(parts_return, confirmed),
            approved={each.item: each.amount_minor for each in left},
        )

    def after_credit(self, amounts: tuple[ItemAmount, ...], fact: CreditFact) -> "CreditProgress":
        functional = fact.net_functional_minor
        if functional is not None:
            functional += self.functional_minor or 0
        more = {each.item: self.credited.get(each.item, 0) + each.amount_minor for each in amounts}
        return replace(
            self,
            credited=self.credited | more,
            tax_minor=self.tax_minor + fact.tax_minor,
            functional_minor=functional,
            times=self.times + 1,
        )
