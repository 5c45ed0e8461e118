"""Sells parts to dealers, and takes their payments."""

from datetime import timedelta
from typing import NamedTuple

from msgspec.structs import replace

from domain import accounts, places
from domain.clearing import Allocation
from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.errors import NoPrice, PlaceNotAllowed, WrongCurrency
from domain.facts import Booking, Command
from domain.ledger import Ledger
from domain.parts_sale import PartsSale, SaleLine
from domain.payment import Payment
from domain.price_list import ListedPrice, PriceListKind, list_key, price_key
from domain.use_cases.booking import Occurrence, book, open_from
from domain.use_cases.converting import conversion_on
from domain.use_cases.stock_moves import issue_from, require_distinct, require_not_custody
from domain.use_cases.taxing import rate_of_sales
from domain.values import of_rate, product_minor


class WantedLine(NamedTuple):
    """What a dealer buys; the price is the price list's."""

    part: str
    quantity: int


def sell_parts(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    dealer: str,
    from_place: str,
    lines: tuple[WantedLine, ...],
) -> PartsSale:
    """Sells from a warehouse or the dealer's own consignment stock, at the price in force.

    Refuses restricted and non-serviceable parts, parts without a price on the settlement list of
    the dealer's currency, and more than had arrived by the day.
    """
    ledger.require_new(PartsSale, number)
    buyer = ledger.get(Dealer, dealer)
    require_not_custody(ledger, from_place, "sell from")
    if places.consignee(from_place) not in (None, dealer):
        raise PlaceNotAllowed(
            f"{from_place} is not {dealer}'s", place=from_place, dealer=dealer, action="sell from"
        )
    require_distinct([line.part for line in lines])
    booking = book(ledger, command, occurrence, number)
    currency = buyer.currency
    priced = [_priced(ledger, buyer, booking, line) for line in lines]
    conversion = conversion_on(ledger, currency, booking.occurred_on)
    of_sale = booking.caused_by(PartsSale.first_step(number))
    sold = tuple(_issued(ledger, command, of_sale, from_place, line) for line in priced)
    terms = buyer.versions.known_on(booking.occurred_on)
    due_on = booking.occurred_on + timedelta(days=terms.value.payment_days)
    sale = ledger.add(
        PartsSale.sell(
            command, number, booking,
            dealer=dealer, dealer_version=terms.number, from_place=from_place, currency=currency,
            conversion=conversion, due_on=due_on, lines=sold,
        )
    )  # fmt: skip
    _invoice(ledger, command, of_sale, sale)
    return sale


def receive_payment(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    dealer: str,
    amount_minor: int,
    currency: str,
    allocations: tuple[Allocation, ...] = (),
) -> Payment:
    """Takes a dealer's payment against the items named, or the oldest due."""
    ledger.require_new(Payment, number)
    account = ledger.get(DealerAccount, dealer)
    if currency != account.currency:
        raise WrongCurrency(
            f"{dealer} settles in {account.currency}, not {currency}",
            dealer=dealer, currency=currency, expected=account.currency,
        )  # fmt: skip
    booking = book(ledger, command, occurrence, number)
    conversion = conversion_on(ledger, currency, booking.occurred_on)
    payment = ledger.add(Payment.receive(command, number, booking, dealer, amount_minor, currency))
    paid = booking.caused_by(payment.last_step)
    account.pay(command, paid, number, amount_minor, allocations, open_from(ledger), conversion)
    return payment


def _priced(ledger: Ledger, buyer: Dealer, booking: Booking, line: WantedLine) -> SaleLine:
    """A line at the price and the VAT rate of the day it was sold, before its pieces are taken.

    Its tax is rounded half up by itself.
    """
    currency, day = buyer.currency, booking.occurred_on
    ledger.require_serviceable(line.part, day)
    list_number = list_key(PriceListKind.SETTLEMENT, currency)
    listed = ledger.find(ListedPrice, price_key(list_number, line.part))
    price = listed.on(day) if listed else None
    if price is None:
        raise NoPrice(
            f"{line.part} has no price on {list_number} on {day}",
            part=line.part, price_list=list_number, on=day,
        )  # fmt: skip
    vat = rate_of_sales(ledger, currency, day)
    net = product_minor(line.quantity, price.value, f"{line.part}.quantity")
    return SaleLine(
        part=line.part, quantity=line.quantity, unit_price_minor=price.value,
        price_list=list_number, price_list_version=vat.version, price_version=price.number,
        vat_rate=vat.rate, net_minor=net, tax_minor=of_rate(net, vat.rate), layers=(),
    )  # fmt: skip


def _invoice(ledger: Ledger, command: Command, booking: Booking, sale: PartsSale) -> None:
    """Posts the receivable of a sale; its tax is pending until the invoices are matched."""
    account = ledger.get(DealerAccount, sale.dealer)
    postings = account.raise_item(sale.id, sale.due_on, *sale.invoiced)
    account.post(command, DealerAccount.SaleInvoiced, booking, postings, sale.conversion)


def _issued(
    ledger: Ledger, command: Command, booking: Booking, from_place: str, line: SaleLine
) -> SaleLine:
    """The line with the pieces that are taken for it."""
    layers = issue_from(
        ledger, command, booking,
        place=from_place, part=line.part, to_place=places.SOLD,
        quantity=line.quantity, debit=(accounts.COST_OF_SALES, ""),
    )  # fmt: skip
    return replace(line, layers=layers)
