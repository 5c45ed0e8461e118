"""PartService: the catalogue."""

from partsledger.v1.part_service_pb2_grpc import PartServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PartServicer(Servicer, PartServiceServicer):
    CreatePart = RevisePart = Servicer.run
    BatchCreateParts = Servicer.run_batch
    GetPart = Servicer.get(names.PART)
    ListParts = Servicer.list(names.PART)
