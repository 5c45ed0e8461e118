"""The model's dealings with dealers: claims, returns, and the monthly settlement."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.simulation.model_books import (
    Row,
    cost_of,
    exists,
    first_day_after,
    half_up,
    moved,
    next_month,
)
from tests.simulation.model_parts import COST_OF_SALES, TRANSIT, WRITE_DOWN, PartsFlow
from tests.simulation.trade import (
    CHARGEBACK_MONTHS,
    CUSTODY,
    DEALERS,
    MACHINES,
    PARTS,
    POLICIES,
    SUBMISSION_DAYS,
    TODAY,
    VAT_PERCENT,
    WAREHOUSES,
    Reasons,
    Stated,
    When,
)

PROVISION = ("2801", "")


@dataclass
class Claim:
    dealer: str
    submitter: str
    part: str
    quantity: int
    material: int
    labour: int
    return_days: int
    state: str = "submitted"
    approved: int = 0
    replaced: int = 0
    due_on: date | None = None
    requested: int = 0
    confirmed: int = 0
    credited_on: date = TODAY


@dataclass
class Parcel:
    kind: str
    dealer: str
    origin: str
    part: str
    place: str
    pieces: Row
    due_on: date | None
    net: int = 0
    tax: int = 0
    state: str = "requested"
    overdue: bool = False
    accepted: bool = False


@dataclass
class Settlement:
    issuer: str
    stated: Stated
    sales_tax: int
    claims: int
    lines: list[int]
    state: str = "issued"
    disputes: set[int] = field(default_factory=set)


ACCEPTED_AS = {"good": "no_fault_found", "defective": "confirmed"}
DISPOSALS = {
    ("good", True): {"restock", "scrap", "to_supplier"},
    ("good", False): {"back_to_dealer"},
    ("defective", True): {"scrap", "to_supplier"},
    ("defective", False): {"scrap", "back_to_dealer"},
}


class ClaimsFlow(PartsFlow):
    def __init__(self) -> None:
        super().__init__()
        self.claims: dict[str, Claim] = {}
        self.failures: set[tuple[str, date, str]] = set()

    def submit_claim(
        self, actor: str, number: str, when: When, dealer: str, machine: str, user: str,
        failed_on: date, part: str, quantity: int, material: int, ordered: int, labour: int,
    ) -> Reasons:  # fmt: skip
        _, reasons = self.day(actor, when)
        reasons |= {"ALREADY_EXISTS"} if number in self.claims else set()
        if dealer not in DEALERS or machine not in MACHINES or part not in PARTS:
            return frozenset(reasons | {"NOT_FOUND"})
        card = MACHINES[machine]
        reasons |= {"FOREIGN_MACHINE"} if card.dealer != dealer else set()
        reasons |= {"USER_MISSING"} if not user or card.user != user else set()
        if not card.sold_on <= failed_on <= card.covered_until:
            reasons |= {"OUT_OF_WARRANTY"}
        if not 0 <= (when.on - failed_on).days <= SUBMISSION_DAYS:
            reasons |= {"SUBMITTED_TOO_LATE"}
        reasons |= {"DOCUMENTS_DISAGREE"} if ordered != material else set()
        failure = (machine, failed_on, part)
        reasons |= {"DUPLICATE_CLAIM"} if failure in self.failures else set()
        if not reasons:
            self.failures.add(failure)
            return_days = POLICIES[card.model].return_days
            self.claims[number] = Claim(
                dealer, actor, part, quantity, material, labour, return_days
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
        if material > claim.material or labour > claim.labour:
            reasons |= {"APPROVED_ABOVE_CLAIMED"}
        if not reasons:
            claim.approved = material + labour
            claim.replaced = claim.quantity if material else 0
            if not claim.approved:
                claim.state = "rejected"
            elif claim.replaced and claim.return_days:
                claim.state = "awaiting"
                claim.due_on = day + timedelta(days=claim.return_days)
            else:
                self.credit(number, day)
        return frozenset(reasons)

    def credit(self, number: str, day: date) -> None:
        claim = self.claims[number]
        claim.state, claim.credited_on = "credited", day
        self.raise_item(claim.dealer, f"claims/{number}", "2241", -claim.approved, day)
        self.balances[PROVISION] += claim.approved
        self.state_line(claim.dealer, day, -claim.approved, claims=claim.approved)

    def charge_back_claim(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_claim(number, "credited", "settled"):
            return frozenset(reasons)
        claim = self.claims[number]
        day, reasons = self.day(actor, when)
        reasons |= {"CHARGEBACK_WINDOW_OVER"} if day > _window(claim.credited_on) else set()
        if not reasons:
            claim.state = "charged back"
            self.raise_item(
                claim.dealer, f"claims/{number}/chargeback", "2241", claim.approved, day
            )
            self.balances[PROVISION] -= claim.approved
            self.state_line(claim.dealer, day, claim.approved, claims=-claim.approved)
        return frozenset(reasons)

    def _unless_claim(self, number: str, *states: str) -> set[str]:
        if number not in self.claims:
            return {"NOT_FOUND"}
        return set() if self.claims[number].state in states else {"NOT_ALLOWED_IN_STATE"}


class ReturnsFlow(ClaimsFlow):
    def __init__(self) -> None:
        super().__init__()
        self.parcels: dict[str, Parcel] = {}

    def request_defective_return(
        self, actor: str, number: str, when: When, claim: str, part: str, quantity: int, place: str
    ) -> Reasons:
        day, reasons = self._announce(actor, number, when, place)
        reasons |= self._unless_claim(claim, "awaiting")
        origin = self.claims.get(claim)
        if origin:
            replaced = origin.replaced if part == origin.part else 0
            before = origin.requested if part == origin.part else 0
            reasons |= {"RETURN_ABOVE_REPLACED"} if before + quantity > replaced else set()
        if origin and not reasons:
            origin.requested += quantity
            pieces = [(day, day, 0)] * quantity
            self.parcels[number] = Parcel(
                "defective", origin.dealer, claim, part, place, pieces, origin.due_on
            )
        return frozenset(reasons)

    def request_good_return(
        self, actor: str, number: str, when: When, sale: str, part: str, quantity: int, place: str
    ) -> Reasons:
        _, reasons = self._announce(actor, number, when, place)
        if sale not in self.sales:
            return frozenset(reasons | {"NOT_FOUND"})
        line = self.sales[sale].lines.get(part)
        if line is None or line.returned + quantity > len(line.pieces):
            return frozenset(reasons | {"RETURN_ABOVE_REPLACED"})
        if not reasons:
            first, last, of = line.returned, line.returned + quantity, len(line.pieces)
            net, tax = (
                amount * last // of - amount * first // of for amount in (line.net, line.tax)
            )
            line.returned = last
            pieces = moved(line.pieces[first:last], self.sales[sale].sold_on)
            self.parcels[number] = Parcel(
                "good", self.sales[sale].dealer, sale, part, place, pieces, None, net, tax
            )
        return frozenset(reasons)

    def _announce(self, actor: str, number: str, when: When, place: str) -> tuple[date, set[str]]:
        day, reasons = self.day(actor, when)
        reasons |= {"ALREADY_EXISTS"} if number in self.parcels else set()
        if not exists(place):
            reasons |= {"NOT_FOUND"}
        elif place != CUSTODY:
            reasons |= {"PLACE_NOT_ALLOWED"}
        return day, reasons

    def ship_return(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_parcel(number, "requested"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self._not_before(parcel, actor, when)
        if not reasons:
            parcel.state, parcel.pieces = "shipped", moved(parcel.pieces, day)
            self.post(TRANSIT, COST_OF_SALES, cost_of(parcel.pieces))
        return frozenset(reasons)

    def receive_return(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_parcel(number, "shipped"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self._not_before(parcel, actor, when)
        if not reasons:
            parcel.state, parcel.pieces = "received", moved(parcel.pieces, day)
            self.put_in(parcel.place, parcel.part, parcel.pieces, TRANSIT)
        return frozenset(reasons)

    def mark_return_overdue(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_parcel(number, "requested", "shipped"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self.day(actor, when)
        if parcel.overdue or parcel.due_on is None or day <= parcel.due_on:
            reasons |= {"NOT_OVERDUE_YET"}
        if not reasons:
            parcel.overdue = True
        return frozenset(reasons)

    def inspect_return(self, actor: str, number: str, when: When, finding: str) -> Reasons:
        if reasons := self._unless_parcel(number, "received"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self.day(actor, when)
        if reasons:
            return frozenset(reasons)
        parcel.state, parcel.accepted = "inspected", finding == ACCEPTED_AS[parcel.kind]
        if parcel.kind == "good" and parcel.accepted:
            gross = parcel.net + parcel.tax
            self.raise_item(parcel.dealer, f"returns/{number}", "1122", -gross, day)
            self.balances["6001", ""] += parcel.net
            self.balances["2221.pend", ""] += parcel.tax
            self.state_line(parcel.dealer, day, -gross, sales_tax=-parcel.tax)
        elif parcel.kind == "defective" and self.claims[parcel.origin].state == "awaiting":
            self._tell_claim(parcel, day)
        return frozenset()

    def _tell_claim(self, parcel: Parcel, day: date) -> None:
        claim = self.claims[parcel.origin]
        if not parcel.accepted:
            claim.state = "rejected"
            return
        claim.confirmed += len(parcel.pieces)
        if claim.confirmed == claim.replaced:
            self.credit(parcel.origin, day)

    def dispose_return(
        self, actor: str, number: str, when: When, disposal: str, place: str
    ) -> Reasons:
        if reasons := self._unless_parcel(number, "inspected"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self._not_before(parcel, actor, when)
        if disposal not in DISPOSALS[parcel.kind, parcel.accepted]:
            reasons |= {"DISPOSAL_NOT_ALLOWED"}
        elif disposal == "restock" and place not in WAREHOUSES:
            reasons |= {"INVALID_VALUE" if not place else
                        "PLACE_NOT_ALLOWED" if exists(place) else "NOT_FOUND"}  # fmt: skip
        if not reasons:
            parcel.state = "disposed"
            debit = {"restock": TRANSIT, "back_to_dealer": COST_OF_SALES}.get(disposal, WRITE_DOWN)
            self.take_out(parcel.place, parcel.part, parcel.pieces, debit)
            if disposal == "restock":
                self.put_in(place, parcel.part, moved(parcel.pieces, day), TRANSIT)
        return frozenset(reasons)

    def _not_before(self, parcel: Parcel, actor: str, when: When) -> tuple[date, set[str]]:
        day, reasons = self.day(actor, when)
        if any(piece[1] > day for piece in parcel.pieces):
            reasons |= {"BEFORE_ARRIVAL"}
        return day, reasons

    def _unless_parcel(self, number: str, *states: str) -> set[str]:
        if number not in self.parcels:
            return {"NOT_FOUND"}
        return set() if self.parcels[number].state in states else {"NOT_ALLOWED_IN_STATE"}


def _window(credited_on: date) -> date:
    """The last day of the charge-back window: the same day of a later month, or its last."""
    month = credited_on.replace(day=1)
    for _ in range(CHARGEBACK_MONTHS):
        month = first_day_after(month.isoformat()[:7])
    last = first_day_after(month.isoformat()[:7]) - timedelta(days=1)
    return min(month + timedelta(days=credited_on.day - 1), last)


class SettlementFlow(ReturnsFlow):
    def __init__(self) -> None:
        super().__init__()
        self.settlements: dict[tuple[str, str], Settlement] = {}

    def issue_statement(self, actor: str, dealer: str, month: str) -> Reasons:
        reasons = {"ALREADY_EXISTS"} if (dealer, month) in self.settlements else set()
        reasons |= {"STATEMENT_TOO_EARLY"} if first_day_after(month) > TODAY else set()
        if dealer not in DEALERS:
            return frozenset(reasons | {"NOT_FOUND"})
        account = self.accounts[dealer]
        skipped = any(other < month for other in account.months)
        if skipped or month < next_month(account.stated_through):
            reasons |= {"STATEMENT_OUT_OF_ORDER"}
        if not reasons:
            sums = account.months[month]
            opening = account.stated
            account.stated = opening + sums.debit - sums.credit
            account.stated_through = month
            account.version += 1
            self.settlements[dealer, month] = Settlement(
                actor, Stated(opening, sums.debit, sums.credit, account.stated),
                sums.sales_tax, sums.claims, sums.lines,
            )  # fmt: skip
            del account.months[month]
        return frozenset(reasons)

    def review_statement(self, actor: str, dealer: str, month: str) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "issued"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        if actor == settlement.issuer:
            return frozenset({"SAME_PERSON"})
        settlement.state = "reviewed"
        return frozenset()

    def dispute_line(self, actor: str, dealer: str, month: str, line: int) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "reviewed", "disputed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        if not settlement.lines or not settlement.lines[0] <= line <= settlement.lines[-1]:
            return frozenset({"INVALID_VALUE"})
        settlement.disputes.add(line)
        settlement.state = "disputed"
        return frozenset()

    def resolve_dispute(
        self, actor: str, dealer: str, month: str, when: When, line: int, memo: int
    ) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "disputed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        day, reasons = self.day(actor, when) if memo else (TODAY, set())
        reasons |= set() if line in settlement.disputes else {"INVALID_VALUE"}
        if not reasons:
            settlement.disputes.remove(line)
            if memo:
                item = f"settlements/{dealer}/{month}/memo-{line}"
                self.raise_item(dealer, item, "1122", memo, day)
                self.balances["6001", ""] -= memo
                self.state_line(dealer, day, memo)
        return frozenset(reasons)

    def confirm_statement(self, actor: str, dealer: str, month: str, genuine: bool) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "reviewed", "disputed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        reasons |= {"OPEN_DISPUTE"} if settlement.disputes else set()
        reasons |= set() if genuine else {"CONTENT_HASH_MISMATCH"}
        if not reasons:
            settlement.state = "confirmed"
        return frozenset(reasons)

    def invoice_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "confirmed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        day, reasons = self.day(actor, when)
        if not reasons:
            settlement.state = "invoiced"
            self.post(("2221.pend", ""), ("2221.out", ""), settlement.sales_tax)
            tax = half_up(max(settlement.claims, 0), VAT_PERCENT)
            if tax:
                item = f"settlements/{dealer}/{month}/claims-tax"
                self.raise_item(dealer, item, "2241", -tax, day)
                self.balances["2221.in", ""] += tax
                self.state_line(dealer, day, -tax)
        return frozenset(reasons)

    def close_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "invoiced"):
            return frozenset(reasons)
        day, reasons = self.day(actor, when)
        if not reasons:
            self.settlements[dealer, month].state = "closed"
            self._net(dealer, day)
        return frozenset(reasons)

    def _net(self, dealer: str, day: date) -> None:
        """Sets debts and credits against each other, unit by unit, oldest due first."""
        items = self.accounts[dealer].items
        order = sorted(items, key=lambda name: (items[name].due_on, name))
        debts = {name: items[name].amount for name in order if items[name].amount > 0}
        credits_ = {name: -items[name].amount for name in order if items[name].amount < 0}
        both = min(sum(debts.values()), sum(credits_.values()))
        for side, sign in ((debts, -1), (credits_, 1)):
            left = both
            for name, amount in side.items():
                if cleared := min(left, amount):
                    self.clear(dealer, name, sign * cleared)
                left -= cleared
        for name in credits_.keys() - items.keys():
            claim = self.claims.get(name.removeprefix("claims/"))
            if claim and name.startswith("claims/") and claim.state == "credited":
                claim.state = "settled"
        if both:
            self.state_line(dealer, day, 0)

    def _unless_settlement(self, dealer: str, month: str, *states: str) -> set[str]:
        if (dealer, month) not in self.settlements:
            return {"NOT_FOUND"}
        state = self.settlements[dealer, month].state
        return set() if state in states else {"NOT_ALLOWED_IN_STATE"}
