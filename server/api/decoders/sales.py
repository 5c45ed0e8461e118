"""Requests that sell parts to dealers."""

from functools import partial
from typing import Final

from domain import values
from domain.use_cases import selling
from domain.use_cases.selling import WantedLine
from partsledger.v1 import sale_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import lines, names, times
from server.api.decoded import Act, Acts, Decoded, streams_of_dealer, streams_of_stock


def create_sale(request: pb.CreateSaleRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.sale_id, "sale_id")
    sale = request.sale
    lines.require_some(sale.lines, "sale.lines")
    dealer = names.DEALER.key(sale.dealer, "sale.dealer", book)
    place = names.PLACE.key(sale.from_place, "sale.from_place", book)
    sold = tuple(_line(line, f"sale.lines[{index}]", book) for index, line in enumerate(sale.lines))
    use_case = partial(
        selling.sell_parts,
        number=number,
        occurrence=times.occurrence(request.occurrence),
        dealer=dealer,
        from_place=place,
        lines=sold,
    )
    stock = streams_of_stock(place, [line.part for line in sold])
    return Decoded(book, number, use_case, (*streams_of_dealer(dealer), *stock))


def _line(line: pb.SaleLine, field: str, book: str) -> WantedLine:
    return WantedLine(
        part=names.PART.key(line.part, f"{field}.part", book),
        quantity=values.quantity(line.quantity, f"{field}.quantity"),
    )


ACTS: Final[Acts] = {
    pb.CreateSaleRequest: Act(create_sale, roles(Role.FINANCE, Role.STORE_BOOKKEEPER, Role.ERP)),
}
