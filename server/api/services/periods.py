"""PeriodService: which months may still be written to."""

from partsledger.v1.period_service_pb2_grpc import PeriodServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PeriodServicer(Servicer, PeriodServiceServicer):
    SoftCloseMonth = HardCloseMonth = ApproveEntry = Servicer.run
    RequestReopening = ReopenMonth = Servicer.run
    GetPeriod = Servicer.get(names.PERIOD)
