"""Requests that pay money out to dealers."""

from functools import partial
from typing import Final

from domain import values
from domain.clearing import Allocation
from domain.errors import InvalidValue
from domain.use_cases import paying
from partsledger.v1 import payout_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import money, names, times
from server.api.decoded import Act, Acts, Decoded
from server.api.decoders.allocations import items_and_amounts


def create_payout(request: pb.CreatePayoutRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.payout_id, "payout_id")
    paid = money.positive(request.payout.amount, "payout.amount")
    allocated = items_and_amounts(request.allocations)
    money.common_currency([paid, *(amount for _, amount in allocated)], "payout")
    whole = sum(amount.minor for _, amount in allocated)
    if allocated and whole != paid.minor:
        rule = f"must add up to the amount paid out, {values.money_text(*paid)}"
        raise InvalidValue("allocations", values.money_text(whole, paid.currency), rule)
    use_case = partial(
        paying.pay_out,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        dealer=names.DEALER.key(request.payout.dealer, "payout.dealer", book),
        amount_minor=paid.minor,
        currency=paid.currency,
        allocations=tuple(Allocation(item, amount.minor) for item, amount in allocated),
    )
    return Decoded(book, number, use_case)


ACTS: Final[Acts] = {
    pb.CreatePayoutRequest: Act(create_payout, roles(Role.FINANCE, Role.ERP)),
}
