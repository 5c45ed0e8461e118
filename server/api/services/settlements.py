"""SettlementService: monthly settlements with dealers, from statement to closing."""

from partsledger.v1.settlement_service_pb2_grpc import SettlementServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class SettlementServicer(Servicer, SettlementServiceServicer):
    IssueStatement = ReviewStatement = ConfirmStatement = Servicer.run
    DisputeLine = ResolveDispute = InvoiceSettlement = CloseSettlement = Servicer.run
    GetSettlement = Servicer.get(names.SETTLEMENT)
    ListSettlements = Servicer.list(names.SETTLEMENT)
