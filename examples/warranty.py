"""Warranty claims with their items, and the defective parts that come back for them."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from examples.catalogue import CNY_PER_USD, CUSTODY, FAULTS, RETURN_DUTY, Dealer, Machine
from examples.chance import Coin, Deck, Quota, Weighted, days_after, one_of
from examples.files import decimal
from examples.history import History
from examples.sizes import CHARGED_BACK, CLAIM_OUTCOMES, FIRST_DAY, LATE_RETURNS
from examples.trade import Trade

_DUE_DAYS = 30
_REASONS = {"partly": "工时超过定额 hours above the flat rate", "rejected": "保养不当 poor upkeep"}
_HOUR = {"CNY": 12_000, "USD": 1_700}


class Item(NamedTuple):
    kind: str
    part: int | None
    quantity: int
    minor: int


class Claim(NamedTuple):
    """A claim as submitted, before anybody has decided."""

    number: str
    machine: Machine
    dealer: Dealer
    failed_on: date
    items: list[Item]


class Warranty:
    def __init__(self, history: History, trade: Trade) -> None:
        self._history = history
        self._trade = trade
        self._random = history.random("warranty")
        self._quota = Quota(history.size.claims)
        self._outcomes = Deck(self._random, CLAIM_OUTCOMES)
        self._late = Coin(self._random, LATE_RETURNS)
        self._charged_back = Coin(self._random, CHARGED_BACK)
        self._findings = Deck(self._random, {"confirmed": 47, "misuse": 2, "no_fault_found": 1})
        self._parts = Weighted(self._random, history.catalogue.weights)
        self.latest: Claim | None = None

    def claim(self) -> None:
        for _ in range(self._quota.today()):
            submitted = self._history.happened()
            drafted = self.draft(submitted)
            if drafted:
                self.latest = drafted
                self._decide(drafted, submitted)

    def claim_late(self, submitted: date) -> None:
        """A claim of a month that is closed: it counts in an open one."""
        drafted = self.draft(submitted)
        if drafted:
            self._decide(drafted, submitted, late="true")

    def draft(self, submitted: date) -> Claim | None:
        """A claim in order, of a machine that has not failed that day before."""
        history, random = self._history, self._random
        for _ in range(20):
            machine = one_of(random, history.catalogue.machines)
            failed_on = submitted - timedelta(days=random.randint(1, 20))
            if history.catalogue.covered(machine, failed_on):
                break
        else:
            return None
        dealer = history.catalogue.dealers[machine.dealer]
        return Claim(
            history.number("CL"), machine, dealer, failed_on, self._items(dealer, failed_on)
        )

    def write(self, claim: Claim, submitted: date, **cells: Any) -> int:
        """Writes a claim's own row; `cells` are the later steps, or what is wrong with it."""
        history = self._history
        causal = next(item.part for item in claim.items if item.part is not None)
        row: dict[str, Any] = {
            "claim": claim.number, "dealer": claim.dealer.code, "machine": claim.machine.serial,
            "user": claim.machine.user, "failed_on": claim.failed_on,
            "causal_part": history.catalogue.part(causal),
            "fault_code": one_of(self._random, FAULTS),
            "pre_inspection": history.paper("PI"), "work_order": history.paper("WO"),
            "settlement_sheet": history.paper("SS"), "currency": claim.dealer.currency,
            "submitted_on": submitted, "submitted_by": f"{claim.dealer.code.lower()}.service",
            "entered_on": history.entered(submitted),
        }  # fmt: skip
        return history.files.write("claims.csv", **{**row, **cells})

    def write_items(
        self, claim: Claim, approved: list[int] | None = None, because: str = "",
        inspected_less: int | None = None,
    ) -> None:  # fmt: skip
        """Writes the items; a tenth are pre-inspected a little lower, within the tolerance, which
        is in CNY."""
        a_unit = 1 if claim.dealer.currency == "CNY" else CNY_PER_USD + 1
        for index, item in enumerate(claim.items):
            little = self._random.randint(1, 400) // a_unit if self._random.random() < 0.1 else 0
            less = little if inspected_less is None else inspected_less
            granted = approved[index] if approved else None
            self._history.files.write(
                "claim_items.csv", claim=claim.number, kind=item.kind,
                part=None if item.part is None else self._history.catalogue.part(item.part),
                quantity=item.quantity or None, currency=claim.dealer.currency,
                inspected=decimal(max(item.minor - less, 0)), ordered=decimal(item.minor),
                claimed=decimal(item.minor),
                approved=None if granted is None else decimal(granted),
                because=because if granted is not None and granted < item.minor else None,
            )  # fmt: skip

    def _decide(self, claim: Claim, submitted: date, late: str | None = None) -> None:
        """Decides the claim, has its parts back, and takes the credit back after some audits."""
        history = self._history
        decided = days_after(self._random, history.today, 2, 9)
        if decided > history.last:
            self.write(claim, submitted, late=late)
            self.write_items(claim)
            return
        outcome = self._outcomes.deal()
        approved = self._approved(claim, outcome)
        credited: date | None = decided if sum(approved) else None
        if credited and claim.machine.model in RETURN_DUTY:
            credited, approved_after = self._take_back(claim, approved, decided)
        else:
            approved_after = approved
        if credited and credited <= history.last:
            self._trade.credit(claim.dealer, sum(approved_after))
        back = credited and days_after(self._random, credited, 10, 50)
        cells: dict[str, Any] = {
            "late": late,
            "adjudicated_on": decided,
            "adjudicated_by": "claims.desk",
        }
        if back and back <= history.last and self._charged_back.throw():
            cells |= {
                "charged_back_on": back,
                "charged_back_by": "claims.audit",
                "because": "工单与实物不符 work order and machine disagree",
            }
        self.write(claim, submitted, **cells)
        self.write_items(claim, approved, _REASONS.get(outcome, ""))

    def _approved(self, claim: Claim, outcome: str) -> list[int]:
        if outcome == "rejected":
            return [0] * len(claim.items)
        if outcome == "partly":
            return [item.minor if item.part is not None else item.minor * 7 // 10
                    for item in claim.items]  # fmt: skip
        return [item.minor for item in claim.items]

    def _items(self, dealer: Dealer, on: date) -> list[Item]:
        """The causal part and its labour; sometimes a second part, or travel."""
        random, catalogue = self._random, self._history.catalogue
        parts = {catalogue.active[self._parts.draw()]: random.randint(1, 2)}
        if random.random() < 0.1:
            parts.setdefault(catalogue.active[self._parts.draw()], 1)
        day = max(on, FIRST_DAY)
        items = [
            Item("material", part, quantity,
                 catalogue.price(part, dealer.currency, day) * quantity * 105 // 100)
            for part, quantity in parts.items()
        ]  # fmt: skip
        hour = _HOUR[dealer.currency]
        items.append(Item("labour", None, 0, hour * random.randint(1, 8)))
        if random.random() < 0.1:
            items.append(Item("travel", None, 0, hour * random.randint(1, 4)))
        return items

    def _take_back(
        self, claim: Claim, approved: list[int], decided: date
    ) -> tuple[date | None, list[int]]:
        """Sends every replaced part back; the day of the credit, if all are there and some of it
        is left, and what is left: a refused part is not paid, nor work with the causal one."""
        late = self._late.throw()
        credited: date | None = decided
        left = list(approved)
        for index, (item, granted) in enumerate(zip(claim.items, approved, strict=True)):
            if item.part is not None and granted:
                inspected, confirmed = self._return(claim, item, decided, late)
                credited = max(credited, inspected) if credited and inspected else None
                if not confirmed:
                    left[index] = 0
        if not left[0]:
            left = [n if item.part else 0 for n, item in zip(left, claim.items, strict=True)]
        return (credited if sum(left) else None), left

    def _return(
        self, claim: Claim, item: Item, decided: date, late: bool
    ) -> tuple[date | None, bool]:
        """One defective part on its way back; the day it was inspected, and whether it was as the
        claim says."""
        history, random = self._history, self._random
        due = decided + timedelta(days=_DUE_DAYS)
        requested = days_after(random, decided, 0, 2)
        if requested > history.last:
            return None, True
        shipped = days_after(random, due, 1, 6) if late else days_after(random, requested, 1, 8)
        received = days_after(random, shipped, 2, 6)
        inspected = days_after(random, received, 1, 3)
        disposed = days_after(random, inspected, 1, 4)
        days = history.reached([shipped, received, inspected, disposed, due + timedelta(days=1)])
        overdue = days[4] if late else None
        finding = self._findings.deal()
        confirmed = finding == "confirmed"
        assert item.part is not None
        history.files.write(
            "returns.csv", parts_return=history.number("RT"), kind="defective", claim=claim.number,
            part=history.catalogue.part(item.part), quantity=item.quantity, to_place=CUSTODY,
            requested_on=requested, requested_by="claims.desk",
            shipped_on=days[0], shipped_by=days[0] and f"{claim.dealer.code.lower()}.service",
            waybill=days[0] and history.paper("SF"),
            overdue_on=overdue, overdue_by=overdue and "claims.desk",
            received_on=days[1], received_by=days[1] and "r01.keeper",
            inspected_on=days[2], inspected_by=days[2] and "quality.lab",
            finding=days[2] and finding,
            disposed_on=days[3], disposed_by=days[3] and "r01.keeper",
            disposal=days[3] and ("scrap" if confirmed else "back_to_dealer"),
        )  # fmt: skip
        return days[2], confirmed
