"""A dealer 经销商: who buys parts, keeps consigned stock, claims, and settles each month."""

from typing import NamedTuple, Self

from domain.facts import Aggregate, Command, FirstFact


class DealerTerms(NamedTuple):
    """What was agreed: `payment_days` after the invoice date an item falls due."""

    level: str
    region_tier: str
    currency: str
    tax_number: str
    payment_days: int
    parent: str


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

    def __init__(
        self,
        title: str,
        level: str,
        region_tier: str,
        currency: str,
        tax_number: str,
        payment_days: int,
        parent: str,
    ) -> None:
        self.title = title
        self.terms = DealerTerms(level, region_tier, currency, tax_number, payment_days, parent)

    @classmethod
    def register(cls, command: Command, code: str, title: str, terms: DealerTerms) -> Self:
        return cls._first(cls.Registered, code, command, title=title, **terms._asdict())
