"""The model's flow of parts: bought, moved between places, sold, and paid for."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tests.simulation.model_books import (
    Books,
    Line,
    before,
    exists,
    half_up,
    later,
    vat_percent,
)
from tests.simulation.model_stock import Day, Row, bought, count, cut, joined, moved, there, worth
from tests.simulation.trade import (
    CURRENCIES,
    CUSTODY,
    DEALERS,
    DONE,
    PARTS,
    PRICED_FROM,
    WAREHOUSES,
    Reasons,
    Wanted,
    When,
    supplier_of,
)

TRANSIT = ("1408", "")
DISCREPANCIES = ("1901", "")
COST_OF_SALES = ("6401", "")
WRITE_DOWN = ("6701", "")


@dataclass
class Transfer:
    source: str
    target: str
    wanted: Wanted
    requester: str
    last: Day
    state: str = "requested"
    receivers: set[str] = field(default_factory=set)
    dispatched: Counter[str] = field(default_factory=Counter)
    transit: dict[str, Row] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    discrepant: dict[str, Row] = field(default_factory=dict)
    resolved: Counter[str] = field(default_factory=Counter)

    def settle_state(self) -> None:
        if any(self.transit.values()):
            self.state = "partly received"
        else:
            self.state = "discrepant" if any(self.discrepant.values()) else "received"


@dataclass
class SoldLine:
    quantity: int
    kept: Row  # What did not come back.
    net: int
    tax: int
    returned: int = 0


@dataclass
class Sale:
    dealer: str
    sold: Day
    lines: dict[str, SoldLine]


ON_THE_WAY = ("in transit", "partly received")


class PartsFlow(Books):
    def __init__(self) -> None:
        super().__init__()
        self.purchases: set[str] = set()
        self.transfers: dict[str, Transfer] = {}
        self.sales: dict[str, Sale] = {}
        self.payments: set[str] = set()

    def receive_purchase(
        self, actor: str, number: str, when: When, place: str, part: str, quantity: int, value: int
    ) -> Reasons:
        entry = ("purchases", f"suppliers/{supplier_of(number)}", -value)
        day, reasons = self.day(actor, when, *entry)
        reasons |= {"ALREADY_EXISTS"} if number in self.purchases else set()
        reasons |= set() if exists(place) and part in PARTS else {"NOT_FOUND"}
        reasons |= set() if place in WAREHOUSES else {"PLACE_NOT_ALLOWED"}
        if not reasons:
            self.use_approval(actor, when, *entry)
            self.purchases.add(number)
            came = bought(day, f"purchases/{number}", quantity, value)
            self.put_in(place, part, came, ("2202", f"suppliers/{supplier_of(number)}"))
        return frozenset(reasons)

    def request_transfer(
        self, actor: str, number: str, when: When, source: str, target: str, wanted: Wanted
    ) -> Reasons:
        day, reasons = self.day(actor, when)
        reasons |= {"ALREADY_EXISTS"} if number in self.transfers else set()
        if source == target or CUSTODY in (source, target):
            reasons |= {"PLACE_NOT_ALLOWED"}
        if not (exists(source) and exists(target) and wanted.keys() <= PARTS.keys()):
            reasons |= {"NOT_FOUND"}
        if target.startswith("consignment."):
            restricted = {part for part, each in PARTS.items() if each.restricted}
            reasons |= {"RESTRICTED_PART"} if restricted & wanted.keys() else set()
        if not reasons:
            self.transfers[number] = Transfer(source, target, wanted, actor, day)
        return frozenset(reasons)

    def approve_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._answer_request(actor, number, when, "approved")

    def reject_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._answer_request(actor, number, when, "rejected")

    def _answer_request(self, actor: str, number: str, when: When, answer: str) -> Reasons:
        if reasons := self._unless_transfer(number, "requested"):
            return frozenset(reasons)
        return self._answered(actor, number, when, answer)

    def cancel_transfer(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_transfer(number, "requested", "approved"):
            return frozenset(reasons)
        return self._answered(actor, number, when, "cancelled")

    def _answered(self, actor: str, number: str, when: When, answer: str) -> Reasons:
        """Whoever asked may call it off, and may not decide it."""
        transfer = self.transfers[number]
        day, reasons = self.day(actor, when)
        reasons |= before(day, transfer.last)
        if answer != "cancelled" and transfer.requester == actor:
            reasons |= {"SAME_PERSON"}
        if not reasons:
            transfer.state, transfer.last = answer, day
        return frozenset(reasons)

    def dispatch_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons:
        if reasons := self._unless_transfer(number, "approved"):
            return frozenset(reasons)
        transfer = self.transfers[number]
        wanted = wanted or transfer.wanted
        day, reasons = self.day(actor, when)
        reasons |= before(day, transfer.last)
        rows: dict[str, Row] = {}
        for part, quantity in wanted.items():
            if quantity > transfer.wanted.get(part, 0):
                reasons |= {"DISPATCH_ABOVE_REQUESTED"}
            pieces = self.oldest(transfer.source, part, quantity, day)
            reasons |= {"INSUFFICIENT_STOCK"} if pieces is None else set()
            rows[part] = pieces or []
        if not reasons:
            for part, pieces in rows.items():
                self.take_out(transfer.source, part, pieces, TRANSIT)
                transfer.transit[part] = moved(pieces, day)
                transfer.dispatched[part] = count(pieces)
            transfer.state, transfer.last = "in transit", day
        return frozenset(reasons)

    def receive_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons:
        if reasons := self._unless_transfer(number, *ON_THE_WAY):
            return frozenset(reasons)
        transfer = self.transfers[number]
        wanted = wanted or {part: count(row) for part, row in transfer.transit.items() if row}
        day, reasons = self.day(actor, when)
        for part, quantity in wanted.items():
            reasons |= _not_there(transfer.transit.get(part, []), quantity, day)
        if not reasons:
            for part, quantity in wanted.items():
                came, transfer.transit[part] = cut(transfer.transit[part], quantity)
                self.put_in(transfer.target, part, moved(came, day), TRANSIT)
                transfer.received[part] += quantity
            transfer.receivers.add(actor)
            transfer.last = later(transfer.last, day)
            transfer.settle_state()
        return frozenset(reasons)

    def record_discrepancy(
        self, actor: str, number: str, when: When, part: str, quantity: int
    ) -> Reasons:
        if reasons := self._unless_transfer(number, *ON_THE_WAY):
            return frozenset(reasons)
        transfer = self.transfers[number]
        row = transfer.transit.get(part, [])
        day, reasons = self.day(actor, when)
        reasons |= _not_there(row, quantity, day)
        if not reasons:
            missed, transfer.transit[part] = cut(row, quantity)
            others = transfer.discrepant.get(part, [])
            transfer.discrepant[part] = joined(others + moved(missed, day))
            self.post(DISCREPANCIES, TRANSIT, worth(missed))
            transfer.receivers.add(actor)
            transfer.last = later(transfer.last, day)
            transfer.settle_state()
        return frozenset(reasons)

    def resolve_discrepancy(
        self, actor: str, number: str, when: When, resolution: str, part: str, quantity: int
    ) -> Reasons:
        if reasons := self._unless_transfer(number, *ON_THE_WAY, "discrepant"):
            return frozenset(reasons)
        transfer = self.transfers[number]
        row = transfer.discrepant.get(part, [])
        day, reasons = self.day(actor, when)
        reasons |= _not_there(row, quantity, day)
        if not reasons:
            pieces, transfer.discrepant[part] = cut(row, quantity)
            transfer.resolved[part] += quantity
            if resolution in ("found", "sent_back"):
                place = transfer.target if resolution == "found" else transfer.source
                self.put_in(place, part, moved(pieces, day), DISCREPANCIES)
            else:
                debit = ("1221", "suppliers/SF") if resolution == "carrier" else WRITE_DOWN
                self.post(debit, DISCREPANCIES, worth(pieces))
            transfer.last = later(transfer.last, day)
            transfer.settle_state()
        return frozenset(reasons)

    def close_transfer(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_transfer(number, "received", "discrepant"):
            return frozenset(reasons)
        transfer = self.transfers[number]
        day, reasons = self.day(actor, when)
        reasons |= before(day, transfer.last)
        reasons |= {"OPEN_DISCREPANCY"} if any(transfer.discrepant.values()) else set()
        reasons |= {"SAME_PERSON"} if actor in transfer.receivers else set()
        if not reasons:
            transfer.state = "closed"
        return frozenset(reasons)

    def sell_parts(
        self, actor: str, number: str, when: When, dealer: str, place: str, wanted: Wanted
    ) -> Reasons:
        day, reasons = self.day(actor, when)
        reasons |= {"ALREADY_EXISTS"} if number in self.sales else set()
        if dealer not in DEALERS or not exists(place) or not wanted.keys() <= PARTS.keys():
            reasons |= {"NOT_FOUND"}
        if place == CUSTODY or (place.startswith("consignment.") and not place.endswith(dealer)):
            reasons |= {"PLACE_NOT_ALLOWED"}
        for part, quantity in wanted.items():
            if part not in PARTS:
                continue
            reasons |= {"RESTRICTED_PART"} if PARTS[part].restricted else set()
            reasons |= set() if PARTS[part].serviceable else {"PART_NOT_SERVICEABLE"}
            priced = PARTS[part].price_minor and when.on >= PRICED_FROM
            reasons |= set() if priced else {"NO_PRICE"}
            if self.oldest(place, part, quantity, day) is None:
                reasons |= {"INSUFFICIENT_STOCK"}
        if not reasons:
            self._sell(number, day, dealer, place, wanted)
        return frozenset(reasons)

    def _sell(self, number: str, day: Day, dealer: str, place: str, wanted: Wanted) -> None:
        lines = {}
        for part, quantity in wanted.items():
            pieces = self.oldest(place, part, quantity, day) or []
            self.take_out(place, part, pieces, COST_OF_SALES)
            net = PARTS[part].price_minor * quantity
            lines[part] = SoldLine(quantity, pieces, net, half_up(net, vat_percent(day[0])))
        self.sales[number] = Sale(dealer, day, lines)
        net, tax = (sum(getattr(line, of) for line in lines.values()) for of in ("net", "tax"))
        due_on = day[0] + timedelta(days=DEALERS[dealer])
        line = Line("1122", "6001", net + tax, tax)
        self.post_line(dealer, f"sales/{number}", line, day, due_on)

    def receive_payment(
        self, actor: str, number: str, when: When, dealer: str, amount: int, currency: str,
        allocations: tuple[tuple[str, int], ...],
    ) -> Reasons:  # fmt: skip
        entry = ("payments", f"dealers/{dealer}", -amount)
        day, reasons = self.day(actor, when, *entry)
        reasons |= {"ALREADY_EXISTS"} if number in self.payments else set()
        if dealer not in DEALERS:
            return frozenset(reasons | {"NOT_FOUND"})
        reasons |= set() if currency == CURRENCIES[dealer] else {"WRONG_CURRENCY"}
        items = self.accounts[dealer].items
        chosen: Mapping[str, int] = Counter()
        for item, part in allocations:
            chosen = Counter(chosen) + Counter({item: part})
        if any(
            part > (items[item].amount if item in items else 0) for item, part in chosen.items()
        ):
            reasons |= {"ALLOCATION_ABOVE_OPEN"}
        if sum(chosen.values()) > amount:
            reasons |= {"ALLOCATION_ABOVE_OPEN"}
        if reasons:
            return frozenset(reasons)
        self.use_approval(actor, when, *entry)
        self.payments.add(number)
        pays = chosen or self._oldest_due(dealer, amount)
        self._pay(dealer, f"payments/{number}", day, amount, pays)
        return DONE

    def _pay(
        self, dealer: str, credit: str, day: Day, amount: int, chosen: Mapping[str, int]
    ) -> None:
        """What is paid of items that are not there yet is a credit until they are."""
        self.raise_item(dealer, credit, "1122", -amount, day[1])
        self.balances["1002", "", CURRENCIES[dealer]] += amount
        self.state_line(dealer, day, -amount)
        on: defaultdict[Day, dict[str, int]] = defaultdict(dict)
        for item, part in chosen.items():
            on[self.set_off_on(dealer, day, item)][item] = part
        for when, parts in sorted(on.items()):
            for item, part in parts.items():
                self.clear(dealer, item, -part, when)
                self.clear(dealer, credit, part, when)
            if when != day:
                self.state_line(dealer, when, 0)

    def _oldest_due(self, dealer: str, amount: int) -> dict[str, int]:
        chosen = {}
        items = self.accounts[dealer].items
        for item in sorted(items, key=lambda name: (items[name].due_on, name)):
            if items[item].amount > 0 and amount > 0:
                chosen[item] = min(amount, items[item].amount)
                amount -= chosen[item]
        return chosen

    def _unless_transfer(self, number: str, *states: str) -> set[str]:
        if number not in self.transfers:
            return {"NOT_FOUND"}
        return set() if self.transfers[number].state in states else {"NOT_ALLOWED_IN_STATE"}


def _not_there(row: Row, quantity: int, day: Day) -> set[str]:
    if quantity > count(row):
        return {"RECEIPT_ABOVE_DISPATCHED"}
    gone = not all(there(batch, day) for batch in cut(row, quantity)[0])
    return {"BEFORE_ARRIVAL"} if gone else set()
