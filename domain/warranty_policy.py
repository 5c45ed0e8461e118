"""Warranty policies 质保政策: what the maker pays for, for how long, and under which conditions."""

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict

from domain.facts import Aggregate, Command, Fact, FirstFact


class PolicyTerms(BaseModel):
    """One version of a policy, every term said. Day counts include the last day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effective_from: date
    term_months: int
    covered_causes: tuple[str, ...]  # Fault codes; empty covers every cause.
    handling_rate: Decimal  # On top of the settlement price of a claimed part.
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
            aggregate.versions = sorted(
                [
                    *(
                        version
                        for version in aggregate.versions
                        if version.effective_from != self.terms.effective_from
                    ),
                    self.terms,
                ],
                key=lambda version: version.effective_from,
            )
            aggregate._numbers[self.terms.effective_from] = self.originator_version

    def __init__(self, terms: PolicyTerms) -> None:
        self.versions = [terms]
        self._numbers = {terms.effective_from: 1}

    @classmethod
    def issue(cls, command: Command, model: str, terms: PolicyTerms) -> Self:
        return cls._first(cls.Issued, model, command, terms=terms)

    def amend(self, command: Command, terms: PolicyTerms) -> None:
        self._record(self.Amended, command, terms=terms)

    def on(self, sold_on: date) -> PolicyTerms | None:
        """The version in force on the sale date; None before the first."""
        in_force = [version for version in self.versions if version.effective_from <= sold_on]
        return in_force[-1] if in_force else None

    def number_of(self, terms: PolicyTerms) -> int:
        """Which version of this stream the terms are: claims name it."""
        return self._numbers[terms.effective_from]
