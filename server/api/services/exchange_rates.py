"""ExchangeRateService: what other currencies are worth in the book's."""

from partsledger.v1.exchange_rate_service_pb2_grpc import ExchangeRateServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class ExchangeRateServicer(Servicer, ExchangeRateServiceServicer):
    SetExchangeRate = Servicer.run
    GetExchangeRate = Servicer.get(names.EXCHANGE_RATE)
    ListExchangeRates = Servicer.list(names.EXCHANGE_RATE)
