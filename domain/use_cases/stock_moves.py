"""Receiving and issuing stock, as all flows do it, and the checks of places."""

from domain import places
from domain.dealer import Dealer
from domain.errors import InvalidValue, PlaceNotAllowed
from domain.facts import Booking, Command
from domain.layers import Layers
from domain.ledger import Ledger
from domain.part import Part
from domain.place import Place, PlaceKind
from domain.stock_item import StockItem, insufficient, stock_key


def receive_into(
    ledger: Ledger,
    command: Command,
    booking: Booking,
    *,
    place: str,
    part: str,
    from_place: str,
    layers: Layers,
    credit: tuple[str, str],
) -> None:
    """Puts layers into the stock of a part at a place, opening it at its first receipt."""
    item = ledger.find(StockItem, stock_key(place, part))
    if item is None:
        custody = kind_of(ledger, place) is PlaceKind.CUSTODY
        assert booking.cause is not None
        item = ledger.add(
            StockItem.open(command, booking.cause, place, part, custody, ledger.currency)
        )
    item.receive(command, booking, from_place, layers, credit)


def issue_from(
    ledger: Ledger,
    command: Command,
    booking: Booking,
    *,
    place: str,
    part: str,
    to_place: str,
    quantity: int,
    debit: tuple[str, str],
) -> Layers:
    """Takes the oldest pieces out of a stock, or refuses with INSUFFICIENT_STOCK."""
    item = ledger.find(StockItem, stock_key(place, part))
    if item is None:
        ledger.get(Part, part)
        raise insufficient(part, place, booking.days, 0, quantity)
    return item.issue(command, booking, to_place, quantity, debit)


def kind_of(ledger: Ledger, place: str) -> PlaceKind | None:
    """Warehouse or custody room; None for the consignment stock of a registered dealer."""
    dealer = places.consignee(place)
    if dealer is not None:
        ledger.get(Dealer, dealer)
        return None
    return ledger.get(Place, place).kind


def require_kind(ledger: Ledger, place: str, kind: PlaceKind, action: str) -> None:
    """Refuses a place that is not of the kind the action needs."""
    if kind_of(ledger, place) is not kind:
        raise PlaceNotAllowed(
            f"cannot {action} {place}: it is not a {kind}", place=place, kind=kind, action=action
        )


def require_not_custody(ledger: Ledger, place: str, action: str) -> None:
    """Defective parts under claim are neither sold nor sent out of their custody room."""
    if kind_of(ledger, place) is PlaceKind.CUSTODY:
        raise PlaceNotAllowed(
            f"cannot {action} {place}: it is a custody room",
            place=place, kind=PlaceKind.CUSTODY, action=action,
        )  # fmt: skip


def require_distinct(parts: list[str]) -> None:
    """Refuses a part on two lines: a line is identified by its part."""
    for index, part in enumerate(parts):
        if part in parts[:index]:
            raise InvalidValue(f"lines[{index}].part", part, "must not repeat an earlier line")
