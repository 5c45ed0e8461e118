"""Moves parts between the maker's places, or into consignment at a dealer 调拨."""

from datetime import date

from domain import accounts, places
from domain.errors import InvalidValue, PlaceNotAllowed
from domain.facts import Booking, Command
from domain.layers import require_there, value_of
from domain.ledger import Ledger
from domain.lines import Movement, Posting, transferred
from domain.parts_transfer import PartsTransfer
from domain.stock_item import StockItem, stock_key
from domain.transfer_lines import (
    DiscrepancyCause,
    MovedLine,
    Resolution,
    TransferLine,
    lines_in_facts,
)
from domain.use_cases.booking import Occurrence, book
from domain.use_cases.stock_moves import (
    issue_from,
    receive_into,
    require_distinct,
    require_not_custody,
)

_TRANSIT = (accounts.IN_TRANSIT, "")
_DISCREPANCIES = (accounts.DISCREPANCIES, "")
_ON_THE_SHELF = (Resolution.FOUND, Resolution.SENT_BACK)


def request_transfer(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    from_place: str,
    to_place: str,
    lines: tuple[TransferLine, ...],
) -> PartsTransfer:
    """Refuses restricted parts for a dealer, custody rooms, and a place to itself. From a dealer a
    restricted part may come: what is outside can only come back."""
    ledger.require_new(PartsTransfer, number)
    if from_place == to_place:
        raise PlaceNotAllowed(f"{from_place} to itself", place=from_place, action="transfer")
    require_not_custody(ledger, from_place, "transfer from")
    require_not_custody(ledger, to_place, "transfer to")
    require_distinct([line.part for line in lines])
    for line in lines:
        ledger.require_part(line.part)
        _require_allowed(ledger, to_place, line.part, occurrence.on)
    booking = book(ledger, command, occurrence, number)
    return ledger.add(PartsTransfer.request(command, number, booking, from_place, to_place, lines))


def approve_transfer(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence
) -> PartsTransfer:
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("approve")
    transfer.approve(command, book(ledger, command, occurrence, number))
    return transfer


def reject_transfer(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence, because: str
) -> PartsTransfer:
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("reject")
    transfer.reject(command, book(ledger, command, occurrence, number), because)
    return transfer


def cancel_transfer(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence, because: str
) -> PartsTransfer:
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("cancel")
    transfer.cancel(command, book(ledger, command, occurrence, number), because)
    return transfer


def dispatch_transfer(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    lines: tuple[TransferLine, ...] = (),
) -> PartsTransfer:
    """Sends what was requested, or the given lines of it; the stock at the place goes down."""
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("dispatch")
    sent = lines or tuple(
        TransferLine(part=part, quantity=quantity) for part, quantity in transfer.requested.items()
    )
    require_distinct([line.part for line in sent])
    for line in sent:
        transfer.require_requested(line.part, line.quantity)
        _require_allowed(ledger, transfer.to_place, line.part, occurrence.on)
    booking = book(ledger, command, occurrence, number)
    ledger.have(StockItem, (stock_key(transfer.from_place, line.part) for line in sent))
    moved = []
    dispatched = booking.caused_by(transfer.next_step)
    for line in sent:
        layers = issue_from(
            ledger, command, dispatched,
            place=transfer.from_place, part=line.part, to_place=places.IN_TRANSIT,
            quantity=line.quantity, debit=_TRANSIT,
        )  # fmt: skip
        moved.append(MovedLine(part=line.part, layers=layers))
    transfer.dispatch(command, booking, tuple(moved))
    return transfer


def receive_transfer(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    lines: tuple[TransferLine, ...] = (),
) -> PartsTransfer:
    """Takes in all that is in transit, or the given lines of it; the rest stays in transit."""
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("receive")
    arriving = lines or transfer.all_in_transit()
    require_distinct([line.part for line in arriving])
    for each in arriving:
        _require_allowed(ledger, transfer.to_place, each.part, occurrence.on)
    booking = book(ledger, command, occurrence, number)
    ledger.have(StockItem, (stock_key(transfer.to_place, line.part) for line in arriving))
    arrived = transfer.receive(command, booking, arriving)
    received = booking.caused_by(transfer.last_step)
    for line in arrived:
        receive_into(
            ledger, command, received,
            place=transfer.to_place, part=line.part, from_place=places.IN_TRANSIT,
            layers=line.layers, credit=_TRANSIT,
        )  # fmt: skip
    return transfer


def record_discrepancy(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    cause: DiscrepancyCause,
    part: str,
    quantity: int,
) -> PartsTransfer:
    """Takes pieces that did not arrive as sent off the transit, onto account 1901."""
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("record a discrepancy")
    line = transfer.off_transit(part, quantity)
    booking = book(ledger, command, occurrence, number)
    require_there(line.layers, booking.days)
    for (some,) in lines_in_facts([line]):
        movement, postings = _move(ledger, some, places.IN_TRANSIT, places.DISCREPANCY,
                                   _DISCREPANCIES, _TRANSIT)  # fmt: skip
        transfer.record_discrepancy(command, booking, cause, some, movement, postings)
    return transfer


def resolve_discrepancy(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    resolution: Resolution,
    part: str,
    quantity: int,
    carrier: str = "",
) -> PartsTransfer:
    """Writes pieces off, charges the carrier, takes what was found to its destination, or what came
    and may not stay there back to where it was sent from."""
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("resolve a discrepancy")
    line = transfer.in_discrepancy(part, quantity)
    booking = book(ledger, command, occurrence, number)
    require_there(line.layers, booking.days)
    if resolution in _ON_THE_SHELF:
        found = resolution is Resolution.FOUND
        place = transfer.to_place if found else transfer.from_place
        if found or not places.consignee(transfer.to_place):
            _require_allowed(ledger, place, part, occurrence.on)
        for (some,) in lines_in_facts([line]):
            transfer.resolve_discrepancy(command, booking, resolution, some, (), ())
        _take_in(ledger, command, booking.caused_by(transfer.last_step), place, line)
        return transfer
    debit = (accounts.WRITE_DOWN, "")
    if resolution is Resolution.CARRIER:
        if not carrier:
            raise InvalidValue("carrier", carrier, "is required where the carrier pays")
        debit = (accounts.RECOVERY_RECEIVABLE, f"suppliers/{carrier}")
    for (some,) in lines_in_facts([line]):
        movement, postings = _move(ledger, some, places.DISCREPANCY, places.SCRAP,
                                   debit, _DISCREPANCIES)  # fmt: skip
        transfer.resolve_discrepancy(command, booking, resolution, some, movement, postings)
    return transfer


def close_transfer(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence
) -> PartsTransfer:
    transfer = ledger.get(PartsTransfer, number)
    transfer.require("close")
    transfer.close(command, book(ledger, command, occurrence, number))
    return transfer


def _require_allowed(ledger: Ledger, to_place: str, part: str, day: date) -> None:
    """Refuses a restricted part in consignment, also if it became one on the way."""
    if places.consignee(to_place):
        ledger.require_unrestricted(part, day, "consigned")


def _take_in(
    ledger: Ledger, command: Command, booking: Booking, place: str, line: MovedLine
) -> None:
    receive_into(
        ledger, command, booking,
        place=place, part=line.part, from_place=places.DISCREPANCY,
        layers=line.layers, credit=_DISCREPANCIES,
    )  # fmt: skip


def _move(
    ledger: Ledger,
    line: MovedLine,
    from_place: str,
    to_place: str,
    debit: tuple[str, str],
    credit: tuple[str, str],
) -> tuple[tuple[Movement, ...], tuple[Posting, ...]]:
    """A movement between virtual places, with the postings that value it."""
    movement = Movement(
        part=line.part, from_place=from_place, to_place=to_place, layers=line.layers
    )
    value = value_of(line.layers)
    return (movement,), transferred(debit, credit, value, ledger.currency)
