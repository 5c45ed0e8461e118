"""A sale of parts to a dealer, invoiced at the price in force; what is unsold can come back."""

from datetime import date
from decimal import Decimal
from typing import Self

from msgspec.structs import replace

from domain import accounts
from domain.conversion import Conversion, Worth, worth
from domain.days import Days, Done
from domain.errors import OverReturn
from domain.facts import Aggregate, BookedFact, Booking, Command, FirstBookedFact
from domain.layers import MOST_LAYERS, Layers, first_pieces, in_facts, left_of
from domain.stored import Stored
from domain.values import share


class SaleLine(Stored):
    """One part sold. Amounts are in minor units of the dealer's currency.

    What decided them: `price_version` is the version of the part's price on the list, as its stream
    counts them, and `price_list_version` that of the list, which says the VAT rate.
    """

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


class ReturnedLine(Stored):
    """Pieces of a sold line on their way back, with what is credited for them: the share of what
    was invoiced, also in the book's currency where the dealer's is another one."""

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

    class PiecesAdded(BookedFact):
        """Layers of a sold line that the fact of the sale had no room for."""

        TOPIC = "partsledger:PartsSale.PiecesAdded"
        part: str
        layers: Layers

        def apply(self, aggregate: "PartsSale") -> None:
            line = aggregate.lines[self.part]
            aggregate.lines[self.part] = replace(line, layers=line.layers + self.layers)
            aggregate.kept[self.part] += self.layers

    class ReturnTaken(BookedFact):
        """A return was requested for pieces of this sale."""

        TOPIC = "partsledger:PartsSale.ReturnTaken"
        parts_return: str
        currency: str
        line: ReturnedLine

        def apply(self, aggregate: "PartsSale") -> None:
            part, line = self.line.part, self.line
            aggregate.returned[part] = aggregate.returned.get(part, 0) + line.quantity
            aggregate.kept[part] = left_of(aggregate.kept[part], line.layers)
            aggregate.returned_net_minor += line.net_minor
            aggregate.returned_tax_minor += line.tax_minor

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
        self.kept = {line.part: line.layers for line in lines}  # What did not come back.

    @classmethod
    def sell(
        cls,
        command: Command,
        number: str,
        booking: Booking,
        lines: tuple[SaleLine, ...],
        **fields: object,
    ) -> Self:
        """Records the sale, in several facts where its lines have more layers than one holds."""
        fitting, more = _fitting(lines)
        currency = command.book_currency
        sale = cls._first(
            cls.Sold, number, command, booking, lines=fitting, book_currency=currency, **fields
        )
        for part, layers in more:
            sale._record(
                cls.PiecesAdded, command, booking,
                part=part, layers=layers, book_currency=currency,
            )  # fmt: skip
        return sale

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
            layers=first_pieces(self.kept[part], quantity),
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


def _fitting(lines: tuple[SaleLine, ...]) -> tuple[tuple[SaleLine, ...], list[tuple[str, Layers]]]:
    """The lines with as many of their layers as fit into one fact; and the rest, fact by fact."""
    if sum(len(line.layers) for line in lines) <= MOST_LAYERS:
        return lines, []
    room, fitting, more = MOST_LAYERS, [], []
    for line in lines:
        fitting.append(replace(line, layers=line.layers[:room]))
        more += [(line.part, layers) for layers in in_facts(line.layers[room:])]
        room -= len(fitting[-1].layers)
    return tuple(fitting), more
