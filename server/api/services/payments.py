"""PaymentService: what dealers pay, and what it clears."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.clearing import Allocation
from domain.payment import Payment
from domain.use_cases import selling
from partsledger.v1 import payment_service_pb2 as pb
from partsledger.v1.payment_service_pb2_grpc import PaymentServiceServicer
from server.api.conversions import lines, money, names, times
from server.api.conversions.trade import payment_message
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing, Within, dealer_asked
from server.api.servicer import Servicer

PAYMENTS: Final = Listing(Payment, payment_message)


class PaymentServicer(Servicer, PaymentServiceServicer):
    CreatePayment = Servicer.run
    BatchCreatePayments = Servicer.run_batch

    def GetPayment(
        self, request: pb.GetPaymentRequest, context: grpc.ServicerContext
    ) -> pb.GetPaymentResponse:
        payment, book, position = self.find(Payment, names.PAYMENT, request)
        return pb.GetPaymentResponse(
            payment=payment_message(payment, book), as_of_position=position
        )

    def ListPayments(
        self, request: pb.ListPaymentsRequest, context: grpc.ServicerContext
    ) -> pb.ListPaymentsResponse:
        book = names.book(request.parent)
        within = Within(dealer=dealer_asked(request, book))
        page = PAYMENTS.page(self._reads, context, request, book, within)
        return pb.ListPaymentsResponse(
            payments=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_payment(request: pb.CreatePaymentRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.payment_id, "payment_id")
    paid = money.positive(request.payment.amount, "payment.amount")
    allocated = _allocations(request)
    money.common_currency([paid, *(amount for _, amount in allocated)], "payment")
    use_case = partial(
        selling.receive_payment,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        dealer=names.DEALER.key(request.payment.dealer, "payment.dealer", book),
        amount_minor=paid.minor,
        currency=paid.currency,
        allocations=tuple(Allocation(item, amount.minor) for item, amount in allocated),
    )
    return Decoded(
        book, stream_of(Payment, number), use_case,
        lambda taken: pb.CreatePaymentResponse(payment=payment_message(taken, book)),
    )  # fmt: skip


def _allocations(request: pb.CreatePaymentRequest) -> list[tuple[str, money.Amount]]:
    """Item and amount of each."""
    lines.require_few(request.allocations, "allocations")
    allocated = []
    for index, allocation in enumerate(request.allocations):
        field = f"allocations[{index}]"
        item = values.text(allocation.item, f"{field}.item", required=True, most=200)
        allocated.append((item, money.positive(allocation.amount, f"{field}.amount")))
    return allocated


DECODERS: Final[Decoders] = {pb.CreatePaymentRequest: create_payment}
