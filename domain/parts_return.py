"""A part on its way back: a defective one under a claim 旧件返厂, or a good one unsold.

Guarantees: at every step it is known where the part is; a good part keeps origin, receipt,
supplier and value; a defective part carries no value; a missed deadline is recorded as a fact.
"""

from datetime import date
from enum import StrEnum
from typing import Final, Self

from domain import accounts, return_states
from domain.conversion import Worth, balancing
from domain.days import Days, Done
from domain.document import Document
from domain.errors import DisposalNotAllowed, InvalidValue, NotOverdueYet, RestrictedPart
from domain.facts import BookedFact, Booking, Command, FirstBookedFact
from domain.layers import Layers, arrived, require_there
from domain.lines import Movement, Posting
from domain.parts_back import Finding, ReturnedPieces
from domain.return_states import ReturnState


class ReturnKind(StrEnum):
    DEFECTIVE = "defective"
    GOOD = "good"


class Disposal(StrEnum):
    SCRAP = "scrap"
    RESTOCK = "restock"
    TO_SUPPLIER = "to_supplier"
    BACK_TO_DEALER = "back_to_dealer"


# Where a part may go, by its kind and whether inspection accepted it. What was credited is the
# maker's; what was not is still the dealer's.
DISPOSALS: Final[dict[tuple[ReturnKind, bool], frozenset[Disposal]]] = {
    (ReturnKind.GOOD, True): frozenset({Disposal.RESTOCK, Disposal.SCRAP, Disposal.TO_SUPPLIER}),
    (ReturnKind.GOOD, False): frozenset({Disposal.BACK_TO_DEALER}),
    (ReturnKind.DEFECTIVE, True): frozenset({Disposal.SCRAP, Disposal.TO_SUPPLIER}),
    (ReturnKind.DEFECTIVE, False): frozenset({Disposal.SCRAP, Disposal.BACK_TO_DEALER}),
}
OUTSIDE: Final = frozenset({Disposal.TO_SUPPLIER, Disposal.BACK_TO_DEALER})


class PartsReturn(Document):
    """One part number of one claim or sale, as one parcel."""

    TOPIC = "partsledger:PartsReturn"
    KIND = "returns"
    NOUN = "return"
    ALLOWED, LEAVES = return_states.ALLOWED, return_states.LEAVES

    class Requested(FirstBookedFact):
        TOPIC = "partsledger:PartsReturn.Requested"
        kind: ReturnKind
        dealer: str
        claim: str = ""
        claim_items: tuple[ReturnedPieces, ...] = ()  # The items that the pieces are of.
        sale: str = ""
        part: str
        quantity: int
        to_place: str
        due_on: date | None = None
        layers: Layers
        currency: str = ""
        net_minor: int = 0
        tax_minor: int = 0
        net_functional_minor: int | None = None
        tax_functional_minor: int | None = None

    class Shipped(BookedFact):
        TOPIC = "partsledger:PartsReturn.Shipped"
        waybill: str = ""

        def apply(self, aggregate: "PartsReturn") -> None:
            aggregate.layers = arrived(aggregate.layers, self.days)
            aggregate.last = Done("shipped", self.days)
            aggregate.state = ReturnState.SHIPPED

    class Overdue(BookedFact):
        TOPIC = "partsledger:PartsReturn.Overdue"

        def apply(self, aggregate: "PartsReturn") -> None:
            aggregate.overdue = True

    class Received(BookedFact):
        TOPIC = "partsledger:PartsReturn.Received"

        def apply(self, aggregate: "PartsReturn") -> None:
            aggregate.layers = arrived(aggregate.layers, self.days)
            aggregate.received_on = self.occurred_on
            aggregate.last = Done("received", self.days)
            aggregate.state = ReturnState.RECEIVED

    class Inspected(BookedFact):
        TOPIC = "partsledger:PartsReturn.Inspected"
        finding: Finding
        note: str = ""

        def apply(self, aggregate: "PartsReturn") -> None:
            aggregate.finding = self.finding
            aggregate.last = Done("inspected", self.days)
            aggregate.state = ReturnState.INSPECTED

    class Disposed(BookedFact):
        TOPIC = "partsledger:PartsReturn.Disposed"
        disposal: Disposal
        to_place: str = ""
        supplier: str = ""

        def apply(self, aggregate: "PartsReturn") -> None:
            aggregate.disposal = self.disposal
            aggregate.supplier = self.supplier
            aggregate.state = ReturnState.DISPOSED

    def __init__(
        self, kind: ReturnKind, dealer: str, claim: str, claim_items: tuple[ReturnedPieces, ...],
        sale: str, part: str, quantity: int, to_place: str, due_on: date | None, layers: Layers,
        currency: str, net_minor: int, tax_minor: int, net_functional_minor: int | None,
        tax_functional_minor: int | None, occurred_on: date, effective_on: date,
    ) -> None:  # fmt: skip
        self.last = Done("requested", Days(occurred_on, effective_on))
        self.kind = kind
        self.dealer = dealer
        self.claim = claim
        self.claim_items = claim_items
        self.sale = sale
        self.part = part
        self.quantity = quantity
        self.to_place = to_place
        self.due_on = due_on
        self.layers = layers
        self.currency = currency
        self.net_minor = net_minor
        self.tax_minor = tax_minor
        self.net_functional_minor = net_functional_minor
        self.tax_functional_minor = tax_functional_minor
        self.state = ReturnState.REQUESTED
        self.overdue = False
        self.received_on: date | None = None
        self.finding: Finding | None = None
        self.disposal: Disposal | None = None
        self.supplier = ""

    @classmethod
    def request(cls, command: Command, number: str, booking: Booking, **fields: object) -> Self:
        currency = command.book_currency
        return cls._first(cls.Requested, number, command, booking, book_currency=currency, **fields)

    def ship(
        self,
        command: Command,
        booking: Booking,
        waybill: str,
        movements: tuple[Movement, ...],
        postings: tuple[Posting, ...],
    ) -> None:
        self.require("ship")
        booking.require_after(self.last)
        require_there(self.layers, booking.days)
        self._record(
            self.Shipped, command, booking,
            waybill=waybill, movements=movements, postings=postings,
            book_currency=command.book_currency,
        )  # fmt: skip

    def mark_overdue(self, command: Command, booking: Booking) -> None:
        """States that the deadline has passed; a second time is refused."""
        self.require("mark overdue")
        if self.overdue or self.due_on is None or booking.occurred_on <= self.due_on:
            raise NotOverdueYet(
                f"return {self.key} is due {self.due_on or 'on no day'}"
                + (", and marked overdue already" if self.overdue else ""),
                parts_return=self.key, due_on=self.due_on or "", on=booking.occurred_on,
            )  # fmt: skip
        booking.require_after(self.last)
        self._record(self.Overdue, command, booking)

    def receive(self, command: Command, booking: Booking) -> None:
        self.require("receive")
        require_there(self.layers, booking.days)
        self._record(self.Received, command, booking)

    def inspect(self, command: Command, booking: Booking, finding: Finding, note: str) -> None:
        self.require("inspect")
        booking.require_after(self.last)
        self._record(self.Inspected, command, booking, finding=finding, note=note)

    def dispose(
        self, command: Command, booking: Booking, disposal: Disposal, to_place: str, supplier: str,
        restricted: bool,
    ) -> None:  # fmt: skip
        """Refuses what does not fit kind and finding. `restricted`: whether the part is, and so may
        not leave the maker; then scrap is always a way out."""
        self.require("dispose")
        kept = restricted and disposal is Disposal.SCRAP
        if disposal not in DISPOSALS[(self.kind, self.accepted)] and not kept:
            raise DisposalNotAllowed(
                f"return {self.key} is {self.kind} and was found {self.finding}: no {disposal}",
                parts_return=self.key, kind=self.kind, finding=self.finding, disposal=disposal,
            )  # fmt: skip
        if restricted and disposal in OUTSIDE:
            raise RestrictedPart(
                f"{self.part} is restricted: it is never sent outside", part=self.part,
                action="sent outside",
            )  # fmt: skip
        supplier = self._supplier_of(disposal, supplier)
        booking.require_after(self.last)
        self._record(
            self.Disposed, command, booking,
            disposal=disposal, to_place=to_place, supplier=supplier,
        )  # fmt: skip

    def _supplier_of(self, disposal: Disposal, named: str) -> str:
        """Who gets it: of a good part the one it came from, which owes for it and need not be
        named; of a defective one whoever is named, or nobody known. Empty, too, where the pieces go
        to several: each to its own."""
        if disposal is not Disposal.TO_SUPPLIER:
            if named:
                raise InvalidValue("supplier", named, f"must be empty for {disposal}")
            return ""
        suppliers = {layer.supplier for layer in self.layers}
        if self.kind is ReturnKind.DEFECTIVE:
            return named
        if named and suppliers != {named}:
            came_from = ", ".join(sorted(suppliers))
            raise InvalidValue("supplier", named, f"must be empty, or whom it is from: {came_from}")
        return suppliers.pop() if len(suppliers) == 1 else ""

    @property
    def credited(self) -> tuple[Worth, ...]:
        """What a good part that is accepted takes back of its sale: of the receivable, of revenue
        and of tax."""
        net = Worth(accounts.PARTS_REVENUE, self.net_minor, self.net_functional_minor)
        tax = Worth(accounts.VAT_PENDING, self.tax_minor, self.tax_functional_minor)
        return balancing(accounts.RECEIVABLE, net, tax), net, tax

    @property
    def accepted(self) -> bool:
        """Whether inspection confirmed the return: a defect, or a good part without a fault."""
        good = self.kind is ReturnKind.GOOD
        return self.finding is (Finding.NO_FAULT_FOUND if good else Finding.CONFIRMED)
