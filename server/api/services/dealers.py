"""DealerService: dealers and their terms."""

from partsledger.v1.dealer_service_pb2_grpc import DealerServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class DealerServicer(Servicer, DealerServiceServicer):
    CreateDealer = ReviseDealer = Servicer.run
    GetDealer = Servicer.get(names.DEALER)
    ListDealers = Servicer.list(names.DEALER)
