"""A transfer of parts 调拨, from request to the last piece accounted for.

Guarantees: what was dispatched is received, still in transit, or a discrepancy that was resolved;
layers keep origin, receipt, supplier and value on the way.
"""

from datetime import date
from typing import Self

from domain import people, transfer_states
from domain.days import Days, Done
from domain.document import Document
from domain.errors import OpenDiscrepancy, OverDispatch, OverReceipt, SamePerson
from domain.facts import BookedFact, Booking, Command, FirstBookedFact
from domain.layers import (
    Layers,
    added,
    arrived,
    first_pieces,
    left_of,
    quantity_of,
    require_there,
)
from domain.lines import Movement, Posting
from domain.transfer_lines import (
    DiscrepancyCause,
    MovedLine,
    Resolution,
    TransferLine,
    lines_in_facts,
)
from domain.transfer_states import TransferState


class PartsTransfer(Document):
    """Between the maker's own places, or as consignment to a dealer; one line a part."""

    TOPIC = "partsledger:PartsTransfer"
    KIND = "transfers"
    NOUN = "transfer"
    ALLOWED, LEAVES = transfer_states.ALLOWED, transfer_states.LEAVES

    class Requested(FirstBookedFact):
        TOPIC = "partsledger:PartsTransfer.Requested"
        from_place: str
        to_place: str
        lines: tuple[TransferLine, ...]

    class Approved(BookedFact):
        TOPIC = "partsledger:PartsTransfer.Approved"

        def apply(self, aggregate: "PartsTransfer") -> None:
            aggregate.last = Done("approved", self.days)
            aggregate.state = TransferState.APPROVED

    class Rejected(BookedFact):
        TOPIC = "partsledger:PartsTransfer.Rejected"
        because: str

        def apply(self, aggregate: "PartsTransfer") -> None:
            aggregate.state = TransferState.REJECTED

    class Cancelled(BookedFact):
        TOPIC = "partsledger:PartsTransfer.Cancelled"
        because: str

        def apply(self, aggregate: "PartsTransfer") -> None:
            aggregate.state = TransferState.CANCELLED

    class Dispatched(BookedFact):
        TOPIC = "partsledger:PartsTransfer.Dispatched"
        lines: tuple[MovedLine, ...]

        def apply(self, aggregate: "PartsTransfer") -> None:
            for line in self.lines:
                _add(aggregate.dispatched, line.part, line.quantity)
                there = aggregate.in_transit.get(line.part, ())
                aggregate.in_transit[line.part] = there + line.layers
            aggregate.last = Done("dispatched", self.days)
            aggregate.state = TransferState.IN_TRANSIT

    class Received(BookedFact):
        TOPIC = "partsledger:PartsTransfer.Received"
        lines: tuple[MovedLine, ...]

        def apply(self, aggregate: "PartsTransfer") -> None:
            for line in self.lines:
                aggregate._arrive(line)
                _add(aggregate.received, line.part, line.quantity)
            aggregate.last = aggregate.last.later(Done("received", self.days))
            aggregate.receivers.add(self.actor)
            aggregate._settle_state()

    class DiscrepancyRecorded(BookedFact):
        TOPIC = "partsledger:PartsTransfer.DiscrepancyRecorded"
        cause: DiscrepancyCause
        line: MovedLine

        def apply(self, aggregate: "PartsTransfer") -> None:
            part = self.line.part
            aggregate._arrive(self.line)
            found = arrived(self.line.layers, self.days)
            aggregate.discrepant[part] = added(aggregate.discrepant.get(part, ()), found)
            aggregate.last = aggregate.last.later(Done("found to be discrepant", self.days))
            aggregate.receivers.add(self.actor)
            aggregate._settle_state()

    class DiscrepancyResolved(BookedFact):
        TOPIC = "partsledger:PartsTransfer.DiscrepancyResolved"
        resolution: Resolution
        line: MovedLine

        def apply(self, aggregate: "PartsTransfer") -> None:
            part = self.line.part
            aggregate.discrepant[part] = left_of(aggregate.discrepant[part], self.line.layers)
            _add(aggregate.resolved, part, self.line.quantity)
            aggregate.last = aggregate.last.later(Done("resolved", self.days))
            aggregate._settle_state()

    class Closed(BookedFact):
        TOPIC = "partsledger:PartsTransfer.Closed"

        def apply(self, aggregate: "PartsTransfer") -> None:
            aggregate.state = TransferState.CLOSED

    def __init__(
        self, from_place: str, to_place: str, lines: tuple[TransferLine, ...],
        occurred_on: date, effective_on: date, actor: str,
    ) -> None:  # fmt: skip
        self.last = Done("requested", Days(occurred_on, effective_on))
        self.from_place = from_place
        self.to_place = to_place
        self.requested = {line.part: line.quantity for line in lines}
        self.requester = actor
        self.receivers: set[str] = set()
        self.state = TransferState.REQUESTED
        self.dispatched: dict[str, int] = {}
        self.in_transit: dict[str, Layers] = {}
        self.received: dict[str, int] = {}
        self.discrepant: dict[str, Layers] = {}
        self.resolved: dict[str, int] = {}

    @classmethod
    def request(
        cls,
        command: Command,
        number: str,
        booking: Booking,
        from_place: str,
        to_place: str,
        lines: tuple[TransferLine, ...],
    ) -> Self:
        return cls._first(
            cls.Requested, number, command, booking,
            from_place=from_place, to_place=to_place, lines=lines,
        )  # fmt: skip

    def approve(self, command: Command, booking: Booking) -> None:
        self.require("approve")
        self._require_other(command.actor, self.requester, "requested", "approve")
        booking.require_after(self.last)
        self._record(self.Approved, command, booking)

    def reject(self, command: Command, booking: Booking, because: str) -> None:
        self.require("reject")
        self._require_other(command.actor, self.requester, "requested", "reject")
        booking.require_after(self.last)
        self._record(self.Rejected, command, booking, because=because)

    def cancel(self, command: Command, booking: Booking, because: str) -> None:
        self.require("cancel")
        booking.require_after(self.last)
        self._record(self.Cancelled, command, booking, because=because)

    def dispatch(self, command: Command, booking: Booking, lines: tuple[MovedLine, ...]) -> None:
        """Puts on the way what the stock items have issued for it."""
        self.require("dispatch")
        booking.require_after(self.last)
        on_the_way = tuple(
            MovedLine(part=line.part, layers=arrived(line.layers, booking.days)) for line in lines
        )
        for some in lines_in_facts(on_the_way):
            self._record(
                self.Dispatched, command, booking,
                lines=some, book_currency=command.book_currency,
            )  # fmt: skip

    def receive(
        self, command: Command, booking: Booking, lines: tuple[TransferLine, ...]
    ) -> tuple[MovedLine, ...]:
        """Takes pieces off the transit, oldest first; returns them with their layers."""
        self.require("receive")
        arriving = tuple(self.off_transit(line.part, line.quantity) for line in lines)
        for line in arriving:
            require_there(line.layers, booking.days)
        for some in lines_in_facts(arriving):
            self._record(
                self.Received, command, booking, lines=some, book_currency=command.book_currency
            )
        return arriving

    def record_discrepancy(
        self,
        command: Command,
        booking: Booking,
        cause: DiscrepancyCause,
        line: MovedLine,
        movements: tuple[Movement, ...],
        postings: tuple[Posting, ...],
    ) -> None:
        """Takes pieces off the transit that did not arrive as sent."""
        self.require("record a discrepancy")
        self._record(
            self.DiscrepancyRecorded, command, booking,
            cause=cause, line=line, movements=movements, postings=postings,
            book_currency=command.book_currency,
        )  # fmt: skip

    def resolve_discrepancy(
        self,
        command: Command,
        booking: Booking,
        resolution: Resolution,
        line: MovedLine,
        movements: tuple[Movement, ...],
        postings: tuple[Posting, ...],
    ) -> None:
        self.require("resolve a discrepancy")
        self._record(
            self.DiscrepancyResolved, command, booking,
            resolution=resolution, line=line, movements=movements, postings=postings,
            book_currency=command.book_currency,
        )  # fmt: skip

    def close(self, command: Command, booking: Booking) -> None:
        """The book-keeper closes what the storekeeper received; nothing may be open."""
        self.require("close")
        open_parts = [part for part, layers in self.discrepant.items() if layers]
        if open_parts:
            raise OpenDiscrepancy(
                f"transfer {self.key} has unresolved discrepancies: {', '.join(open_parts)}",
                transfer=self.key, parts=",".join(open_parts),
            )  # fmt: skip
        for receiver in self.receivers:
            self._require_other(command.actor, receiver, "received", "close")
        booking.require_after(self.last)
        self._record(self.Closed, command, booking)

    def require_requested(self, part: str, quantity: int) -> None:
        requested = self.requested.get(part, 0)
        if quantity > requested:
            raise OverDispatch(
                f"transfer {self.key}: {requested} of {part} requested, {quantity} dispatched",
                transfer=self.key, part=part, requested=requested, dispatched=quantity,
            )  # fmt: skip

    def all_in_transit(self) -> tuple[TransferLine, ...]:
        return tuple(
            TransferLine(part=part, quantity=quantity_of(layers))
            for part, layers in self.in_transit.items()
            if layers
        )

    def off_transit(self, part: str, quantity: int) -> MovedLine:
        """The first pieces of a part still in transit, with their layers."""
        layers = self.in_transit.get(part, ())
        self._require_pieces(part, quantity, quantity_of(layers), "in transit")
        return MovedLine(part=part, layers=first_pieces(layers, quantity))

    def in_discrepancy(self, part: str, quantity: int) -> MovedLine:
        """The first pieces of a part in an unresolved discrepancy, with their layers."""
        layers = self.discrepant.get(part, ())
        self._require_pieces(part, quantity, quantity_of(layers), "in discrepancy")
        return MovedLine(part=part, layers=first_pieces(layers, quantity))

    def _require_pieces(self, part: str, quantity: int, there: int, where: str) -> None:
        if quantity > there:
            raise OverReceipt(
                f"transfer {self.key}: {there} of {part} {where}, {quantity} claimed",
                transfer=self.key, part=part, there=there, requested=quantity,
            )  # fmt: skip

    def _arrive(self, line: MovedLine) -> None:
        self.in_transit[line.part] = left_of(self.in_transit[line.part], line.layers)

    def _settle_state(self) -> None:
        if any(self.in_transit.values()):
            self.state = TransferState.PARTLY_RECEIVED
        elif any(self.discrepant.values()):
            self.state = TransferState.DISCREPANT
        else:
            self.state = TransferState.RECEIVED

    def _require_other(self, actor: str, maker: str, made: str, action: str) -> None:
        if people.is_same(actor, maker):
            raise SamePerson(actor, made, action)


def _add(sums: dict[str, int], part: str, quantity: int) -> None:
    sums[part] = sums.get(part, 0) + quantity
