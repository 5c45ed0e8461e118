"""Requests about warranty claims, from submission to charge-back."""

from functools import partial
from typing import Final

from domain import values
from domain.machine import Machine
from domain.part import Part
from domain.price_list import ListedPrice, PriceListKind, list_key, price_key
from domain.use_cases import claiming
from domain.warranty_claim import WarrantyClaim
from partsledger.v1 import claim_service_pb2 as pb
from server.access.roles import CLAIMS_DESK, Role, roles
from server.api import own
from server.api.conversions import lines, money, names, times
from server.api.conversions.claims import MOST_ITEMS, decision, form
from server.api.decoded import Act, Acts, Decoded, step, stream_of, streams_of_dealer
from server.api.decoders.currencies import in_currency_of


def create_claim(request: pb.CreateClaimRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.claim_id, "claim_id")
    filled_in = form(request.claim, book)
    use_case = partial(
        claiming.submit_claim,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        form=filled_in,
    )
    material = [item.part for item in filled_in.items if item.part]
    price_list = list_key(PriceListKind.SETTLEMENT, filled_in.currency)
    beside = (
        *streams_of_dealer(filled_in.dealer),
        stream_of(Machine, filled_in.machine),
        *(stream_of(Part, part) for part in {filled_in.causal_part, *material}),
        *(stream_of(ListedPrice, price_key(price_list, part)) for part in material),
    )
    return Decoded(book, number, use_case, beside)


def adjudicate_claim(request: pb.AdjudicateClaimRequest) -> Decoded:
    lines.require_few(request.decisions, "decisions", MOST_ITEMS)
    read = [
        decision(message, f"decisions[{index}]") for index, message in enumerate(request.decisions)
    ]
    decisions = tuple(decided for decided, _ in read)
    decoded = step(request, names.CLAIM, claiming.adjudicate_claim, decisions=decisions)
    currency = money.common_currency((approved for _, approved in read), "decisions")
    use_case = in_currency_of(WarrantyClaim, decoded.key, currency, decoded.use_case)
    return decoded._replace(use_case=use_case)


def mark_claim_overdue(request: pb.MarkClaimOverdueRequest) -> Decoded:
    book, number = names.CLAIM.parse(request.name, "name")
    use_case = partial(
        claiming.mark_claim_overdue,
        number=number,
        occurrence=times.occurrence(request.occurrence),
    )
    return Decoded(book, number, use_case)


def charge_back_claim(request: pb.ChargeBackClaimRequest) -> Decoded:
    because = values.text(request.because, "because", required=True)
    return step(request, names.CLAIM, claiming.charge_back_claim, because=because)


_CLAIMED: Final = roles(Role.CLAIMS_CLERK, Role.DEALER, Role.ERP)
_DECIDED: Final = roles(Role.ADJUDICATOR, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreateClaimRequest: Act(create_claim, _CLAIMED, own.in_field("claim.dealer")),
    pb.AdjudicateClaimRequest: Act(adjudicate_claim, _DECIDED),
    pb.MarkClaimOverdueRequest: Act(mark_claim_overdue, CLAIMS_DESK | roles(Role.ERP)),
    pb.ChargeBackClaimRequest: Act(charge_back_claim, _DECIDED),
}
