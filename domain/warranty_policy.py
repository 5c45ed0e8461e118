"""Warranty policies 质保政策: what the maker pays for, for how long, and under which conditions."""

from datetime import date
from decimal import Decimal
from typing import Self

from domain.dated import Dated, Version
from domain.facts import Aggregate, Command, Fact, FirstFact
from domain.stored import Stored


class PolicyTerms(Stored):
    """One version of a policy, every term said. Day counts include the last day."""

    effective_from: date
    term_months: int
    covered_causes: tuple[str, ...]  # Fault codes; empty covers every cause.
    handling_rate: Decimal  # On top of the settlement price of a claimed part.
    currency: str  # Of the tolerance: the book's.
    tolerance_minor: int  # By which the three documents may differ, per line.
    submission_days: int  # From the failure to the claim.
    return_days: int  # From approval to the part's arrival; 0: no duty to return.
    chargeback_months: int  # After the credit, for taking it back.


class WarrantyPolicy(Aggregate):
    """The policy of one model. The version in force on the machine's sale date counts."""

    TOPIC = "partsledger:WarrantyPolicy"
    KIND = "policies"

    class Issued(FirstFact):
        TOPIC = "partsledger:WarrantyPolicy.Issued"
        terms: PolicyTerms

    class Amended(Fact):
        TOPIC = "partsledger:WarrantyPolicy.Amended"
        terms: PolicyTerms

        def apply(self, aggregate: "WarrantyPolicy") -> None:
            aggregate.versions.add(_version(self.terms, self.originator_version))

    def __init__(self, terms: PolicyTerms) -> None:
        self.versions = Dated([_version(terms, 1)])

    @classmethod
    def issue(cls, command: Command, model: str, terms: PolicyTerms) -> Self:
        return cls._first(cls.Issued, model, command, terms=terms)

    def amend(self, command: Command, terms: PolicyTerms) -> None:
        """Adds a version; claims keep the terms that they were made under."""
        self.versions.require_free(f"policy {self.key}", terms.effective_from, terms)
        self._record(self.Amended, command, terms=terms)

    def on(self, sold_on: date) -> Version[PolicyTerms] | None:
        """The version in force on the sale date; None before the first."""
        return self.versions.on(sold_on)


def _version(terms: PolicyTerms, number: int) -> Version[PolicyTerms]:
    return Version(terms.effective_from, terms, number)
