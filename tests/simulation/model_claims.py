"""The model's claims: submitted, decided, credited, charged back."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.simulation.model_books import (
    Line,
    before,
    first_day_after,
    half_up,
    later,
    month_of,
    vat_percent,
)
from tests.simulation.model_parts import PartsFlow
from tests.simulation.model_stock import Day
from tests.simulation.trade import (
    CHARGEBACK_MONTHS,
    CLAIMS_VAT_PERCENT,
    COVERED_UNTIL,
    DEALERS,
    HANDLING_PERCENT,
    MACHINES,
    PARTS,
    PRICED_FROM,
    RETURN_DAYS,
    SUBMISSION_DAYS,
    TODAY,
    Reasons,
    When,
)
from tests.small_maker import CataloguePart


@dataclass
class Claim:
    dealer: str
    submitter: str
    part: str
    quantity: int
    material: int
    labour: int
    return_days: int
    submitted: Day
    failure: tuple[str, date, str]
    state: str = "submitted"
    approved: tuple[int, int] = (0, 0)  # Material and labour, as decided.
    percent: int = 0  # The tax on it.
    due_on: date | None = None
    decided: Day = (TODAY, TODAY)
    # What must come back: missing, announced, confirmed, refused, or refused and announced again.
    pieces: list[str] = field(default_factory=list)
    overdue: bool = False
    latest: Day = (TODAY, TODAY)  # Of what the credit waits for.
    refused: Day = (date.min, date.min)  # When a piece was refused last.
    credits: int = 0
    credited_minor: tuple[int, int] = (0, 0)
    credited: Day = (TODAY, TODAY)

    @property
    def complete(self) -> bool:
        return not {"missing", "announced"} & set(self.pieces)

    @property
    def left(self) -> tuple[int, int]:
        """What is approved and was not refused; labour goes with the last of the pieces."""
        material, labour = self.approved
        if not self.pieces:
            return material, labour
        every = len(self.pieces)
        good = every - sum(piece in ("refused", "again") for piece in self.pieces)
        return (2 * material * good + every) // (2 * every), labour if good else 0

    @property
    def taxed(self) -> int:
        """The tax on what is credited."""
        return sum(half_up(amount, self.percent) for amount in self.credited_minor)

    @property
    def ends(self) -> bool:
        """Something is credited or denied now."""
        nothing = self.state in ("awaiting", "rejected") and "again" not in self.pieces
        left = sum(self.left)
        return self.complete and (left > sum(self.credited_minor) or (nothing and not left))


class ClaimsFlow(PartsFlow):
    def __init__(self) -> None:
        super().__init__()
        self.claims: dict[str, Claim] = {}
        self.failures: dict[tuple[str, date, str], str] = {}

    def submit_claim(
        self, actor: str, number: str, when: When, dealer: str, machine: str, user: str,
        failed_on: date, part: str, quantity: int, material: int, ordered: int, labour: int,
    ) -> Reasons:  # fmt: skip
        day, reasons = self.day(actor, when)
        reasons |= {"ALREADY_EXISTS"} if number in self.claims else set()
        reasons |= set() if part in PARTS else {"NOT_FOUND"}
        if dealer not in DEALERS or machine not in MACHINES:
            return frozenset(reasons | {"NOT_FOUND"})
        card = MACHINES[machine]
        reasons |= {"FOREIGN_MACHINE"} if card.dealer != dealer else set()
        reasons |= {"USER_MISSING"} if not user or card.user != user else set()
        if not card.sold_on <= failed_on <= COVERED_UNTIL[machine]:
            reasons |= {"OUT_OF_WARRANTY"}
        if not 0 <= (when.on - failed_on).days <= SUBMISSION_DAYS:
            reasons |= {"SUBMITTED_TOO_LATE"}
        reasons |= {"DOCUMENTS_DISAGREE"} if ordered != material else set()
        claimed = PARTS.get(part, CataloguePart())
        reasons |= {"RESTRICTED_PART"} if claimed.restricted else set()
        priced = claimed.price_minor and when.on >= PRICED_FROM
        reasons |= set() if priced else {"NO_PRICE"}
        failure = (machine, failed_on, part)
        reasons |= {"DUPLICATE_CLAIM"} if failure in self.failures else set()
        if not reasons:
            self.failures[failure] = number
            return_days = RETURN_DAYS[card.model]
            self.claims[number] = Claim(
                dealer, actor, part, quantity, material, labour, return_days, day, failure
            )
        return frozenset(reasons)

    def adjudicate_claim(
        self, actor: str, number: str, when: When, material: int, labour: int
    ) -> Reasons:
        if reasons := self._unless_claim(number, "submitted"):
            return frozenset(reasons)
        claim = self.claims[number]
        day, reasons = self.day(actor, when)
        reasons |= {"SAME_PERSON"} if actor == claim.submitter else set()
        reasons |= before(day, claim.submitted)
        if material > claim.material or labour > claim.labour:
            reasons |= {"APPROVED_ABOVE_CLAIMED"}
        price = PARTS[claim.part].price_minor * claim.quantity
        if material > half_up(price, 100 + HANDLING_PERCENT):
            reasons |= {"APPROVED_ABOVE_PRICE"}
        if not reasons:
            claim.approved, claim.decided, claim.latest = (material, labour), day, day
            claim.percent = CLAIMS_VAT_PERCENT.get(claim.dealer, vat_percent(when.on))
            if not material + labour:
                claim.state = "rejected"
                del self.failures[claim.failure]
            elif material and claim.return_days:
                claim.state = "awaiting"
                claim.pieces = ["missing"] * claim.quantity
                claim.due_on = day[0] + timedelta(days=claim.return_days)
            else:
                self.credit(number)
        return frozenset(reasons)

    def mark_claim_overdue(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_claim(number, "awaiting"):
            return frozenset(reasons)
        claim = self.claims[number]
        day, reasons = self.day(actor, when)
        reasons |= before(day, claim.decided)
        assert claim.due_on is not None
        if claim.overdue or "missing" not in claim.pieces or when.on <= claim.due_on:
            reasons |= {"NOT_OVERDUE_YET"}
        if not reasons:
            claim.overdue = True
        return frozenset(reasons)

    def may_look_at(
        self, actor: str, when: When, day: Day, number: str, looked_at: list[int], good: bool
    ) -> set[str]:
        """What forbids to look at these pieces: a credit or denial that follows from it counts on
        the latest day among what it waited for, and that month may be closed by now."""
        claim = self.claims[number]
        before_that = claim.pieces
        claim.pieces = [
            ("confirmed" if good else "refused") if place in looked_at else piece
            for place, piece in enumerate(before_that)
        ]
        ends, latest = claim.ends, later(claim.latest, day)
        claim.pieces = before_that
        if not ends or claim.state == "charged back" or month_of(latest[1]) == month_of(day[1]):
            return set()
        return self.day(actor, When(latest[1], when.document))[1]

    def look_at(self, number: str, day: Day, looked_at: list[int], good: bool) -> None:
        """Pieces were confirmed or refused: what is left of the claim is credited, or it ends."""
        claim = self.claims[number]
        if claim.state == "charged back":
            return
        for place in looked_at:
            claim.pieces[place] = "confirmed" if good else "refused"
        claim.latest = later(claim.latest, day)
        claim.refused = claim.refused if good else later(claim.refused, day)
        if not claim.ends:
            return
        if sum(claim.left) > sum(claim.credited_minor):
            self.credit(number)
        else:
            claim.state = "rejected"
            del self.failures[claim.failure]

    def credit(self, number: str) -> None:
        claim = self.claims[number]
        day, left, taxed = claim.latest, claim.left, claim.taxed
        amount = sum(left) - sum(claim.credited_minor)
        claim.state, claim.credited, claim.credited_minor = "credited", day, left
        claim.credits += 1
        item = f"claims/{number}" + (f"/credit-{claim.credits}" if claim.credits > 1 else "")
        line = Line("2241", "2801", -amount, claims_tax=claim.taxed - taxed)
        self.post_line(claim.dealer, item, line, day, day[1])

    def charge_back_claim(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_claim(number, "credited", "settled"):
            return frozenset(reasons)
        claim = self.claims[number]
        day, reasons = self.day(actor, when)
        reasons |= before(day, claim.credited)
        reasons |= {"CHARGEBACK_WINDOW_OVER"} if when.on > _window(claim.credited[0]) else set()
        if not reasons:
            claim.state = "charged back"
            line = Line("2241", "2801", sum(claim.credited_minor), claims_tax=-claim.taxed)
            self.post_line(claim.dealer, f"claims/{number}/chargeback", line, day, day[1])
        return frozenset(reasons)

    def _unless_claim(self, number: str, *states: str) -> set[str]:
        if number not in self.claims:
            return {"NOT_FOUND"}
        return set() if self.claims[number].state in states else {"NOT_ALLOWED_IN_STATE"}


def _window(credited_on: date) -> date:
    """The last day of the charge-back window: the same day of a later month, or its last."""
    month = credited_on.replace(day=1)
    for _ in range(CHARGEBACK_MONTHS):
        month = first_day_after(month.isoformat()[:7])
    last = first_day_after(month.isoformat()[:7]) - timedelta(days=1)
    return min(month + timedelta(days=credited_on.day - 1), last)
