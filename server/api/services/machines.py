"""MachineService: machines that were sold to users."""

from partsledger.v1.machine_service_pb2_grpc import MachineServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class MachineServicer(Servicer, MachineServiceServicer):
    CreateMachine = ReviseMachine = Servicer.run
    BatchCreateMachines = Servicer.run_batch
    GetMachine = Servicer.get(names.MACHINE)
    ListMachines = Servicer.list(names.MACHINE)
