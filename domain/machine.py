"""A machine 产品档案: one card, one serial number, and every failure claimed for it."""

from datetime import date
from typing import Self

from domain.errors import DuplicateClaim
from domain.facts import Aggregate, Command, Fact, FirstFact


class Machine(Aggregate):
    """The model and sale date decide which warranty policy counts."""

    TOPIC = "partsledger:Machine"
    KIND = "machines"

    class Registered(FirstFact):
        TOPIC = "partsledger:Machine.Registered"
        model: str
        dealer: str
        sold_on: date
        user: str = ""

    class ClaimTaken(Fact):
        """A claim was submitted for a failure of this machine."""

        TOPIC = "partsledger:Machine.ClaimTaken"
        claim: str
        failed_on: date
        causal_part: str

        def apply(self, aggregate: "Machine") -> None:
            aggregate.failures[(self.failed_on, self.causal_part)] = self.claim

    class ClaimReleased(Fact):
        """The claim was rejected: the failure may be claimed again."""

        TOPIC = "partsledger:Machine.ClaimReleased"
        claim: str
        failed_on: date
        causal_part: str

        def apply(self, aggregate: "Machine") -> None:
            del aggregate.failures[(self.failed_on, self.causal_part)]

    def __init__(self, model: str, dealer: str, sold_on: date, user: str) -> None:
        self.model = model
        self.dealer = dealer
        self.sold_on = sold_on
        self.user = user
        self.failures: dict[tuple[date, str], str] = {}

    @classmethod
    def register(
        cls, command: Command, serial: str, model: str, dealer: str, sold_on: date, user: str
    ) -> Self:
        """`user` is the user's number, not the name: personal data stays out of the log."""
        return cls._first(
            cls.Registered, serial, command, model=model, dealer=dealer, sold_on=sold_on, user=user
        )

    def take_claim(self, command: Command, claim: str, failed_on: date, causal_part: str) -> None:
        """Refuses a second claim for the same failure: same day, same causal part.

        Not for the claim that has it already.
        """
        earlier = self.failures.get((failed_on, causal_part))
        if earlier == claim:
            return
        if earlier is not None:
            raise DuplicateClaim(
                f"claim {earlier} has {self.key}, {failed_on}, {causal_part} already",
                claim=earlier, serial=self.key, failed_on=failed_on, causal_part=causal_part,
            )  # fmt: skip
        self._record(
            self.ClaimTaken, command, claim=claim, failed_on=failed_on, causal_part=causal_part
        )

    def release_claim(
        self, command: Command, claim: str, failed_on: date, causal_part: str
    ) -> None:
        self._record(
            self.ClaimReleased, command, claim=claim, failed_on=failed_on, causal_part=causal_part
        )
