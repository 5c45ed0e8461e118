"""TransferService: transfers between the maker's places, and into consignment stock."""

from partsledger.v1.transfer_service_pb2_grpc import TransferServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class TransferServicer(Servicer, TransferServiceServicer):
    CreateTransfer = ApproveTransfer = RejectTransfer = CancelTransfer = Servicer.run
    DispatchTransfer = ReceiveTransfer = CloseTransfer = Servicer.run
    RecordDiscrepancy = ResolveDiscrepancy = Servicer.run
    BatchCreateTransfers = Servicer.run_batch
    GetTransfer = Servicer.get(names.TRANSFER)
    ListTransfers = Servicer.list(names.TRANSFER)
