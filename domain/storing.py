"""How facts and snapshots are stored, and read back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Self, TypeVar

from eventsourcing.domain import BaseAggregate, CanSnapshotAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import resolve_topic
from msgspec import Raw, convert
from msgspec.json import Decoder, Encoder
from msgspec.structs import asdict

from domain.facts import Aggregate, Fact
from domain.stored import Stored, require_typed

S = TypeVar("S")


@dataclass(frozen=True)
class RecordedEvent(StoredEvent):
    """A stored event with who recorded it, when, and under which request.

    These three are columns of the log and not part of the payload: they are hashed with the entry,
    and the payload says only what happened.
    """

    recorded_at: datetime
    actor: str = ""
    request_id: str = ""


class AggregateSnapshot(Stored, CanSnapshotAggregate[str]):
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
        aggregate.__dict__.update(asdict(_decoder(kind.STATE).decode(self.state)))
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
            domain_event.request_id,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        if not isinstance(stored_event, RecordedEvent):
            return _decoder(AggregateSnapshot).decode(stored_event.state)
        fact: type[Fact] = resolve_topic(stored_event.topic)
        return (
            _decoder(fact)
            .decode(stored_event.state)
            .recorded(
                stored_event.originator_id,
                stored_event.originator_version,
                stored_event.recorded_at,
                stored_event.actor,
                stored_event.request_id,
            )
        )
