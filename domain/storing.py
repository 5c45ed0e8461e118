"""How facts and snapshots are stored, and read back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from eventsourcing.domain import BaseAggregate, CanSnapshotAggregate, DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import resolve_topic
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from domain.facts import Aggregate, Fact

NO_REQUEST: Final = "00000000-0000-0000-0000-000000000000"  # Of what no request has caused.


@dataclass(frozen=True)
class RecordedEvent(StoredEvent):
    """A stored event with when it was recorded, who is responsible, who sent it where that is
    another, and under which request.

    These four are columns of the log and not part of the payload: they are hashed with the entry,
    and the payload says only what happened.
    """

    recorded_at: datetime
    actor: str = ""
    principal: str = ""
    request_id: str = NO_REQUEST


class AggregateSnapshot(BaseModel, CanSnapshotAggregate[str]):
    """The state of an aggregate at one version, so that long streams load fast.

    It only saves time: without any snapshots, the same state is loaded from the facts.
    """

    model_config = ConfigDict(frozen=True)

    originator_id: str
    originator_version: int
    timestamp: datetime  # Of the last fact in it.
    created_on: datetime
    topic: str
    state: dict[str, Any]

    @classmethod
    def take(cls, aggregate: Any) -> Self:
        state: BaseModel = aggregate.STATE.model_validate(aggregate, from_attributes=True)
        return cls(
            originator_id=aggregate.id,
            originator_version=aggregate.version,
            timestamp=aggregate.modified_on,
            created_on=aggregate.created_on,
            topic=aggregate.TOPIC,
            state=state.model_dump(mode="json"),
        )

    def mutate(self, _: None) -> BaseAggregate[str]:
        kind: type[Aggregate] = resolve_topic(self.topic)
        assert kind.STATE is not None
        aggregate = kind.__new__(kind)
        aggregate.__base_init__(self.originator_id, self.originator_version, self.created_on)
        aggregate.modified_on = self.timestamp
        aggregate.__dict__.update(vars(kind.STATE.model_validate(self.state)))
        return aggregate


def projected(aggregate: Any, facts: Iterable[Any]) -> Any:
    """The aggregate, or None where there is none yet, with facts or a snapshot applied in order.

    Does what the library's `project_aggregate` does, without checking the type of each fact.
    """
    for fact in facts:
        aggregate = fact.mutate(aggregate)
    return aggregate


class FactMapper(Mapper[str]):
    """Stores facts as pydantic writes them, and reads them back validated."""

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        if isinstance(domain_event, AggregateSnapshot):
            return StoredEvent(
                domain_event.originator_id,
                domain_event.originator_version,
                domain_event.topic,
                domain_event.model_dump_json().encode(),
            )
        assert isinstance(domain_event, Fact)
        return RecordedEvent(
            domain_event.originator_id,
            domain_event.originator_version,
            domain_event.TOPIC,
            domain_event.__pydantic_serializer__.to_json(domain_event, exclude_defaults=True),
            domain_event.timestamp,
            domain_event.actor,
            domain_event.principal,
            domain_event.request_id,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        if not isinstance(stored_event, RecordedEvent):
            return AggregateSnapshot.model_validate_json(stored_event.state)
        fact: type[Fact] = resolve_topic(stored_event.topic)
        return fact.model_validate(
            {
                **from_json(stored_event.state),
                "originator_id": stored_event.originator_id,
                "originator_version": stored_event.originator_version,
                "timestamp": stored_event.recorded_at,
                "actor": stored_event.actor,
                "principal": stored_event.principal,
                "request_id": stored_event.request_id,
            }
        )
