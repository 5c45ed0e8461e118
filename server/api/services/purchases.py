"""PurchaseService: purchases from suppliers."""

from partsledger.v1.purchase_service_pb2_grpc import PurchaseServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PurchaseServicer(Servicer, PurchaseServiceServicer):
    CreatePurchase = Servicer.run
    BatchCreatePurchases = Servicer.run_batch
    GetPurchase = Servicer.get(names.PURCHASE)
    ListPurchases = Servicer.list(names.PURCHASE)
