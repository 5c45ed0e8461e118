"""Requests that register machines, and revise their cards."""

from functools import partial
from typing import Final

from domain import values
from domain.machine import MachineCard
from domain.use_cases import base_data, revising
from partsledger.v1 import machine_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import names, times
from server.api.decoded import Act, Acts, Decoded, dated


def create_machine(request: pb.CreateMachineRequest) -> Decoded:
    book = names.book(request.parent)
    serial = values.code(request.machine_id, "machine_id")
    card = _card(request.machine, book)
    use_case = partial(base_data.register_machine, serial=serial, **card._asdict())
    return Decoded(book, serial, use_case)


def revise_machine(request: pb.ReviseMachineRequest) -> Decoded:
    book, serial = names.MACHINE.parse(request.machine.name, "machine.name")
    card = _card(request.machine, book)
    use_case = partial(revising.revise_machine, serial=serial, card=card, **dated(request))
    return Decoded(book, serial, use_case)


def _card(machine: pb.Machine, book: str) -> MachineCard:
    return MachineCard(
        model=values.code(machine.model, "machine.model"),
        dealer=names.DEALER.key(machine.dealer, "machine.dealer", book),
        sold_on=times.day(machine.sold_on, "machine.sold_on"),
        user=values.text(machine.user, "machine.user", most=63),
    )


_KEPT: Final = roles(Role.CLAIMS_CLERK, Role.FINANCE, Role.CONTROLLER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreateMachineRequest: Act(create_machine, _KEPT),
    pb.ReviseMachineRequest: Act(revise_machine, _KEPT),
}
