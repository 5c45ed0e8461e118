"""Purchases, sales, payments and payouts as the API shows them."""

from decimal import Decimal

from google.type.money_pb2 import Money

from domain.parts_sale import PartsSale, SaleLine
from domain.payment import Payment
from domain.payout import Payout
from domain.purchase_receipt import PurchaseReceipt
from partsledger.v1 import (
    payment_service_pb2,
    payout_service_pb2,
    purchase_service_pb2,
    sale_service_pb2,
)
from server.api.conversions import money, names
from server.api.conversions.book import ShownBook
from server.api.conversions.rates import rate_message
from server.api.conversions.times import day_message, moment_message


def purchase_message(receipt: PurchaseReceipt, book: ShownBook) -> purchase_service_pb2.Purchase:
    lines = [
        purchase_service_pb2.PurchaseLine(
            part=names.PART.format(book.name, line.part),
            quantity=line.quantity,
            unit_cost=_unit_cost(line.unit_cost, receipt.currency),
            amount=money.message(line.value_minor, receipt.currency),
            lot=line.lot,
            serial=line.serial,
        )
        for line in receipt.lines
    ]
    return purchase_service_pb2.Purchase(
        name=names.PURCHASE.format(book.name, receipt.key),
        etag=str(receipt.version),
        create_time=moment_message(receipt.created_on),
        update_time=moment_message(receipt.modified_on),
        supplier=receipt.supplier,
        to_place=names.PLACE.format(book.name, receipt.to_place),
        lines=lines,
    )


def _unit_cost(cost: Decimal | None, currency: str) -> Money | None:
    """As the request had it, or not at all."""
    return None if cost is None else money.decimal_message(cost, currency)


def sale_message(sale: PartsSale, book: ShownBook) -> sale_service_pb2.Sale:
    lines = sale.lines.values()
    return sale_service_pb2.Sale(
        name=names.SALE.format(book.name, sale.key),
        etag=str(sale.version),
        create_time=moment_message(sale.created_on),
        update_time=moment_message(sale.modified_on),
        dealer=names.DEALER.format(book.name, sale.dealer),
        from_place=names.PLACE.format(book.name, sale.from_place),
        lines=[_sale_line(sale, line, book) for line in lines],
        sold_on=day_message(sale.sold.days.occurred_on),
        due_on=day_message(sale.due_on),
        net=money.message(sum(line.net_minor for line in lines), sale.currency),
        tax=money.message(sum(line.tax_minor for line in lines), sale.currency),
    )


def _sale_line(sale: PartsSale, line: SaleLine, book: ShownBook) -> sale_service_pb2.SaleLine:
    return sale_service_pb2.SaleLine(
        part=names.PART.format(book.name, line.part),
        quantity=line.quantity,
        unit_price=money.message(line.unit_price_minor, sale.currency),
        net=money.message(line.net_minor, sale.currency),
        tax=money.message(line.tax_minor, sale.currency),
        returned_quantity=sale.returned.get(line.part, 0),
        price_list=names.PRICE_LIST.format(book.name, line.price_list),
        price_version=line.price_version,
        vat_rate=rate_message(line.vat_rate),
        price_list_version=line.price_list_version,
    )


def payment_message(payment: Payment, book: ShownBook) -> payment_service_pb2.Payment:
    return payment_service_pb2.Payment(
        name=names.PAYMENT.format(book.name, payment.key),
        etag=str(payment.version),
        create_time=moment_message(payment.created_on),
        update_time=moment_message(payment.modified_on),
        dealer=names.DEALER.format(book.name, payment.dealer),
        amount=money.message(payment.amount_minor, payment.currency),
    )


def payout_message(payout: Payout, book: ShownBook) -> payout_service_pb2.Payout:
    return payout_service_pb2.Payout(
        name=names.PAYOUT.format(book.name, payout.key),
        etag=str(payout.version),
        create_time=moment_message(payout.created_on),
        update_time=moment_message(payout.modified_on),
        dealer=names.DEALER.format(book.name, payout.dealer),
        amount=money.message(payout.amount_minor, payout.currency),
    )
