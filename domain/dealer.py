"""A dealer 经销商: who buys parts, keeps consigned stock, claims, and settles each month."""

from decimal import Decimal
from typing import NamedTuple, Self

from domain.facts import Aggregate, Command, FirstFact
from domain.vat import VatRate


class DealerTerms(NamedTuple):
    """What was agreed: `payment_days` after the invoice date an item falls due.

    A dealer that invoices its claims at a VAT rate of its own has one; 0 is a rate, too.
    """

    level: str
    region_tier: str
    currency: str
    tax_number: str
    payment_days: int
    parent: str
    claims_vat_rate: Decimal | None = None


class Dealer(Aggregate):
    """A dealer has one currency for all its documents (docs/domain.md, "Dealers")."""

    TOPIC = "partsledger:Dealer"
    KIND = "dealers"

    class Registered(FirstFact):
        TOPIC = "partsledger:Dealer.Registered"
        title: str
        level: str = ""
        region_tier: str = ""
        currency: str
        tax_number: str = ""
        payment_days: int
        parent: str = ""
        claims_vat_rate: Decimal | None = None

    def __init__(
        self,
        title: str,
        level: str,
        region_tier: str,
        currency: str,
        tax_number: str,
        payment_days: int,
        parent: str,
        claims_vat_rate: Decimal | None,
    ) -> None:
        self.title = title
        self.terms = DealerTerms(
            level, region_tier, currency, tax_number, payment_days, parent, claims_vat_rate
        )

    @classmethod
    def register(cls, command: Command, code: str, title: str, terms: DealerTerms) -> Self:
        return cls._first(cls.Registered, code, command, title=title, **terms._asdict())

    @property
    def claims_rate(self) -> VatRate | None:
        """The VAT rate of the dealer's own invoices for its claims, where it has one."""
        rate = self.terms.claims_vat_rate
        return None if rate is None else VatRate(rate=rate, stream=self.id, version=self.version)
