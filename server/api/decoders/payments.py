"""Requests that take payments of dealers."""

from functools import partial
from typing import Final

from domain import values
from domain.clearing import Allocation
from domain.use_cases import selling
from partsledger.v1 import payment_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import money, names, times
from server.api.decoded import Act, Acts, Decoded
from server.api.decoders.allocations import items_and_amounts


def create_payment(request: pb.CreatePaymentRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.payment_id, "payment_id")
    paid = money.positive(request.payment.amount, "payment.amount")
    allocated = items_and_amounts(request.allocations)
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
    return Decoded(book, number, use_case)


ACTS: Final[Acts] = {
    pb.CreatePaymentRequest: Act(create_payment, roles(Role.FINANCE, Role.ERP)),
}
