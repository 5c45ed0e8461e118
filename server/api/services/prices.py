"""PriceService: price lists, and the prices on them."""

from partsledger.v1.price_service_pb2_grpc import PriceServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PriceServicer(Servicer, PriceServiceServicer):
    CreatePriceList = ChangeVatRate = SetPrice = Servicer.run
    BatchSetPrices = Servicer.run_batch
    GetPriceList = Servicer.get(names.PRICE_LIST)
    ListPriceLists = Servicer.list(names.PRICE_LIST)
    GetPrice = Servicer.get(names.PRICE)
    ListPrices = Servicer.list(names.PRICE)
