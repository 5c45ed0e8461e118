"""MachineService: machines in users' hands."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.machine import Machine
from domain.use_cases import base_data
from partsledger.v1 import machine_service_pb2 as pb
from partsledger.v1.machine_service_pb2_grpc import MachineServiceServicer
from server.api.conversions import names, times
from server.api.conversions.base_data import machine_message
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing, Within, dealer_asked
from server.api.servicer import Servicer

MACHINES: Final = Listing(Machine, machine_message)


class MachineServicer(Servicer, MachineServiceServicer):
    CreateMachine = Servicer.run
    BatchCreateMachines = Servicer.run_batch

    def GetMachine(
        self, request: pb.GetMachineRequest, context: grpc.ServicerContext
    ) -> pb.GetMachineResponse:
        machine, book, position = self.find(Machine, names.MACHINE, request)
        return pb.GetMachineResponse(
            machine=machine_message(machine, book), as_of_position=position
        )

    def ListMachines(
        self, request: pb.ListMachinesRequest, context: grpc.ServicerContext
    ) -> pb.ListMachinesResponse:
        book = names.book(request.parent)
        within = Within(dealer=dealer_asked(request, book))
        page = MACHINES.page(self._reads, context, request, book, within)
        return pb.ListMachinesResponse(
            machines=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


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
    return Decoded(
        book, stream_of(Machine, serial), use_case,
        lambda machine: pb.CreateMachineResponse(machine=machine_message(machine, book)),
    )  # fmt: skip


DECODERS: Final[Decoders] = {pb.CreateMachineRequest: create_machine}
