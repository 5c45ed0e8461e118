"""Requests that register dealers, and revise what was agreed with them."""

from decimal import Decimal
from functools import partial
from typing import Final

from domain import values
from domain.dealer import DealerTerms
from domain.use_cases import base_data, revising
from partsledger.v1 import dealer_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import names
from server.api.conversions.rates import rate
from server.api.decoded import Act, Acts, Decoded, dated


def create_dealer(request: pb.CreateDealerRequest) -> Decoded:
    book = names.book(request.parent)
    code = values.code(request.dealer_id, "dealer_id")
    terms = _terms(request.dealer, book)
    return Decoded(book, code, partial(base_data.register_dealer, code=code, terms=terms))


def revise_dealer(request: pb.ReviseDealerRequest) -> Decoded:
    book, code = names.DEALER.parse(request.dealer.name, "dealer.name")
    terms = _terms(request.dealer, book)
    use_case = partial(revising.revise_dealer, code=code, terms=terms, **dated(request))
    return Decoded(book, code, use_case)


def _terms(dealer: pb.Dealer, book: str) -> DealerTerms:
    return DealerTerms(
        title=values.text(dealer.title, "dealer.title", required=True),
        level=values.text(dealer.level, "dealer.level", most=63),
        region_tier=values.text(dealer.region_tier, "dealer.region_tier", most=63),
        currency=values.currency(dealer.currency, "dealer.currency"),
        tax_number=values.text(dealer.tax_number, "dealer.tax_number", most=63),
        payment_days=values.count(dealer.payment_days, "dealer.payment_days", most=365),
        parent=names.DEALER.optional_key(dealer.parent_dealer, "dealer.parent_dealer", book),
        claims_vat_rate=_own_rate(dealer),
    )


def _own_rate(dealer: pb.Dealer) -> Decimal | None:
    """None where the dealer has none of its own: 0 is one."""
    if not dealer.HasField("claims_vat_rate"):
        return None
    return rate(dealer.claims_vat_rate, "dealer.claims_vat_rate")


_KEPT: Final = roles(Role.FINANCE, Role.CONTROLLER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreateDealerRequest: Act(create_dealer, _KEPT),
    pb.ReviseDealerRequest: Act(revise_dealer, _KEPT),
}
