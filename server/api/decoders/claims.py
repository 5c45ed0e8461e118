"""Requests about warranty claims, from submission to charge-back."""

from functools import partial
from typing import Final

from domain import values
from domain.machine import Machine
from domain.part import Part
from domain.use_cases import claiming
from domain.warranty_claim import WarrantyClaim
from partsledger.v1 import claim_service_pb2 as pb
from server.api.conversions import lines, money, names, times
from server.api.conversions.claims import MOST_ITEMS, decision, form
from server.api.decoded import Decoded, Decoders, stream_of, streams_of_dealer
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
    parts = {filled_in.causal_part, *(item.part for item in filled_in.items if item.part)}
    beside = (
        *streams_of_dealer(filled_in.dealer),
        stream_of(Machine, filled_in.machine),
        *(stream_of(Part, part) for part in parts),
    )
    return Decoded(book, number, use_case, beside)


def adjudicate_claim(request: pb.AdjudicateClaimRequest) -> Decoded:
    book, number = names.CLAIM.parse(request.name, "name")
    lines.require_few(request.decisions, "decisions", MOST_ITEMS)
    read = [
        decision(message, f"decisions[{index}]") for index, message in enumerate(request.decisions)
    ]
    use_case = partial(
        claiming.adjudicate_claim,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        decisions=tuple(decided for decided, _ in read),
    )
    currency = money.common_currency((approved for _, approved in read), "decisions")
    return Decoded(book, number, in_currency_of(WarrantyClaim, number, currency, use_case))


def charge_back_claim(request: pb.ChargeBackClaimRequest) -> Decoded:
    book, number = names.CLAIM.parse(request.name, "name")
    use_case = partial(
        claiming.charge_back_claim,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        because=values.text(request.because, "because", required=True),
    )
    return Decoded(book, number, use_case)


DECODERS: Final[Decoders] = {
    pb.CreateClaimRequest: create_claim,
    pb.AdjudicateClaimRequest: adjudicate_claim,
    pb.ChargeBackClaimRequest: charge_back_claim,
}
