"""PayoutService: money paid out to dealers, and the credits it pays."""

from partsledger.v1.payout_service_pb2_grpc import PayoutServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PayoutServicer(Servicer, PayoutServiceServicer):
    CreatePayout = Servicer.run
    BatchCreatePayouts = Servicer.run_batch
    GetPayout = Servicer.get(names.PAYOUT)
    ListPayouts = Servicer.list(names.PAYOUT)
