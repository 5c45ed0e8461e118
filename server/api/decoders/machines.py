"""Requests that register machines."""

from functools import partial
from typing import Final

from domain import values
from domain.use_cases import base_data
from partsledger.v1 import machine_service_pb2 as pb
from server.api.conversions import names, times
from server.api.decoded import Decoded, Decoders


def create_machine(request: pb.CreateMachineRequest) -> Decoded:
    book = names.book(request.parent)
    serial = values.code(request.machine_id, "machine_id")
    use_case = partial(
        base_data.register_machine,
        serial=serial,
        model=values.code(request.machine.model, "machine.model"),
        dealer=names.DEALER.key(request.machine.dealer, "machine.dealer", book),
        sold_on=times.day(request.machine.sold_on, "machine.sold_on"),
        user=values.text(request.machine.user, "machine.user", most=63),
    )
    return Decoded(book, serial, use_case)


DECODERS: Final[Decoders] = {pb.CreateMachineRequest: create_machine}
