"""The model's claims: submitted, decided, credited, charged back."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.simulation.model_books import (
    Day,
    Line,
    before,
    first_day_after,
    half_up,
    vat_percent,
)
from tests.simulation.model_parts import PartsFlow
from tests.simulation.trade import (
    CHARGEBACK_MONTHS,
    CLAIMS_VAT_PERCENT,
    COVERED_UNTIL,
    DEALERS,
    MACHINES,
    PARTS,
    RETURN_DAYS,
    SUBMISSION_DAYS,
    TODAY,
    Reasons,
    When,
)


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
    state: str = "submitted"
    approved: int = 0
    tax: int = 0
    replaced: int = 0
    due_on: date | None = None
    decided: Day = (TODAY, TODAY)
    requested: int = 0
    confirmed: int = 0
    credited: Day = (TODAY, TODAY)


class ClaimsFlow(PartsFlow):
    def __init__(self) -> None:
        super().__init__()
        self.claims: dict[str, Claim] = {}
        self.failures: set[tuple[str, date, str]] = set()

    def submit_claim(
        self, actor: str, number: str, when: When, dealer: str, machine: str, user: str,
        failed_on: date, part: str, quantity: int, material: int, ordered: int, labour: int,
    ) -> Reasons:  # fmt: skip
        day, reasons = self.day(actor, when)
        reasons |= {"ALREADY_EXISTS"} if number in self.claims else set()
        if dealer not in DEALERS or machine not in MACHINES or part not in PARTS:
            return frozenset(reasons | {"NOT_FOUND"})
        card = MACHINES[machine]
        reasons |= {"FOREIGN_MACHINE"} if card.dealer != dealer else set()
        reasons |= {"USER_MISSING"} if not user or card.user != user else set()
        if not card.sold_on <= failed_on <= COVERED_UNTIL[machine]:
            reasons |= {"OUT_OF_WARRANTY"}
        if not 0 <= (when.on - failed_on).days <= SUBMISSION_DAYS:
            reasons |= {"SUBMITTED_TOO_LATE"}
        reasons |= {"DOCUMENTS_DISAGREE"} if ordered != material else set()
        failure = (machine, failed_on, part)
        reasons |= {"DUPLICATE_CLAIM"} if failure in self.failures else set()
        if not reasons:
            self.failures.add(failure)
            return_days = RETURN_DAYS[card.model]
            self.claims[number] = Claim(
                dealer, actor, part, quantity, material, labour, return_days, day
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
        if not reasons:
            claim.approved, claim.decided = material + labour, day
            percent = CLAIMS_VAT_PERCENT.get(claim.dealer, vat_percent(when.on))
            claim.tax = half_up(material, percent) + half_up(labour, percent)
            claim.replaced = claim.quantity if material else 0
            if not claim.approved:
                claim.state = "rejected"
            elif claim.replaced and claim.return_days:
                claim.state = "awaiting"
                claim.due_on = day[0] + timedelta(days=claim.return_days)
            else:
                self.credit(number, day)
        return frozenset(reasons)

    def credit(self, number: str, day: Day) -> None:
        claim = self.claims[number]
        claim.state, claim.credited = "credited", day
        line = Line("2241", "2801", -claim.approved, claims_tax=claim.tax)
        self.post_line(claim.dealer, f"claims/{number}", line, day, day[1])

    def charge_back_claim(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_claim(number, "credited", "settled"):
            return frozenset(reasons)
        claim = self.claims[number]
        day, reasons = self.day(actor, when)
        reasons |= before(day, claim.credited)
        reasons |= {"CHARGEBACK_WINDOW_OVER"} if when.on > _window(claim.credited[0]) else set()
        if not reasons:
            claim.state = "charged back"
            line = Line("2241", "2801", claim.approved, claims_tax=-claim.tax)
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
