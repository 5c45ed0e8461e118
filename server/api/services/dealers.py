"""DealerService: who buys parts, claims and settles."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.dealer import Dealer, DealerTerms
from domain.use_cases import base_data
from partsledger.v1 import dealer_service_pb2 as pb
from partsledger.v1.dealer_service_pb2_grpc import DealerServiceServicer
from server.api.conversions import names
from server.api.conversions.base_data import dealer_message
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing
from server.api.servicer import Servicer

DEALERS: Final = Listing(Dealer, dealer_message)


class DealerServicer(Servicer, DealerServiceServicer):
    CreateDealer = Servicer.run

    def GetDealer(
        self, request: pb.GetDealerRequest, context: grpc.ServicerContext
    ) -> pb.GetDealerResponse:
        dealer, book, position = self.find(Dealer, names.DEALER, request)
        return pb.GetDealerResponse(dealer=dealer_message(dealer, book), as_of_position=position)

    def ListDealers(
        self, request: pb.ListDealersRequest, context: grpc.ServicerContext
    ) -> pb.ListDealersResponse:
        page = DEALERS.page(self._reads, context, request, names.book(request.parent))
        return pb.ListDealersResponse(
            dealers=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_dealer(request: pb.CreateDealerRequest) -> Decoded:
    book = names.book(request.parent)
    code = values.code(request.dealer_id, "dealer_id")
    use_case = partial(
        base_data.register_dealer,
        code=code,
        title=values.text(request.dealer.title, "dealer.title", required=True),
        terms=_terms(request.dealer, book),
    )
    return Decoded(
        book, stream_of(Dealer, code), use_case,
        lambda dealer: pb.CreateDealerResponse(dealer=dealer_message(dealer, book)),
    )  # fmt: skip


def _terms(dealer: pb.Dealer, book: str) -> DealerTerms:
    return DealerTerms(
        level=values.text(dealer.level, "dealer.level", most=63),
        region_tier=values.text(dealer.region_tier, "dealer.region_tier", most=63),
        currency=values.currency(dealer.currency, "dealer.currency"),
        tax_number=values.text(dealer.tax_number, "dealer.tax_number", most=63),
        payment_days=values.count(dealer.payment_days, "dealer.payment_days", most=365),
        parent=names.DEALER.optional_key(dealer.parent_dealer, "dealer.parent_dealer", book),
    )


DECODERS: Final[Decoders] = {pb.CreateDealerRequest: create_dealer}
