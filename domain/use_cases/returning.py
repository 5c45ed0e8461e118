"""Brings parts back: defective ones under a claim 旧件返厂, and good ones unsold."""

from datetime import date

from domain import accounts, places
from domain.claim_states import ClaimState
from domain.dealer_account import DealerAccount
from domain.errors import InvalidValue
from domain.facts import Booking, Command
from domain.layers import Layer, Layers, arrived, value_of
from domain.ledger import Ledger
from domain.lines import Movement, transferred
from domain.machine import Machine
from domain.parts_back import Finding
from domain.parts_return import Disposal, PartsReturn, ReturnKind
from domain.parts_sale import PartsSale
from domain.place import PlaceKind
from domain.stock_item import StockItem, stock_key
from domain.use_cases.booking import Occurrence, book
from domain.use_cases.crediting import credit_what_is_due, deny_if_nothing_is_left
from domain.use_cases.stock_moves import receive_into, require_kind
from domain.warranty_claim import WarrantyClaim

_TRANSIT = (accounts.IN_TRANSIT, "")


def request_defective_return(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    claim: str,
    part: str,
    quantity: int,
    to_place: str,
    claim_item: int | None = None,
) -> PartsReturn:
    """Announces replaced parts of a claim. They carry no value (docs/domain.md, "Return").

    A rejected claim whose pieces come again holds its failure again, if no other one does.
    """
    ledger.require_new(PartsReturn, number)
    require_kind(ledger, to_place, PlaceKind.CUSTODY, "return a defective part to")
    origin = ledger.get(WarrantyClaim, claim)
    origin.require("request a return")
    booking = book(ledger, command, occurrence, number)
    pieces = origin.request_return(command, booking, number, part, quantity, claim_item)
    if origin.state is ClaimState.REJECTED:
        machine = ledger.get(Machine, origin.machine)
        machine.take_claim(command, claim, origin.failed_on, origin.causal_part)
    day = booking.occurred_on
    layer = Layer(
        origin_on=day, arrived_on=day, quantity=quantity, value_minor=0,
        receipt=f"{PartsReturn.KIND}/{number}",
    )  # fmt: skip
    return ledger.add(
        PartsReturn.request(
            command, number, booking,
            kind=ReturnKind.DEFECTIVE, dealer=origin.dealer, claim=claim, claim_items=pieces,
            part=part, quantity=quantity, to_place=to_place, due_on=origin.return_due_on,
            layers=(layer,),
        )
    )  # fmt: skip


def request_good_return(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    sale: str,
    part: str,
    quantity: int,
    to_place: str,
    due_on: date | None = None,
) -> PartsReturn:
    """Announces unsold pieces of a sale, with the layers they were sold with."""
    ledger.require_new(PartsReturn, number)
    require_kind(ledger, to_place, PlaceKind.CUSTODY, "return a part to")
    origin = ledger.get(PartsSale, sale)
    booking = book(ledger, command, occurrence, number)
    line = origin.take_return(command, booking, number, part, quantity)
    at_dealer = arrived(line.layers, origin.sold.days)
    return ledger.add(
        PartsReturn.request(
            command, number, booking,
            kind=ReturnKind.GOOD, dealer=origin.dealer, sale=sale, part=part, quantity=quantity,
            to_place=to_place, due_on=due_on, layers=at_dealer,
            currency=origin.currency, net_minor=line.net_minor, tax_minor=line.tax_minor,
            net_functional_minor=line.net_functional_minor,
            tax_functional_minor=line.tax_functional_minor,
        )
    )  # fmt: skip


def ship_return(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    waybill: str = "",
) -> PartsReturn:
    """Puts the parcel on its way; a good part is the maker's stock again, in transit."""
    parcel = ledger.get(PartsReturn, number)
    parcel.require("ship")
    booking = book(ledger, command, occurrence, number)
    source = places.SOLD if parcel.kind is ReturnKind.GOOD else places.MACHINE
    movement = Movement(
        part=parcel.part, from_place=source, to_place=places.IN_TRANSIT, layers=parcel.layers
    )
    cost = value_of(parcel.layers)
    postings = transferred(_TRANSIT, (accounts.COST_OF_SALES, ""), cost, ledger.currency)
    parcel.ship(command, booking, waybill, (movement,), postings)
    return parcel


def mark_return_overdue(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence
) -> PartsReturn:
    """States that the part was not there on the day it was due."""
    parcel = ledger.get(PartsReturn, number)
    parcel.require("mark overdue")
    parcel.mark_overdue(command, book(ledger, command, occurrence, number))
    return parcel


def receive_return(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence
) -> PartsReturn:
    """Takes the parcel into its custody room."""
    parcel = ledger.get(PartsReturn, number)
    parcel.require("receive")
    booking = book(ledger, command, occurrence, number)
    layers = parcel.layers
    parcel.receive(command, booking)
    receive_into(
        ledger, command, booking.caused_by(parcel.last_step),
        place=parcel.to_place, part=parcel.part, from_place=places.IN_TRANSIT,
        layers=layers, credit=_TRANSIT,
    )  # fmt: skip
    return parcel


def inspect_return(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    finding: Finding,
    note: str = "",
) -> PartsReturn:
    """Records the finding, and credits what waited for it: the pieces of a claim that are
    confirmed, once none is waited for; or a good part in which no fault was found."""
    parcel = ledger.get(PartsReturn, number)
    parcel.require("inspect")
    booking = book(ledger, command, occurrence, number)
    parcel.inspect(command, booking, finding, note)
    if parcel.kind is ReturnKind.GOOD:
        if parcel.accepted:
            _credit_good_return(ledger, command, booking, parcel)
        return parcel
    claim = ledger.get(WarrantyClaim, parcel.claim)
    claim.inspect_return(command, booking, number, parcel.part, finding)
    credit_what_is_due(ledger, command, booking, claim)
    deny_if_nothing_is_left(ledger, command, booking, claim, number, finding)
    return parcel


def dispose_return(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    disposal: Disposal,
    to_place: str = "",
    supplier: str = "",
) -> PartsReturn:
    """Takes the part out of custody: to scrap, supplier or dealer, or into a warehouse again."""
    parcel = ledger.get(PartsReturn, number)
    parcel.require("dispose")
    booking = book(ledger, command, occurrence, number)
    restricted = ledger.require_part(parcel.part).on(booking.occurred_on).restricted
    parcel.dispose(command, booking, disposal, to_place, supplier, restricted)
    disposed = booking.caused_by(parcel.last_step)
    if disposal is Disposal.TO_SUPPLIER:
        _send_to_suppliers(ledger, command, disposed, parcel)
        return parcel
    if disposal is not Disposal.RESTOCK:
        out_to, account = _OUT[disposal]
        _release(ledger, command, disposed, parcel, out_to, (account, ""), parcel.layers)
        return parcel
    if not to_place:
        raise InvalidValue("to_place", to_place, "is required to restock")
    require_kind(ledger, to_place, PlaceKind.WAREHOUSE, "restock at")
    _release(ledger, command, disposed, parcel, places.IN_TRANSIT, _TRANSIT, parcel.layers)
    receive_into(
        ledger, command, disposed,
        place=to_place, part=parcel.part, from_place=places.IN_TRANSIT,
        layers=arrived(parcel.layers, booking.days), credit=_TRANSIT,
    )  # fmt: skip
    return parcel


# Where a part goes that nobody owes for, and the account that takes its value.
_OUT = {
    Disposal.SCRAP: (places.SCRAP, accounts.WRITE_DOWN),
    Disposal.BACK_TO_DEALER: (places.SOLD, accounts.COST_OF_SALES),
}


def _send_to_suppliers(
    ledger: Ledger, command: Command, booking: Booking, parcel: PartsReturn
) -> None:
    """Each supplier owes what the pieces are worth that came from it. A defective part came from a
    machine: whoever gets it owes nothing."""
    suppliers = dict.fromkeys(layer.supplier for layer in parcel.layers)
    for supplier in suppliers:
        layers = tuple(layer for layer in parcel.layers if layer.supplier == supplier)
        debit = (accounts.SUPPLIER_PAYABLE, f"suppliers/{supplier}")
        _release(ledger, command, booking, parcel, places.SUPPLIER, debit, layers)


def _release(
    ledger: Ledger,
    command: Command,
    booking: Booking,
    parcel: PartsReturn,
    to_place: str,
    debit: tuple[str, str],
    layers: Layers,
) -> None:
    """Takes the parcel's own pieces out of custody. Others of the same part may lie beside them at
    another value: defective pieces have none."""
    item = ledger.get(StockItem, stock_key(parcel.to_place, parcel.part))
    item.release(command, booking, to_place, layers, debit)


def _credit_good_return(
    ledger: Ledger, command: Command, booking: Booking, parcel: PartsReturn
) -> None:
    """Reverses the invoice of the sale 红冲: revenue, tax and receivable are taken back."""
    account = ledger.get(DealerAccount, parcel.dealer)
    postings = account.raise_item(parcel.id, booking.effective_on, *parcel.credited)
    credited = booking.caused_by(parcel.last_step)
    account.post(command, DealerAccount.ReturnCredited, credited, postings)
