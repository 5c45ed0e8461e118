"""A machine 产品档案: one card, one serial number, and every failure claimed for it."""

from datetime import date
from typing import NamedTuple, Self

from domain.changes import changes, told
from domain.dated import Dated, Version
from domain.errors import DuplicateClaim, InvalidValue
from domain.facts import Command, Fact, FirstFact
from domain.records import Record, require_revision


class MachineCard(NamedTuple):
    """`user` is the user's number, not the name: personal data stays out of the log. It is empty as
    long as the user is not known."""

    model: str
    dealer: str
    sold_on: date
    user: str


class Machine(Record):
    """The model and sale date decide which warranty policy counts.

    Its card has versions: the user may come later, and the other entries may have been wrong. Its
    model never changes.
    """

    TOPIC = "partsledger:Machine"
    KIND = "machines"

    class Registered(FirstFact):
        TOPIC = "partsledger:Machine.Registered"
        effective_from: date
        model: str
        dealer: str
        sold_on: date
        user: str = ""

    class Revised(Fact):
        TOPIC = "partsledger:Machine.Revised"
        effective_from: date
        because: str = ""
        dealer: str
        sold_on: date
        user: str = ""

        def apply(self, aggregate: "Machine") -> None:
            card = MachineCard(aggregate.model, self.dealer, self.sold_on, self.user)
            aggregate.versions.add(Version(self.effective_from, card, self.originator_version))

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

    def __init__(
        self, effective_from: date, model: str, dealer: str, sold_on: date, user: str
    ) -> None:
        self.model = model
        card = MachineCard(model, dealer, sold_on, user)
        self.versions: Dated[MachineCard] = Dated([Version(effective_from, card, 1)])
        self.failures: dict[tuple[date, str], str] = {}

    @classmethod
    def register(
        cls, command: Command, serial: str, effective_from: date, card: MachineCard
    ) -> Self:
        return cls._first(
            cls.Registered, serial, command, effective_from=effective_from, **card._asdict()
        )

    def revise(
        self, command: Command, effective_from: date, card: MachineCard, because: str
    ) -> None:
        """Adds a version; claims keep what they were decided by. A user that was not known may just
        come; whatever else is changed needs a reason."""
        what = f"machine {self.key}"
        require_revision(what, self.versions, effective_from, card, never={"model"})
        before = self.on(effective_from)
        corrected = changes(before._replace(user=before.user or card.user), card)
        if corrected and not because:
            raise InvalidValue("because", because, f"is required: {told(corrected)}")
        self._record(
            self.Revised, command, effective_from=effective_from, because=because,
            dealer=card.dealer, sold_on=card.sold_on, user=card.user,
        )  # fmt: skip

    def on(self, day: date) -> MachineCard:
        """The card in force on a day."""
        return self.versions.known_on(day).value

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
