"""The model's returns: parcels of single pieces, each with its own custody."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.simulation.model_books import Line, before, exists
from tests.simulation.model_claims import ClaimsFlow
from tests.simulation.model_parts import COST_OF_SALES, TRANSIT, WRITE_DOWN
from tests.simulation.model_stock import Day, Row, bought, cut, moved, nearest, there, worth
from tests.simulation.trade import CUSTODY, WAREHOUSES, Reasons, When, supplier_of


@dataclass
class Parcel:
    kind: str
    dealer: str
    origin: str
    part: str
    place: str
    pieces: Row
    due_on: date | None
    last: Day
    net: int = 0
    tax: int = 0
    state: str = "requested"
    overdue: bool = False
    accepted: bool = False
    of_claim: list[int] = field(default_factory=list)  # Which of the claim's pieces they are.


ACCEPTED_AS = {"good": "no_fault_found", "defective": "confirmed"}
DISPOSALS = {
    ("good", True): {"restock", "scrap", "to_supplier"},
    ("good", False): {"back_to_dealer"},
    ("defective", True): {"scrap", "to_supplier"},
    ("defective", False): {"scrap", "back_to_dealer"},
}


class ReturnsFlow(ClaimsFlow):
    def __init__(self) -> None:
        super().__init__()
        self.parcels: dict[str, Parcel] = {}

    def request_defective_return(
        self, actor: str, number: str, when: When, claim: str, part: str, quantity: int, place: str
    ) -> Reasons:
        day, reasons = self._announce(actor, number, when, place)
        reasons |= self._unless_claim(claim, "awaiting", "rejected", "credited", "settled")
        origin = self.claims.get(claim)
        if origin is None:
            return frozenset(reasons)
        chosen = _pieces_to_come(origin.pieces, quantity) if part == origin.part else []
        reasons |= {"RETURN_ABOVE_REPLACED"} if len(chosen) < quantity else set()
        reasons |= before(day, origin.decided)
        if any(origin.pieces[piece] == "refused" for piece in chosen):
            reasons |= before(day, origin.refused)
        if self.failures.get(origin.failure, claim) != claim:
            reasons |= {"DUPLICATE_CLAIM"}
        if not reasons:
            self.failures[origin.failure] = claim
            for piece in chosen:
                again = origin.pieces[piece] == "refused"
                origin.pieces[piece] = "again" if again else "announced"
            pieces = bought((day[0], day[0]), f"returns/{number}", quantity, 0)
            self.parcels[number] = Parcel(
                "defective", origin.dealer, claim, part, place, pieces, origin.due_on, day,
                of_claim=chosen,
            )  # fmt: skip
        return frozenset(reasons)

    def request_good_return(
        self, actor: str, number: str, when: When, sale: str, part: str, quantity: int, place: str
    ) -> Reasons:
        day, reasons = self._announce(actor, number, when, place)
        if sale not in self.sales:
            return frozenset(reasons | {"NOT_FOUND"})
        reasons |= before(day, self.sales[sale].sold)
        line = self.sales[sale].lines.get(part)
        if line is None or line.returned + quantity > line.quantity:
            return frozenset(reasons | {"RETURN_ABOVE_REPLACED"})
        if not reasons:
            first, last, of = line.returned, line.returned + quantity, line.quantity
            net, tax = (
                nearest(Fraction(amount * last, of)) - nearest(Fraction(amount * first, of))
                for amount in (line.net, line.tax)
            )
            line.returned = last
            back, line.kept = cut(line.kept, quantity)
            pieces = moved(back, self.sales[sale].sold)
            self.parcels[number] = Parcel(
                "good", self.sales[sale].dealer, sale, part, place, pieces, None, day, net, tax
            )
        return frozenset(reasons)

    def _announce(self, actor: str, number: str, when: When, place: str) -> tuple[Day, set[str]]:
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
        reasons |= before(day, parcel.last)
        if not reasons:
            parcel.state, parcel.pieces = "shipped", moved(parcel.pieces, day)
            parcel.last = day
            self.post(TRANSIT, COST_OF_SALES, worth(parcel.pieces))
        return frozenset(reasons)

    def receive_return(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_parcel(number, "shipped"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self._not_before(parcel, actor, when)
        if not reasons:
            parcel.state, parcel.pieces = "received", moved(parcel.pieces, day)
            parcel.last = day
            self.put_in(parcel.place, parcel.part, parcel.pieces, TRANSIT)
        return frozenset(reasons)

    def mark_return_overdue(self, actor: str, number: str, when: When) -> Reasons:
        if reasons := self._unless_parcel(number, "requested", "shipped"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self.day(actor, when)
        reasons |= before(day, parcel.last)
        if parcel.overdue or parcel.due_on is None or when.on <= parcel.due_on:
            reasons |= {"NOT_OVERDUE_YET"}
        if not reasons:
            parcel.overdue = True
        return frozenset(reasons)

    def inspect_return(self, actor: str, number: str, when: When, finding: str) -> Reasons:
        if reasons := self._unless_parcel(number, "received"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self.day(actor, when)
        reasons |= before(day, parcel.last)
        accepted = finding == ACCEPTED_AS[parcel.kind]
        if parcel.kind == "defective":
            reasons |= self.may_look_at(actor, when, day, parcel.origin, parcel.of_claim, accepted)
        if reasons:
            return frozenset(reasons)
        parcel.state, parcel.accepted, parcel.last = "inspected", accepted, day
        if parcel.kind == "good" and parcel.accepted:
            line = Line("1122", "6001", -parcel.net - parcel.tax, -parcel.tax)
            self.post_line(parcel.dealer, f"returns/{number}", line, day, day[1])
        elif parcel.kind == "defective":
            self.look_at(parcel.origin, day, parcel.of_claim, accepted)
        return frozenset()

    def dispose_return(
        self, actor: str, number: str, when: When, disposal: str, place: str, supplier: str
    ) -> Reasons:
        if reasons := self._unless_parcel(number, "inspected"):
            return frozenset(reasons)
        parcel = self.parcels[number]
        day, reasons = self._not_before(parcel, actor, when)
        reasons |= before(day, parcel.last)
        if disposal not in DISPOSALS[parcel.kind, parcel.accepted]:
            reasons |= {"DISPOSAL_NOT_ALLOWED"}
        elif disposal == "restock" and place not in WAREHOUSES:
            reasons |= {"INVALID_VALUE" if not place else
                        "PLACE_NOT_ALLOWED" if exists(place) else "NOT_FOUND"}  # fmt: skip
        if bool(supplier) > (disposal == "to_supplier"):
            reasons |= {"INVALID_VALUE"}
        if parcel.kind == "good" and supplier and _suppliers(parcel.pieces) != {supplier}:
            reasons |= {"INVALID_VALUE"}
        if not reasons:
            parcel.state = "disposed"
            self._dispose(parcel, disposal)
            if disposal == "restock":
                self.put_in(place, parcel.part, moved(parcel.pieces, day), TRANSIT)
        return frozenset(reasons)

    def _dispose(self, parcel: Parcel, disposal: str) -> None:
        """Each supplier owes for its own pieces."""
        for supplier in sorted(_suppliers(parcel.pieces)):
            debit = {
                "restock": TRANSIT, "back_to_dealer": COST_OF_SALES, "scrap": WRITE_DOWN,
                "to_supplier": ("2202", f"suppliers/{supplier}"),
            }[disposal]  # fmt: skip
            pieces = [batch for batch in parcel.pieces if _suppliers([batch]) == {supplier}]
            self.take_out(parcel.place, parcel.part, pieces, debit)

    def _not_before(self, parcel: Parcel, actor: str, when: When) -> tuple[Day, set[str]]:
        day, reasons = self.day(actor, when)
        if not all(there(batch, day) for batch in parcel.pieces):
            reasons |= {"BEFORE_ARRIVAL"}
        return day, reasons

    def _unless_parcel(self, number: str, *states: str) -> set[str]:
        if number not in self.parcels:
            return {"NOT_FOUND"}
        return set() if self.parcels[number].state in states else {"NOT_ALLOWED_IN_STATE"}


def _suppliers(row: Row) -> set[str]:
    return {supplier_of(batch.receipt) for batch in row}


def _pieces_to_come(pieces: list[str], quantity: int) -> list[int]:
    """Those that nobody has announced first, then those that were refused."""
    states = ("missing", "refused")
    free = [place for state in states for place, piece in enumerate(pieces) if piece == state]
    return free[:quantity]
