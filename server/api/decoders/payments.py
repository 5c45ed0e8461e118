"""Requests that take payments of dealers."""

from functools import partial
from typing import Final

from domain import values
from domain.clearing import Allocation
from domain.use_cases import selling
from partsledger.v1 import payment_service_pb2 as pb
from server.api.conversions import lines, money, names, times
from server.api.decoded import Decoded, Decoders

# A payment may name each item that it pays, and a dealer may have thousands.
MOST_ALLOCATIONS: Final = 10_000


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
    return Decoded(book, number, use_case)


def _allocations(request: pb.CreatePaymentRequest) -> list[tuple[str, money.Amount]]:
    """Item and amount of each allocation."""
    lines.require_few(request.allocations, "allocations", MOST_ALLOCATIONS)
    allocated = []
    for index, allocation in enumerate(request.allocations):
        field = f"allocations[{index}]"
        item = values.text(allocation.item, f"{field}.item", required=True, most=200)
        allocated.append((item, money.positive(allocation.amount, f"{field}.amount")))
    return allocated


DECODERS: Final[Decoders] = {pb.CreatePaymentRequest: create_payment}
