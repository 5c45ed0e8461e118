"""What a fact is, and what an aggregate is."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Final, NamedTuple, Self

from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    OriginatorVersionError,
)
from pydantic import BaseModel, ConfigDict, Field

from domain.days import Days, Done
from domain.errors import OutOfSequence
from domain.lines import Movement, Posting, Unbalanced, imbalance


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

    def caused_by(self, cause: Cause) -> Self:
        """The same, for what a step of a document does to stock and accounts."""
        return self._replace(cause=cause)

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
    actor.
    """

    recorded_at: datetime
    today: date  # The business day, in the book's time zone: those before it are over.
    actor: str
    request_id: str
    principal: str = ""
    facts: list["Fact"] = field(default_factory=list)


# A value of another type than its field's must not get into the log. Pydantic only warns of it, so
# the warning is made an error. Pydantic's own option for this would make each call slower.
warnings.filterwarnings("error", "Pydantic serializer warnings", UserWarning)

_ALL: Final[set[str]] = set()  # Pydantic keeps which fields were set; nothing here asks for it.
_MISSING: Final = object()  # For a required field that is not given: it cannot be written.


class Fact(BaseModel, CanMutateAggregate[str]):
    """Something that happened to one aggregate. Never edited, never deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    TOPIC: ClassVar[str]  # The stored name. Classes may move; this may not.

    originator_id: str = Field(exclude=True)
    originator_version: int = Field(exclude=True)
    timestamp: datetime = Field(exclude=True)  # When the ledger took it.
    actor: str = Field(exclude=True)  # Who is responsible.
    principal: str = Field(exclude=True)  # Who sent it, where that is another; or empty.
    request_id: str = Field(exclude=True)

    _blank: ClassVar[dict[str, Any]] = {}  # Every field with its default, in order.

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._blank = {
            name: _MISSING if field.is_required() else field.default
            for name, field in cls.model_fields.items()
        }

    @classmethod
    def caused(
        cls,
        command: Command,
        stream: str,
        version: int,
        booking: Booking | None,
        fields: dict[str, Any],
    ) -> Self:
        """A new fact. Its values were checked where they came in; writing it checks their types."""
        values = cls._blank.copy()
        values.update(fields)
        values["originator_id"] = stream
        values["originator_version"] = version
        values["timestamp"] = command.recorded_at
        values["actor"] = command.actor
        values["principal"] = command.principal
        values["request_id"] = command.request_id
        if booking is not None:
            days, values["document"], cause = booking
            values["occurred_on"], values["effective_on"] = days
            if cause is not None:
                values["caused_by"], values["caused_by_version"] = cause
        assert len(values) == len(cls._blank), f"{cls.TOPIC} has no field for one of {fields}"
        fact = cls.__new__(cls)
        object.__setattr__(fact, "__dict__", values)
        object.__setattr__(fact, "__pydantic_fields_set__", _ALL)
        object.__setattr__(fact, "__pydantic_extra__", None)
        object.__setattr__(fact, "__pydantic_private__", None)
        return fact

    def mutate(self, aggregate: Any) -> Any:
        """Applies the fact to its aggregate; its version must be the next one."""
        if self.originator_version != aggregate.version + 1:
            raise OriginatorVersionError(self.originator_version, aggregate.version + 1)
        self.apply(aggregate)
        aggregate._version = self.originator_version
        aggregate._modified_on = self.timestamp
        return aggregate

    def _as_dict(self) -> dict[str, Any]:
        return dict(self.__dict__)


class FirstFact(Fact, CanInitAggregate[str]):
    """The fact that starts an aggregate's history."""

    def mutate(self, aggregate: Any) -> Any:
        return CanInitAggregate.mutate(self, aggregate)

    originator_topic: ClassVar[str]  # type: ignore[misc]  # A field in the library; it never varies.

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.originator_topic = getattr(cls, "TOPIC", "").rpartition(".")[0]


class BookedFact(Fact):
    """A step of a document, and the lines it causes.

    `occurred_on` is the day it happened, `effective_on` the day it counts: the same, but for a late
    fact. That one was taken after its month was hard-closed, and counts on the first open day
    (docs/domain.md, "Three times").
    """

    effective_on: date
    occurred_on: date
    document: str = ""
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
    STATE: ClassVar[type[BaseModel] | None] = None  # What a snapshot holds, where one is taken.
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

    @property
    def key(self) -> str:
        """The aggregate's number without its collection: `T-1` of `transfers/T-1`."""
        return str(self._id).partition("/")[2]


class CauseNotRecorded(AssertionError):  # noqa: N818 - Named after what is the matter.
    """A defect, and no refusal: a fact names as its cause what its command does not record."""

    def __init__(self, topic: str, cause: Cause) -> None:
        super().__init__(f"{topic} names {cause.stream}@{cause.version}, not recorded with it")


def require_causes(facts: Sequence[Fact]) -> None:
    """Refuses facts of one command that name as their cause what it does not record."""
    recorded = {(fact.originator_id, fact.originator_version) for fact in facts}
    for fact in facts:
        if isinstance(fact, CausedFact | FirstCausedFact):
            cause = Cause(fact.caused_by, fact.caused_by_version)
            if cause not in recorded:
                raise CauseNotRecorded(fact.TOPIC, cause)


def require_balance(facts: Iterable[Fact]) -> None:
    """Refuses facts of which the debits and credits of some currency do not add up."""
    for fact in facts:
        if isinstance(fact, BookedFact) and (rest := imbalance(fact.postings)):
            raise Unbalanced(fact.TOPIC, rest)
