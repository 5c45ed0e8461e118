"""Requests that buy parts from suppliers."""

from functools import partial
from typing import Final

from domain import values
from domain.purchase_receipt import PurchaseLine
from domain.use_cases import purchasing
from partsledger.v1 import purchase_service_pb2 as pb
from server.api.conversions import lines, money, names, times
from server.api.decoded import Decoded, Decoders, streams_of_stock
from server.api.decoders.currencies import in_book_currency


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
    beside = streams_of_stock(place, [line.part for line, _ in bought])
    return Decoded(book, number, in_book_currency(currency, use_case), beside)


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
