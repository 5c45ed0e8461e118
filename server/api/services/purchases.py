"""PurchaseService: parts that come from suppliers."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.use_cases import purchasing
from partsledger.v1 import purchase_service_pb2 as pb
from partsledger.v1.purchase_service_pb2_grpc import PurchaseServiceServicer
from server.api.conversions import lines, money, names, times
from server.api.conversions.trade import purchase_message
from server.api.currencies import in_book_currency
from server.api.decoded import Decoded, Decoders, stream_of, streams_of_stock
from server.api.listing import Listing
from server.api.servicer import Servicer


class PurchaseServicer(Servicer, PurchaseServiceServicer):
    CreatePurchase = Servicer.run
    BatchCreatePurchases = Servicer.run_batch

    def GetPurchase(
        self, request: pb.GetPurchaseRequest, context: grpc.ServicerContext
    ) -> pb.GetPurchaseResponse:
        receipt, book, position = self.find(PurchaseReceipt, names.PURCHASE, request)
        return pb.GetPurchaseResponse(
            purchase=purchase_message(receipt, book, self._reads.currency),
            as_of_position=position,
        )

    def ListPurchases(
        self, request: pb.ListPurchasesRequest, context: grpc.ServicerContext
    ) -> pb.ListPurchasesResponse:
        message = partial(purchase_message, currency=self._reads.currency)
        listing = Listing(PurchaseReceipt, message)
        page = listing.page(self._reads, context, request, names.book(request.parent))
        return pb.ListPurchasesResponse(
            purchases=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def create_purchase(request: pb.CreatePurchaseRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.purchase_id, "purchase_id")
    purchase = request.purchase
    lines.require_some(purchase.lines, "purchase.lines")
    bought = [
        _line(line, f"purchase.lines[{index}]", book) for index, line in enumerate(purchase.lines)
    ]
    currency = money.common_currency((cost for _, cost in bought), "purchase.lines")
    place = names.PLACE.key(purchase.to_place, "purchase.to_place", book)
    use_case = partial(
        purchasing.receive_purchase,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        supplier=values.code(purchase.supplier, "purchase.supplier"),
        to_place=place,
        lines=tuple(line for line, _ in bought),
    )
    return Decoded(
        book, stream_of(PurchaseReceipt, number), in_book_currency(currency, use_case),
        lambda taken: pb.CreatePurchaseResponse(purchase=purchase_message(taken, book, currency)),
        streams_of_stock(place, [line.part for line, _ in bought]),
    )  # fmt: skip


def _line(line: pb.PurchaseLine, field: str, book: str) -> tuple[PurchaseLine, money.Amount]:
    unit_cost = money.of_one_piece(line.unit_cost, f"{field}.unit_cost", zero=True)
    bought = PurchaseLine(
        part=names.PART.key(line.part, f"{field}.part", book),
        quantity=values.quantity(line.quantity, f"{field}.quantity"),
        unit_cost_minor=unit_cost.minor,
        lot=values.text(line.lot, f"{field}.lot", most=63),
    )
    return bought, unit_cost


DECODERS: Final[Decoders] = {pb.CreatePurchaseRequest: create_purchase}
