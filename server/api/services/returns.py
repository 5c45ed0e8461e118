"""ReturnService: returns of defective and of unsold parts."""

from partsledger.v1.return_service_pb2_grpc import ReturnServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class ReturnServicer(Servicer, ReturnServiceServicer):
    CreateReturn = ShipReturn = MarkReturnOverdue = Servicer.run
    ReceiveReturn = InspectReturn = DisposeReturn = Servicer.run
    BatchCreateReturns = Servicer.run_batch
    GetReturn = Servicer.get(names.PARTS_RETURN)
    ListReturns = Servicer.list(names.PARTS_RETURN)
