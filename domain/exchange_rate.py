"""Exchange rates 汇率: what another currency is worth in the book's, in dated versions."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from domain.conversion import Conversion
from domain.dated import Dated, Version
from domain.facts import Aggregate, Command, Fact, FirstFact


class SourcedRate(NamedTuple):
    """A rate, and who published it: a central bank, a customs office, the maker's own bank."""

    rate: Decimal
    source: str


class ExchangeRate(Aggregate):
    """One unit of `from_currency` = so many units of `to_currency`, which is the book's.

    A rate holds from its day until the next version's. One that was wrong is corrected by a version
    of another day: what was converted keeps the rate it took.
    """

    TOPIC = "partsledger:ExchangeRate"
    KIND = "exchange-rates"

    class Listed(FirstFact):
        TOPIC = "partsledger:ExchangeRate.Listed"
        from_currency: str
        to_currency: str
        effective_from: date
        rate: Decimal
        source: str

    class Changed(Fact):
        TOPIC = "partsledger:ExchangeRate.Changed"
        from_currency: str
        to_currency: str
        effective_from: date
        rate: Decimal
        source: str

        def apply(self, aggregate: "ExchangeRate") -> None:
            rate = SourcedRate(self.rate, self.source)
            aggregate.rates.add(Version(self.effective_from, rate, self.originator_version))

    def __init__(
        self,
        from_currency: str,
        to_currency: str,
        effective_from: date,
        rate: Decimal,
        source: str,
    ) -> None:
        self.from_currency = from_currency
        self.to_currency = to_currency
        self.rates = Dated([Version(effective_from, SourcedRate(rate, source), 1)])

    @classmethod
    def list(
        cls,
        command: Command,
        from_currency: str,
        to_currency: str,
        effective_from: date,
        found: SourcedRate,
    ) -> Self:
        return cls._first(
            cls.Listed, rate_key(from_currency, to_currency), command,
            from_currency=from_currency, to_currency=to_currency,
            effective_from=effective_from, **found._asdict(),
        )  # fmt: skip

    def change(self, command: Command, effective_from: date, found: SourcedRate) -> None:
        """Adds a version; what was converted keeps the rate it took."""
        self.rates.require_free(f"the exchange rate {self.key}", effective_from, found)
        self._record(
            self.Changed, command,
            from_currency=self.from_currency, to_currency=self.to_currency,
            effective_from=effective_from, **found._asdict(),
        )  # fmt: skip

    def on(self, day: date) -> Conversion | None:
        """The rate in force on a day; None before the first version."""
        version = self.rates.on(day)
        if version is None:
            return None
        return Conversion(
            from_currency=self.from_currency, to_currency=self.to_currency,
            rate=version.value.rate, effective_from=version.effective_from,
            source=version.value.source, stream=self.id, version=version.number,
        )  # fmt: skip


def rate_key(from_currency: str, to_currency: str) -> str:
    """`USD-CNY`: the number of the rate of a currency in the book's."""
    return f"{from_currency}-{to_currency}"
