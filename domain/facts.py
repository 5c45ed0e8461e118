"""What a fact is, and what an aggregate is."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from inspect import signature
from typing import Any, ClassVar, NamedTuple, Self

from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    OriginatorVersionError,
)
from eventsourcing.utils import resolve_topic
from msgspec.structs import asdict

from domain.days import Days, Done
from domain.errors import OutOfSequence
from domain.lines import Movement, Posting
from domain.stored import Stored


class Cause(NamedTuple):
    """A step of a document: the fact at a version of its stream."""

    stream: str
    version: int


class Booking(NamedTuple):
    """The two days of a step, the paper it came from, and the step of a document that caused it.

    A document's own step has no other cause. What it does to stock and accounts names it.
    """

    days: Days
    document: str
    cause: Cause | None = None

    @property
    def occurred_on(self) -> date:
        """The day it happened."""
        return self.days.occurred_on

    @property
    def effective_on(self) -> date:
        """The day it counts in the books."""
        return self.days.effective_on

    def caused_by(self, cause: Cause) -> "Booking":
        """The same, for what a step of a document does to stock and accounts."""
        return Booking(self.days, self.document, cause)

    def require_after(self, earlier: Done) -> None:
        """Refuses a step that happened, or would count, before the one it follows."""
        step, (occurred_on, effective_on) = earlier
        if self.occurred_on < occurred_on:
            raise OutOfSequence(
                f"{step} on {occurred_on}, which is after {self.occurred_on}",
                step=step, step_on=occurred_on, on=self.occurred_on,
            )  # fmt: skip
        if self.effective_on < effective_on:
            raise OutOfSequence(
                f"{step} on {occurred_on}, which counts from {effective_on}: a step after it cannot"
                f" count on {self.effective_on}",
                step=step, step_on=effective_on, on=self.effective_on,
            )  # fmt: skip


@dataclass
class Command:
    """One command while it is decided: who asks, when, and the facts it has caused so far.

    The `actor` is responsible for it; the `principal` has sent it, and is empty where that is the
    actor. `approved` is where it enters soft-closed months, by month: each entry uses an approval
    up.
    """

    recorded_at: datetime
    today: date  # The business day, in the book's time zone: those before it are over.
    actor: str
    request_id: str
    principal: str = ""
    facts: list["Fact"] = field(default_factory=list)
    book_currency: str = ""  # Of the ledger that decides it.
    approved: dict[str, Booking] = field(default_factory=dict)


class Recorded(CanMutateAggregate[str]):
    """What is said of a fact beside its payload: columns of the log, hashed with the entry."""

    originator_id: str  # The stream.
    originator_version: int
    timestamp: datetime  # When the ledger took it.
    actor: str  # Who is responsible.
    principal: str  # Who sent it, where that is another; or empty.
    request_id: str


class Fact(Stored, Recorded, gc=True):
    """Something that happened to one aggregate. Never edited, never deleted.

    Its fields are its payload. They were checked where they came in; writing it checks their types.
    """

    TOPIC: ClassVar[str]  # The stored name. Classes may move; this may not.

    @classmethod
    def caused(
        cls,
        command: Command,
        stream: str,
        version: int,
        booking: Booking | None,
        fields: dict[str, Any],
    ) -> Self:
        """A new fact of a command."""
        if booking is not None:
            days, fields["document"], cause = booking
            fields["occurred_on"], fields["effective_on"] = days
            if cause is not None:
                fields["caused_by"], fields["caused_by_version"] = cause
        return cls(**fields).recorded(
            stream, version, command.recorded_at, command.actor, command.principal,
            command.request_id,
        )  # fmt: skip

    def recorded(
        self,
        stream: str,
        version: int,
        timestamp: datetime,
        actor: str,
        principal: str,
        request_id: str,
    ) -> Self:
        """Says what is not payload of a fact that was just made or read: once only."""
        vars(self).update(
            originator_id=stream,
            originator_version=version,
            timestamp=timestamp,
            actor=actor,
            principal=principal,
            request_id=request_id,
        )
        return self

    def __eq__(self, other: object) -> bool:
        return (
            type(self) is type(other)
            and asdict(self) == asdict(other)
            and vars(self) == vars(other)
        )

    def mutate(self, aggregate: Any) -> Any:
        """Applies the fact to its aggregate; its version must be the next one."""
        if self.originator_version != aggregate.version + 1:
            raise OriginatorVersionError(self.originator_version, aggregate.version + 1)
        self.apply(aggregate)
        aggregate._version = self.originator_version
        aggregate._modified_on = self.timestamp
        return aggregate


class FirstFact(Fact, CanInitAggregate[str]):
    """The fact that starts an aggregate's history."""

    def mutate(self, aggregate: Any) -> Any:
        """Makes the aggregate, of those of the fact's values that its `__init__` names."""
        assert aggregate is None
        kind: type[Aggregate] = resolve_topic(self.TOPIC.partition(".")[0])
        first = kind.__new__(kind)
        first.__base_init__(self.originator_id, self.originator_version, self.timestamp)
        kind.__init__(first, **{name: getattr(self, name) for name in _named(kind)})
        return first


@cache
def _named(kind: "type[Aggregate]") -> tuple[str, ...]:
    """The arguments of an aggregate's `__init__`."""
    return tuple(signature(kind.__init__).parameters)[1:]


class BookedFact(Fact):
    """A step of a document, and the lines it causes.

    `occurred_on` is the day it happened, `effective_on` the day it counts: the same, but for a late
    fact. That one was taken after its month was hard-closed, and counts on the first open day
    (docs/domain.md, "Three times").

    `book_currency` is that of layers, and of functional amounts; empty where the fact has neither.
    """

    effective_on: date
    occurred_on: date
    document: str = ""
    book_currency: str = ""
    movements: tuple[Movement, ...] = ()
    postings: tuple[Posting, ...] = ()

    @property
    def days(self) -> Days:
        return Days(self.occurred_on, self.effective_on)


class CausedFact(BookedFact):
    """What a step of a document does to stock or an account: it names the fact of that step, which
    the same command records."""

    caused_by: str  # The document's stream: `transfers/T-1`.
    caused_by_version: int


class FirstCausedFact(FirstFact):
    """The first fact of a stock item or an account, which a step of a document makes necessary."""

    caused_by: str
    caused_by_version: int


class FirstBookedFact(BookedFact, FirstFact):
    """The first fact of an aggregate, when it has a business date."""


class Aggregate(BaseAggregate[str]):
    """A consistency boundary: one stream, one version, one writer."""

    KIND: ClassVar[str]  # The collection its streams live in: `stock`, `transfers`, …
    STATE: ClassVar[type[Stored] | None] = None  # What a snapshot holds, where one is taken.
    SNAPSHOT_EVERY: ClassVar[int] = 500  # Facts between two of them.

    class Event(Fact):
        pass

    @classmethod
    def first_step(cls, key: str) -> Cause:
        """What the first fact of a document is named by, before it is recorded."""
        return Cause(f"{cls.KIND}/{key}", 1)

    @property
    def next_step(self) -> Cause:
        """What the next fact is named by, before it is recorded."""
        return Cause(self._id, self._version + 1)

    @property
    def last_step(self) -> Cause:
        """What the fact recorded last is named by."""
        return Cause(self._id, self._version)

    @classmethod
    def _first(
        cls,
        fact: type[FirstFact],
        key: str,
        command: Command,
        booking: Booking | None = None,
        **fields: Any,
    ) -> Self:
        """Records the fact that starts the stream `{KIND}/{key}`."""
        first = fact.caused(command, f"{cls.KIND}/{key}", 1, booking, fields)
        aggregate: Self | None = first.mutate(None)
        assert aggregate is not None
        command.facts.append(first)
        aggregate._recorded(fact)
        return aggregate

    def _record(
        self, fact: type[Fact], command: Command, booking: Booking | None = None, **fields: Any
    ) -> None:
        """Records the next fact of this stream and applies it."""
        event = fact.caused(command, self._id, self._version + 1, booking, fields)
        event.mutate(self)
        command.facts.append(event)
        self._recorded(fact)

    def _recorded(self, fact: type[Fact]) -> None:
        """For what has to hold after each fact that is recorded, and not when one is read back."""

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over what a snapshot holds."""
        vars(self).update(state)

    @property
    def key(self) -> str:
        """The aggregate's number without its collection: `T-1` of `transfers/T-1`."""
        return str(self._id).partition("/")[2]


def fact_name(topic: str) -> str:
    """`SaleInvoiced` of `partsledger:DealerAccount.SaleInvoiced`, whichever form that has."""
    return topic.split(".")[1]
