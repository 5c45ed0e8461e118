"""SaleService: sales to dealers."""

from partsledger.v1.sale_service_pb2_grpc import SaleServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class SaleServicer(Servicer, SaleServiceServicer):
    CreateSale = Servicer.run
    BatchCreateSales = Servicer.run_batch
    GetSale = Servicer.get(names.SALE)
    ListSales = Servicer.list(names.SALE)
