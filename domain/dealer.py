"""A dealer 经销商: who buys parts, keeps consigned stock, claims, and settles each month."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from domain.dated import Dated, Version
from domain.facts import Command, Fact, FirstFact
from domain.records import Record, require_revision
from domain.vat import VatRate


class DealerTerms(NamedTuple):
    """What was agreed: `payment_days` after the invoice date an item falls due.

    A dealer that invoices its claims at a VAT rate of its own has one; 0 is a rate, too.
    """

    title: str
    level: str
    region_tier: str
    currency: str
    tax_number: str
    payment_days: int
    parent: str
    claims_vat_rate: Decimal | None = None


class Dealer(Record):
    """Its terms have versions; its one currency, that of all its documents, never changes."""

    TOPIC = "partsledger:Dealer"
    KIND = "dealers"

    class Registered(FirstFact):
        TOPIC = "partsledger:Dealer.Registered"
        effective_from: date
        title: str
        level: str = ""
        region_tier: str = ""
        currency: str
        tax_number: str = ""
        payment_days: int
        parent: str = ""
        claims_vat_rate: Decimal | None = None

    class Revised(Fact):
        TOPIC = "partsledger:Dealer.Revised"
        effective_from: date
        because: str = ""
        title: str
        level: str = ""
        region_tier: str = ""
        tax_number: str = ""
        payment_days: int
        parent: str = ""
        claims_vat_rate: Decimal | None = None

        def apply(self, aggregate: "Dealer") -> None:
            terms = DealerTerms(
                self.title, self.level, self.region_tier, aggregate.currency, self.tax_number,
                self.payment_days, self.parent, self.claims_vat_rate,
            )  # fmt: skip
            aggregate.versions.add(Version(self.effective_from, terms, self.originator_version))

    def __init__(
        self,
        effective_from: date,
        title: str,
        level: str,
        region_tier: str,
        currency: str,
        tax_number: str,
        payment_days: int,
        parent: str,
        claims_vat_rate: Decimal | None,
    ) -> None:
        terms = DealerTerms(
            title, level, region_tier, currency, tax_number, payment_days, parent, claims_vat_rate
        )
        self.currency = currency
        self.versions: Dated[DealerTerms] = Dated([Version(effective_from, terms, 1)])

    @classmethod
    def register(
        cls, command: Command, code: str, effective_from: date, terms: DealerTerms
    ) -> Self:
        return cls._first(
            cls.Registered, code, command, effective_from=effective_from, **terms._asdict()
        )

    def revise(
        self, command: Command, effective_from: date, terms: DealerTerms, because: str
    ) -> None:
        """Adds a version; documents keep the terms they were made under."""
        require_revision(
            f"dealer {self.key}", self.versions, effective_from, terms, never={"currency"}
        )
        said = terms._asdict()
        del said["currency"]
        self._record(self.Revised, command, effective_from=effective_from, because=because, **said)

    def claims_rate(self, day: date) -> VatRate | None:
        """The VAT rate of the dealer's own invoices for its claims on a day, where it has one."""
        terms = self.versions.known_on(day)
        rate = terms.value.claims_vat_rate
        return None if rate is None else VatRate(rate=rate, stream=self.id, version=terms.number)
