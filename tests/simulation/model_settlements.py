"""The model's monthly settlement with a dealer: stated, disputed, invoiced, netted."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.simulation.model_books import (
    Line,
    MonthSums,
    before,
    first_day_after,
    later,
    next_month,
)
from tests.simulation.model_returns import ReturnsFlow
from tests.simulation.model_stock import Day
from tests.simulation.trade import (
    CURRENCIES,
    DEALERS,
    Reasons,
    Stated,
    When,
)


@dataclass
class Settlement:
    issuer: str
    stated: Stated
    sums: MonthSums
    last: Day
    state: str = "issued"
    disputes: dict[int, set[str]] = field(default_factory=dict)  # By line, who disputes it.
    memos: Counter[int] = field(default_factory=Counter)  # By line, what corrects it so far.

    @property
    def lines(self) -> list[int]:
        return self.sums.lines


class SettlementFlow(ReturnsFlow):
    def __init__(self) -> None:
        super().__init__()
        self.settlements: dict[tuple[str, str], Settlement] = {}

    def issue_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        day, reasons = self.day(actor, when)
        reasons |= {"ALREADY_EXISTS"} if (dealer, month) in self.settlements else set()
        reasons |= {"STATEMENT_TOO_EARLY"} if first_day_after(month) > when.on else set()
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
                actor, Stated(opening, sums.debit, sums.credit, account.stated), sums, day
            )
            del account.months[month]
        return frozenset(reasons)

    def review_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "issued"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        day, reasons = self.day(actor, when)
        reasons |= before(day, settlement.last)
        reasons |= {"SAME_PERSON"} if actor == settlement.issuer else set()
        if not reasons:
            settlement.state, settlement.last = "reviewed", day
        return frozenset(reasons)

    def dispute_line(self, actor: str, dealer: str, month: str, when: When, line: int) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "reviewed", "disputed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        day, reasons = self.day(actor, when)
        reasons |= before(day, settlement.last)
        if not settlement.lines or not settlement.lines[0] <= line <= settlement.lines[-1]:
            reasons |= {"INVALID_VALUE"}
        if not reasons:
            settlement.disputes.setdefault(line, set()).add(actor)
            settlement.state, settlement.last = "disputed", day
        return frozenset(reasons)

    def resolve_dispute(
        self, actor: str, dealer: str, month: str, when: When, line: int, memo: int
    ) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "disputed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        day, reasons = self.day(actor, when)
        reasons |= before(day, settlement.last)
        reasons |= {"SAME_PERSON"} if actor in settlement.disputes.get(line, ()) else set()
        already, together = settlement.memos[line], settlement.memos[line] + memo
        corrected = self.accounts[dealer].lines.get(line)
        if line not in settlement.disputes or (memo and corrected is None):
            reasons |= {"INVALID_VALUE"}
        elif corrected and not corrected.takes(together):
            reasons |= {"MEMO_ABOVE_LINE"}
        if not reasons:
            del settlement.disputes[line]
            settlement.memos[line] = together
            settlement.last = later(settlement.last, day)
            if corrected and memo:
                item = f"settlements/{dealer}/{month}/memo-{line}"
                found = corrected.part(together).less(corrected.part(already))
                self.post_line(dealer, item, found, day, day[1])
        return frozenset(reasons)

    def confirm_statement(
        self, actor: str, dealer: str, month: str, when: When, genuine: bool
    ) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "reviewed", "disputed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        day, reasons = self.day(actor, when)
        reasons |= before(day, settlement.last)
        reasons |= {"OPEN_DISPUTE"} if settlement.disputes else set()
        reasons |= set() if genuine else {"CONTENT_HASH_MISMATCH"}
        if not reasons:
            settlement.state, settlement.last = "confirmed", day
        return frozenset(reasons)

    def invoice_settlement(
        self, actor: str, dealer: str, month: str, when: When, sales: str, claims: str
    ) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "confirmed"):
            return frozenset(reasons)
        settlement = self.settlements[dealer, month]
        sums = settlement.sums
        day, reasons = self.day(actor, when)
        reasons |= before(day, settlement.last)
        reasons |= {"INVALID_VALUE"} if "6001" in sums.invoiced and not sales else set()
        reasons |= {"INVALID_VALUE"} if "2801" in sums.invoiced and not claims else set()
        if not reasons:
            settlement.state, settlement.last = "invoiced", day
            pending, out = ("2221.pend", ""), ("2221.out", "")
            self.post(pending, out, sums.sales_tax, CURRENCIES[dealer])
            if sums.claims_tax:
                item = f"settlements/{dealer}/{month}/claims-tax"
                line = Line("2241", "2221.in", -sums.claims_tax)
                self.post_line(dealer, item, line, day, day[1])
        return frozenset(reasons)

    def close_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        if reasons := self._unless_settlement(dealer, month, "invoiced"):
            return frozenset(reasons)
        day, reasons = self.day(actor, when)
        reasons |= before(day, self.settlements[dealer, month].last)
        if not reasons:
            self.settlements[dealer, month].state = "closed"
            self._net(dealer, day)
        return frozenset(reasons)

    def _net(self, dealer: str, day: Day) -> None:
        """Lays debts and credits side by side, oldest due first: what lies side by side is netted.

        Each pair on the first day on which both are there.
        """
        items = self.accounts[dealer].items
        order = sorted(items, key=lambda name: (items[name].due_on, name))
        debts = _laid({name: items[name].amount for name in order})
        credits_ = _laid({name: -items[name].amount for name in order})
        on: defaultdict[Day, list[tuple[str, str, int]]] = defaultdict(list)
        for debt, owed in debts.items():
            for credit, owing in credits_.items():
                if both := range(max(owed.start, owing.start), min(owed.stop, owing.stop)):
                    when = self.set_off_on(dealer, day, debt, credit)
                    on[when].append((debt, credit, len(both)))
        for when, pairs in sorted(on.items()):
            for debt, credit, amount in pairs:
                self.clear(dealer, debt, -amount, when)
                self.clear(dealer, credit, amount, when)
            self.state_line(dealer, when, 0)
        for number, claim in self.claims.items():
            first = f"claims/{number}"
            its = {name for name in order if name == first or name.startswith(f"{first}/credit-")}
            if its - items.keys() and not its & items.keys() and claim.state == "credited":
                claim.state = "settled"

    def _unless_settlement(self, dealer: str, month: str, *states: str) -> set[str]:
        if (dealer, month) not in self.settlements:
            return {"NOT_FOUND"}
        state = self.settlements[dealer, month].state
        return set() if state in states else {"NOT_ALLOWED_IN_STATE"}


def _laid(amounts: dict[str, int]) -> dict[str, range]:
    """One after the other, each as long as its amount; what has none is left out."""
    laid, end = {}, 0
    for name, amount in amounts.items():
        if amount > 0:
            laid[name] = range(end, end := end + amount)
    return laid
