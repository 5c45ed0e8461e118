"""ClaimService: warranty claims, from submission to charge-back."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import grpc

from domain import values
from domain.machine import Machine
from domain.part import Part
from domain.use_cases import claiming
from domain.warranty_claim import WarrantyClaim
from partsledger.v1 import claim_service_pb2 as pb
from partsledger.v1.claim_service_pb2_grpc import ClaimServiceServicer
from server.api.conversions import lines, money, names, times
from server.api.conversions.claims import MOST_ITEMS, STATE, claim_message, decision, form
from server.api.currencies import in_currency_of
from server.api.decoded import Decoded, Decoders, stream_of, streams_of_dealer
from server.api.listing import Listing, Within, dealer_asked, states_asked
from server.api.servicer import Servicer

CLAIMS: Final = Listing(
    WarrantyClaim,
    claim_message,
)


class ClaimServicer(Servicer, ClaimServiceServicer):
    CreateClaim = AdjudicateClaim = ChargeBackClaim = Servicer.run
    BatchCreateClaims = Servicer.run_batch

    def GetClaim(
        self, request: pb.GetClaimRequest, context: grpc.ServicerContext
    ) -> pb.GetClaimResponse:
        claim, book, position = self.find(WarrantyClaim, names.CLAIM, request)
        return pb.GetClaimResponse(claim=claim_message(claim, book), as_of_position=position)

    def ListClaims(
        self, request: pb.ListClaimsRequest, context: grpc.ServicerContext
    ) -> pb.ListClaimsResponse:
        book = names.book(request.parent)
        within = Within(dealer_asked(request, book), states_asked(request, STATE))
        page = CLAIMS.page(self._reads, context, request, book, within)
        return pb.ListClaimsResponse(
            claims=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


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
    return Decoded(
        book, stream_of(WarrantyClaim, number), use_case, _answer(pb.CreateClaimResponse, book),
        (
            *streams_of_dealer(filled_in.dealer),
            stream_of(Machine, filled_in.machine),
            *(stream_of(Part, part) for part in parts),
        ),
    )  # fmt: skip


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
        etag=request.etag,
    )
    currency = money.common_currency((approved for _, approved in read), "decisions")
    return Decoded(
        book, stream_of(WarrantyClaim, number),
        in_currency_of(WarrantyClaim, number, currency, use_case, request.etag),
        _answer(pb.AdjudicateClaimResponse, book),
    )  # fmt: skip


def charge_back_claim(request: pb.ChargeBackClaimRequest) -> Decoded:
    book, number = names.CLAIM.parse(request.name, "name")
    use_case = partial(
        claiming.charge_back_claim,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        because=values.text(request.because, "because", required=True),
        etag=request.etag,
    )
    respond = _answer(pb.ChargeBackClaimResponse, book)
    return Decoded(book, stream_of(WarrantyClaim, number), use_case, respond)


def _answer(response: Callable[..., Any], book: str) -> Callable[[WarrantyClaim], Any]:
    return lambda claim: response(claim=claim_message(claim, book))


DECODERS: Final[Decoders] = {
    pb.CreateClaimRequest: create_claim,
    pb.AdjudicateClaimRequest: adjudicate_claim,
    pb.ChargeBackClaimRequest: charge_back_claim,
}
