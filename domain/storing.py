"""How facts and snapshots are stored, and read back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Self, TypeVar
from uuid import UUID

from eventsourcing.domain import BaseAggregate, CanSnapshotAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import TopicError, resolve_topic
from msgspec import DecodeError, Raw, convert
from msgspec.json import Decoder, Encoder
from msgspec.structs import asdict

from domain.errors import EntryUnreadable
from domain.facts import Aggregate, Fact
from domain.stored import Stored, require_typed
from domain.upcasting import UPCASTERS, upcast

S = TypeVar("S")

# The form of the facts that this version writes. It reads every form up to this one. A log says
# the highest form of its facts, so that a version that does not know it does not read or write it.
FORM: Final = 1

NO_REQUEST: Final = "00000000-0000-0000-0000-000000000000"  # Of what no request has caused.


@dataclass(frozen=True, init=False)
class RecordedEvent(StoredEvent):
    """A stored event with when it was recorded, who is responsible, who sent it where that is
    another, and under which request.

    These four are columns of the log and not part of the payload: they are hashed with the entry,
    and the payload says only what happened.
    """

    recorded_at: datetime
    actor: str
    principal: str
    request_id: str

    def __init__(
        self,
        originator_id: UUID | str,
        originator_version: int,
        topic: str,
        state: bytes,
        recorded_at: datetime,
        actor: str,
        principal: str,
        request_id: str,
    ) -> None:
        """Written out, because that of a frozen dataclass takes twice as long for every fact."""
        vars(self).update(
            originator_id=originator_id,
            originator_version=originator_version,
            topic=topic,
            state=state,
            recorded_at=recorded_at,
            actor=actor,
            principal=principal,
            request_id=request_id,
        )


class AggregateSnapshot(Stored, CanSnapshotAggregate[str], gc=True):
    """The state of an aggregate at one version, so that long streams load fast.

    It only saves time: without any snapshots, the same state is loaded from the facts.
    """

    originator_id: str
    originator_version: int
    timestamp: datetime  # Of the last fact in it.
    created_on: datetime
    topic: str
    state: Raw

    @classmethod
    def take(cls, aggregate: Any) -> Self:
        state = convert(aggregate, aggregate.STATE, from_attributes=True)
        return cls(
            originator_id=aggregate.id,
            originator_version=aggregate.version,
            timestamp=aggregate.modified_on,
            created_on=aggregate.created_on,
            topic=aggregate.TOPIC,
            state=Raw(_encode(state)),
        )

    def mutate(self, _: None) -> BaseAggregate[str]:
        kind: type[Aggregate] = resolve_topic(self.topic)
        assert kind.STATE is not None
        aggregate = kind.__new__(kind)
        aggregate.__base_init__(self.originator_id, self.originator_version, self.created_on)
        aggregate.modified_on = self.timestamp
        aggregate.restore(asdict(_decoder(kind.STATE).decode(self.state)))
        return aggregate


_encode: Final = Encoder().encode


@cache
def _decoder(kind: type[S]) -> Decoder[S]:
    return Decoder(kind)


def projected(aggregate: Any, facts: Iterable[Any]) -> Any:
    """The aggregate, or None where there is none yet, with facts or a snapshot applied in order.

    Does what the library's `project_aggregate` does, without checking the type of each fact.
    """
    for fact in facts:
        aggregate = fact.mutate(aggregate)
    return aggregate


@dataclass(frozen=True)
class SeveralFacts:
    """What one stored fact of an older form is read as, where that is more than one fact.

    Versions of a stream count what is stored, so all of these have the same one.
    """

    originator_id: str
    originator_version: int
    facts: tuple[Fact, ...]

    def mutate(self, aggregate: Any) -> Any:
        first, *others = self.facts
        aggregate = first.mutate(aggregate)
        for fact in others:
            fact.apply(aggregate)
        return aggregate


def facts_of(event: Any) -> tuple[Fact, ...]:
    """The facts that a stored event was read as."""
    return event.facts if isinstance(event, SeveralFacts) else (event,)


def require_known(topic: str) -> type[Fact]:
    """The kind of fact with this topic. Raises LookupError where this version has none."""
    try:
        kind: type[Fact] = resolve_topic(topic)
    except TopicError:
        if topic not in UPCASTERS:
            raise LookupError("this version does not know that kind of fact") from None
        kind = Fact
    return kind


def require_readable(topic: str, state: bytes, stream: str, version: int) -> Sequence[Fact]:
    """The facts that a stored one is read as. Raises EntryUnreadable."""
    try:
        if topic not in UPCASTERS:
            return (_decoder(require_known(topic)).decode(state),)
        return [_decoder(require_known(each)).decode(read) for each, read in upcast(topic, state)]
    except (LookupError, ValueError, DecodeError) as why:
        raise EntryUnreadable(stream, version, topic, str(why)) from why


class FactMapper(Mapper[str]):
    """Stores facts as JSON, each field checked for its type, and reads them back as strictly."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        if isinstance(domain_event, AggregateSnapshot):
            return StoredEvent(
                domain_event.originator_id,
                domain_event.originator_version,
                domain_event.topic,
                _encode(domain_event),
            )
        assert isinstance(domain_event, Fact)
        require_typed(domain_event)
        return RecordedEvent(
            domain_event.originator_id,
            domain_event.originator_version,
            domain_event.TOPIC,
            _encode(domain_event),
            domain_event.timestamp,
            domain_event.actor,
            domain_event.principal,
            domain_event.request_id,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        if not isinstance(stored_event, RecordedEvent):
            return _decoder(AggregateSnapshot).decode(stored_event.state)
        stream, version = str(stored_event.originator_id), stored_event.originator_version
        read = require_readable(stored_event.topic, stored_event.state, stream, version)
        facts = tuple(self._fact(fact, stored_event) for fact in read)
        return facts[0] if len(facts) == 1 else SeveralFacts(stream, version, facts)

    @staticmethod
    def _fact(fact: Fact, stored: RecordedEvent) -> Fact:
        return fact.recorded(
            str(stored.originator_id),
            stored.originator_version,
            stored.recorded_at,
            stored.actor,
            stored.principal,
            stored.request_id,
        )
