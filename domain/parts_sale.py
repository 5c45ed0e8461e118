"""A sale of parts to a dealer, invoiced at the price in force; what is unsold can come back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import ConfigDict

from domain import accounts
from domain.conversion import Conversion, Worth, worth
from domain.days import Days, Done
from domain.errors import OverReturn
from domain.facts import Aggregate, BookedFact, Booking, Command, FirstBookedFact
from domain.layers import Layers, pieces
from domain.values import share


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One part sold. Amounts are in minor units of the dealer's currency.

    What decided them: `price_version` is the version of the part's price on the list, as its stream
    counts them, and `price_list_version` that of the list, which says the VAT rate.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    part: str
    quantity: int
    unit_price_minor: int
    price_list: str
    price_list_version: int
    price_version: int
    vat_rate: Decimal
    net_minor: int
    tax_minor: int
    layers: Layers


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """Pieces of a sold line on their way back, with what is credited for them: the share of what
    was invoiced, also in the book's currency where the dealer's is another one."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    part: str
    quantity: int
    net_minor: int
    tax_minor: int
    net_functional_minor: int | None = None
    tax_functional_minor: int | None = None
    layers: Layers


class PartsSale(Aggregate):
    """The receivable stands on the dealer's account, the stock that left on the stock items."""

    TOPIC = "partsledger:PartsSale"
    KIND = "sales"

    class Sold(FirstBookedFact):
        TOPIC = "partsledger:PartsSale.Sold"
        dealer: str
        dealer_version: int  # Of the terms that decided the day it is due.
        from_place: str
        currency: str
        conversion: Conversion | None = None  # Of what is invoiced.
        due_on: date
        lines: tuple[SaleLine, ...]

    class ReturnTaken(BookedFact):
        """A return was requested for pieces of this sale."""

        TOPIC = "partsledger:PartsSale.ReturnTaken"
        parts_return: str
        currency: str
        line: ReturnedLine

        def apply(self, aggregate: "PartsSale") -> None:
            before = aggregate.returned.get(self.line.part, 0)
            aggregate.returned[self.line.part] = before + self.line.quantity
            aggregate.returned_net_minor += self.line.net_minor
            aggregate.returned_tax_minor += self.line.tax_minor

    def __init__(
        self,
        dealer: str,
        from_place: str,
        currency: str,
        conversion: Conversion | None,
        due_on: date,
        lines: tuple[SaleLine, ...],
        occurred_on: date,
        effective_on: date,
    ) -> None:
        self.dealer = dealer
        self.from_place = from_place
        self.currency = currency
        self.conversion = conversion
        self.due_on = due_on
        self.lines = {line.part: line for line in lines}
        self.sold = Done("sold", Days(occurred_on, effective_on))
        self.returned: dict[str, int] = {}
        self.returned_net_minor = 0
        self.returned_tax_minor = 0

    @classmethod
    def sell(cls, command: Command, number: str, booking: Booking, **fields: object) -> Self:
        """Sells parts whose prices, rates and layers were found."""
        currency = command.book_currency
        return cls._first(cls.Sold, number, command, booking, book_currency=currency, **fields)

    @property
    def invoiced(self) -> tuple[Worth, ...]:
        """The receivable, the revenue, and the tax if there is any."""
        net = sum(line.net_minor for line in self.lines.values())
        tax = sum(line.tax_minor for line in self.lines.values())
        return worth(
            self.conversion, (accounts.RECEIVABLE, net + tax),
            (accounts.PARTS_REVENUE, -net), (accounts.VAT_PENDING, -tax),
        )  # fmt: skip

    def take_return(
        self, command: Command, booking: Booking, parts_return: str, part: str, quantity: int
    ) -> ReturnedLine:
        """Sets pieces of the sale aside for a return: with their layers, at the price paid."""
        booking.require_after(self.sold)
        returned = self.returned.get(part, 0)
        line = self.lines.get(part)
        sold = line.quantity if line else 0
        if line is None or returned + quantity > sold:
            raise OverReturn(
                f"sale {self.key}: {sold} of {part} sold, {returned} returned, {quantity} more",
                sale=self.key, part=part, sold=sold, returned=returned, requested=quantity,
            )  # fmt: skip
        net = share(line.net_minor, returned, quantity, line.quantity)
        tax = share(line.tax_minor, returned, quantity, line.quantity)
        taken = ReturnedLine(
            part=part, quantity=quantity, net_minor=net, tax_minor=tax,
            net_functional_minor=self._was_worth(
                accounts.PARTS_REVENUE, self.returned_net_minor, net
            ),
            tax_functional_minor=self._was_worth(
                accounts.VAT_PENDING, self.returned_tax_minor, tax
            ),
            layers=pieces(line.layers, returned, quantity),
        )  # fmt: skip
        self._record(
            self.ReturnTaken, command, booking, parts_return=parts_return,
            currency=self.currency, book_currency=command.book_currency, line=taken,
        )  # fmt: skip
        return taken

    def _was_worth(self, account: str, before_minor: int, minor: int) -> int | None:
        """What an amount was worth that is taken back from an account, after others: all of them
        together are worth what was invoiced on it."""
        if self.conversion is None:
            return None
        invoiced = {each.account: each.negated for each in self.invoiced}
        if account not in invoiced:
            return 0
        _, amount, functional = invoiced[account]
        return share(functional or 0, before_minor, minor, amount)
