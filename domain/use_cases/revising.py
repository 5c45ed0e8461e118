"""Revises what documents refer to, by a version from a day on: parts, places, dealers, machines and
suppliers.

With `allow_missing`, what is not known yet is registered. So an ERP may send what it has without
knowing what the ledger has.
"""

from datetime import date

from domain.dealer import Dealer, DealerTerms
from domain.facts import Command
from domain.ledger import Ledger
from domain.machine import Machine, MachineCard
from domain.part import CatalogueEntry, Part
from domain.place import Place, PlaceEntry
from domain.supplier import Supplier, SupplierTerms
from domain.use_cases import base_data
from domain.use_cases.booking import require_past


def revise_part(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    entry: CatalogueEntry,
    effective_from: date,
    because: str = "",
    allow_missing: bool = False,
) -> Part:
    require_past(command, effective_from)
    if allow_missing and ledger.find(Part, number) is None:
        return base_data.register_part(
            ledger, command, number=number, effective_from=effective_from, **entry._asdict()
        )
    part = ledger.get(Part, number)
    part.revise(command, effective_from, entry, because)
    return part


def revise_place(
    ledger: Ledger,
    command: Command,
    *,
    code: str,
    entry: PlaceEntry,
    effective_from: date,
    because: str = "",
    allow_missing: bool = False,
) -> Place:
    require_past(command, effective_from)
    if allow_missing and ledger.find(Place, code) is None:
        return base_data.open_place(
            ledger, command, code=code, effective_from=effective_from, **entry._asdict()
        )
    place = ledger.get(Place, code)
    place.revise(command, effective_from, entry, because)
    return place


def revise_dealer(
    ledger: Ledger,
    command: Command,
    *,
    code: str,
    terms: DealerTerms,
    effective_from: date,
    because: str = "",
    allow_missing: bool = False,
) -> Dealer:
    require_past(command, effective_from)
    if allow_missing and ledger.find(Dealer, code) is None:
        return base_data.register_dealer(
            ledger, command, code=code, terms=terms, effective_from=effective_from
        )
    dealer = ledger.get(Dealer, code)
    base_data.require_parent(ledger, code, terms)
    dealer.revise(command, effective_from, terms, because)
    return dealer


def revise_machine(
    ledger: Ledger,
    command: Command,
    *,
    serial: str,
    card: MachineCard,
    effective_from: date,
    because: str = "",
    allow_missing: bool = False,
) -> Machine:
    """Says who the user is, or corrects dealer, day of sale or user; claims stay as decided."""
    require_past(command, effective_from)
    if allow_missing and ledger.find(Machine, serial) is None:
        return base_data.register_machine(
            ledger, command, serial=serial, effective_from=effective_from, **card._asdict()
        )
    machine = ledger.get(Machine, serial)
    ledger.get(Dealer, card.dealer)
    require_past(command, card.sold_on)
    machine.revise(command, effective_from, card, because)
    return machine


def revise_supplier(
    ledger: Ledger,
    command: Command,
    *,
    code: str,
    terms: SupplierTerms,
    effective_from: date,
    because: str = "",
    allow_missing: bool = False,
) -> Supplier:
    require_past(command, effective_from)
    if allow_missing and ledger.find(Supplier, code) is None:
        return base_data.register_supplier(
            ledger, command, code=code, terms=terms, effective_from=effective_from
        )
    supplier = ledger.get(Supplier, code)
    supplier.revise(command, effective_from, terms, because)
    return supplier
