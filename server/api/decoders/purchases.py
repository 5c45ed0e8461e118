"""Requests that buy parts from suppliers."""

from decimal import Decimal
from functools import partial
from typing import Final

from domain import values
from domain.errors import InvalidValue
from domain.purchase_receipt import PurchaseLine
from domain.use_cases import purchasing
from partsledger.v1 import purchase_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import lines, money, names, times
from server.api.decoded import Act, Acts, Decoded, streams_of_stock
from server.api.decoders.currencies import in_book_currency


def create_purchase(request: pb.CreatePurchaseRequest) -> Decoded:
    book = names.book(request.parent)
    number = values.code(request.purchase_id, "purchase_id")
    purchase = request.purchase
    lines.require_some(purchase.lines, "purchase.lines")
    bought = [
        _line(line, f"purchase.lines[{index}]", book) for index, line in enumerate(purchase.lines)
    ]
    currency = money.common_currency((amount for _, amount in bought), "purchase.lines")
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
    quantity = values.quantity(line.quantity, f"{field}.quantity")
    unit_cost = None
    if line.HasField("unit_cost"):
        unit_cost = money.cost_of_one_piece(line.unit_cost, f"{field}.unit_cost")
    amount = _amount(line, field, quantity, unit_cost)
    serial = values.text(line.serial, f"{field}.serial", most=63)
    if serial and quantity != 1:
        raise InvalidValue(f"{field}.quantity", quantity, "must be 1 where there is a serial")
    bought = PurchaseLine(
        part=names.PART.key(line.part, f"{field}.part", book),
        quantity=quantity,
        value_minor=amount.minor,
        unit_cost=unit_cost,
        lot=values.text(line.lot, f"{field}.lot", most=63),
        serial=serial,
    )
    return bought, amount


def _amount(
    line: pb.PurchaseLine, field: str, quantity: int, unit_cost: Decimal | None
) -> money.Amount:
    """What the line costs: the amount it states, or else quantity times unit cost."""
    stated = None
    if line.HasField("amount"):
        stated = money.not_negative(line.amount, f"{field}.amount")
    if unit_cost is None:
        if stated is None:
            raise InvalidValue(f"{field}.amount", "", "is required, or else unit_cost")
        return stated
    currency = line.unit_cost.currency_code
    minor = values.cost_of(quantity, unit_cost, currency)
    values.amount_minor(minor, f"{field}.unit_cost", zero=True)
    counted = money.Amount(minor, currency)
    if stated is not None and stated != counted:
        rule = "must be quantity times unit_cost, rounded half up, which is"
        shown = values.money_text(*stated)
        raise InvalidValue(f"{field}.amount", shown, f"{rule} {values.money_text(*counted)}")
    return counted


ACTS: Final[Acts] = {
    pb.CreatePurchaseRequest: Act(create_purchase, roles(Role.STOREKEEPER, Role.FINANCE, Role.ERP)),
}
