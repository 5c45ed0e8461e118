"""PaymentService: payments of dealers, and the items they clear."""

from partsledger.v1.payment_service_pb2_grpc import PaymentServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PaymentServicer(Servicer, PaymentServiceServicer):
    CreatePayment = Servicer.run
    BatchCreatePayments = Servicer.run_batch
    GetPayment = Servicer.get(names.PAYMENT)
    ListPayments = Servicer.list(names.PAYMENT)
