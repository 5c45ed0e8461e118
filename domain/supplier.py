"""A supplier 供应商: who delivers parts, and gets back what was bad of them."""

from datetime import date
from typing import NamedTuple, Self

from domain.dated import Dated, Version
from domain.facts import Command, Fact, FirstFact
from domain.records import Record, require_revision


class SupplierTerms(NamedTuple):
    """What was agreed; `payment_days` after its invoice the maker pays."""

    title: str
    currency: str
    tax_number: str
    payment_days: int


class Supplier(Record):
    """Its terms have versions; its currency never changes."""

    TOPIC = "partsledger:Supplier"
    KIND = "suppliers"

    class Registered(FirstFact):
        TOPIC = "partsledger:Supplier.Registered"
        effective_from: date
        title: str
        currency: str
        tax_number: str = ""
        payment_days: int

    class Revised(Fact):
        TOPIC = "partsledger:Supplier.Revised"
        effective_from: date
        because: str = ""
        title: str
        tax_number: str = ""
        payment_days: int

        def apply(self, aggregate: "Supplier") -> None:
            terms = SupplierTerms(
                self.title, aggregate.currency, self.tax_number, self.payment_days
            )
            aggregate.versions.add(Version(self.effective_from, terms, self.originator_version))

    def __init__(
        self, effective_from: date, title: str, currency: str, tax_number: str, payment_days: int
    ) -> None:
        terms = SupplierTerms(title, currency, tax_number, payment_days)
        self.currency = currency
        self.versions: Dated[SupplierTerms] = Dated([Version(effective_from, terms, 1)])

    @classmethod
    def register(
        cls, command: Command, code: str, effective_from: date, terms: SupplierTerms
    ) -> Self:
        return cls._first(
            cls.Registered, code, command, effective_from=effective_from, **terms._asdict()
        )

    def revise(
        self, command: Command, effective_from: date, terms: SupplierTerms, because: str
    ) -> None:
        """Adds a version."""
        require_revision(
            f"supplier {self.key}", self.versions, effective_from, terms, never={"currency"}
        )
        said = terms._asdict()
        del said["currency"]
        self._record(self.Revised, command, effective_from=effective_from, because=because, **said)
