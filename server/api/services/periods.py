"""PeriodService: which months are open, soft-closed or hard-closed."""

from partsledger.v1.period_service_pb2_grpc import PeriodServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PeriodServicer(Servicer, PeriodServiceServicer):
    SoftCloseMonth = HardCloseMonth = ApproveEntry = Servicer.run
    RequestReopening = ReopenMonth = RequestHardClose = Servicer.run
    GetPeriod = Servicer.get(names.PERIOD)
