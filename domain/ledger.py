"""Loads what a command needs, lets it decide, and keeps its facts until they are committed.

One thread decides for a book, command after command, against aggregates kept in memory. Facts
that are decided but not yet committed are already applied, so the next command of the group sees
them. A refused command leaves nothing: what it touched is loaded again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment, EnvType, get_topic

import domain.aggregates  # noqa: F401 - Stored topics resolve to what it imports.
from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.cache import AggregateCache
from domain.errors import (
    AlreadyExists,
    DomainError,
    EntryUnreadable,
    NotFound,
    PartNotServiceable,
    RestrictedPart,
    Stale,
)
from domain.facts import Aggregate, Command, Fact
from domain.part import CatalogueEntry, Part
from domain.sound import require_balance, require_causes
from domain.storing import AggregateSnapshot, FactMapper, facts_of, projected

A = TypeVar("A", bound=Aggregate)
F = TypeVar("F", bound=Fact)
T = TypeVar("T")

# Streams from their last snapshots on, by their names; those without events may be left out.
Load = Callable[[Sequence[str]], Mapping[str, Sequence[StoredEvent]]]


@runtime_checkable
class LoadsStreams(Protocol):
    """A recorder that can read many streams at once, each from its last snapshot on."""

    def load_streams(self, streams: Sequence[str]) -> Mapping[str, Sequence[StoredEvent]]: ...


class Ledger(Application[str]):
    """The unit of work of one book. Not thread-safe: it belongs to the book's writer."""

    name = "ledger"
    env: ClassVar[dict[str, str]] = {
        "MAPPER_TOPIC": get_topic(FactMapper),
        "IS_SNAPSHOTTING_ENABLED": "y",
    }
    snapshot_class = AggregateSnapshot

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        currency: str = "CNY",
        cache_size: int = 100_000,
    ) -> None:
        super().__init__(env)
        self.currency = currency
        self._cache = AggregateCache(cache_size)
        self._many: LoadsStreams | None = None
        if isinstance(self.recorder, LoadsStreams):
            self._many = self.recorder
        self._uncommitted: defaultdict[str, list[Fact]] = defaultdict(list)
        self._under_way: Mapping[str, Sequence[Fact]] = {}

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Only what it is given. The library would also ask the variables of the process, where
        a LEDGER_DATABASE_URL or LEDGER_SCHEMA would lead it into another book."""
        return Environment(name, {**type(self).env, **(env or {})})

    def find(self, kind: type[A], key: str) -> A | None:
        """The aggregate as the last decided command left it, or None where there is none."""
        stream = f"{kind.KIND}/{key}"
        try:
            aggregate = self._cache.used(stream)
        except KeyError:
            [(_, aggregate)] = self._load([stream])
            self._cache.keep(stream, aggregate)
        assert aggregate is None or isinstance(aggregate, kind)
        return aggregate

    def get(self, kind: type[A], key: str) -> A:
        """The aggregate, or the refusal NOT_FOUND."""
        aggregate = self.find(kind, key)
        if aggregate is None:
            raise NotFound(kind.__name__, key)
        return aggregate

    def require_version(self, kind: type[Aggregate], key: str, etag: str) -> None:
        """Refuses an etag that is not the current version of the aggregate."""
        version = str(self.get(kind, key).version)
        if etag != version:
            raise Stale(key, etag, version)

    def have(self, kind: type[Aggregate], keys: Iterable[str]) -> None:
        """Loads in one query what a command is about to need and is not in memory."""
        missing = self._missing(f"{kind.KIND}/{key}" for key in keys)
        if missing and self._many is not None:
            self.prefetch(missing, self._many.load_streams)

    def at_version(self, stream: str, version: int) -> Aggregate:
        """The aggregate as it was at a version of its stream; from memory, if that is its last."""
        held = self._cache.get(stream)
        if held is not None and held.version == version:
            return held
        found: Aggregate = self.repository.get(stream, version=version)
        return found

    def fact(self, kind: type[F], stream: str, version: int) -> F:
        """The fact at a version of a stream that has it, whether it is in the log yet or not."""
        decided = (*self._under_way.get(stream, ()), *self._uncommitted.get(stream, ()))
        found = [fact for fact in decided if fact.originator_version == version]
        stored = found or self.events.get(stream, gt=version - 1, lte=version)
        [fact] = [fact for event in stored for fact in facts_of(event) if isinstance(fact, kind)]
        return fact

    def require_new(self, kind: type[Aggregate], key: str) -> None:
        """Refuses a number that is taken."""
        if self.find(kind, key) is not None:
            raise AlreadyExists(kind.__name__, key)

    def require_part(self, number: str) -> Part:
        return self.get(Part, number)

    def require_unrestricted(self, number: str, day: date, action: str) -> CatalogueEntry:
        """Refuses what is a core part 核心零配件 on a day: never priced, sold, or outside the
        maker's places."""
        entry = self.get(Part, number).on(day)
        if entry.restricted:
            raise RestrictedPart(
                f"{number} is restricted: it is never {action}", part=number, action=action
            )
        return entry

    def require_serviceable(self, number: str, day: date) -> None:
        """Refuses to sell what is restricted or not a service part on that day."""
        entry = self.require_unrestricted(number, day, "sold")
        if not entry.serviceable:
            raise PartNotServiceable(f"{number} is not a service part", part=number)

    def add(self, aggregate: A) -> A:
        """Makes a new aggregate known to the commands that follow."""
        self._cache.keep(aggregate.id, aggregate)
        return aggregate

    def decide(self, command: Command, use_case: Callable[["Ledger", Command], T]) -> T:
        """Runs one use case; on success its facts are in `command.facts`, applied, uncommitted.

        On any error nothing of it is left, and the error goes on to the caller. Whatever the use
        case does, no fact is recorded whose postings do not balance, in each currency and in the
        book's, or whose cause is not recorded with it; and an entry into a soft-closed month uses
        up the approval of just this entry.
        """
        command.book_currency = self.currency
        self._cache.trim()
        try:
            result = use_case(self, command)
            if command.approved:
                self.get(AccountingPeriod, CALENDAR).use_approvals(command, result)
            require_balance(command.facts, self.currency)
            require_causes(command.facts)
        except DomainError:
            for fact in command.facts:
                self._cache.drop(fact.originator_id)
            command.facts.clear()
            raise
        except BaseException:
            # A defect may have stopped a fact half applied: no aggregate in memory can be trusted.
            self._cache.clear()
            command.facts.clear()
            raise
        for fact in command.facts:
            self._uncommitted[fact.originator_id].append(fact)
        self._cache.weigh((fact.originator_id, fact.originator_version) for fact in command.facts)
        return result

    def take_back(self, command: Command) -> None:
        """Undoes the command decided last; of several that belong together, the last one first.

        Nothing of it is left: what it touched is loaded again.
        """
        for fact in reversed(command.facts):
            undone = self._uncommitted[fact.originator_id].pop()
            assert undone is fact, "another command was decided after it"
            self._cache.drop(fact.originator_id)
        command.facts.clear()

    def prefetch(self, streams: Iterable[str], load: Load) -> None:
        """Loads what is not in memory yet, with one call of `load` and not one for each stream.

        `load` is called even if nothing is missing: it may look up other things in the same query.
        """
        missing = self._missing(streams)
        loaded = load(missing)
        for stream in missing:
            # Of what cannot be read, only the command that needs it is told.
            with suppress(EntryUnreadable):
                [(_, aggregate)] = self._projected([stream], loaded)
                self._cache.keep(stream, aggregate)

    def hand_over(self) -> None:
        """What was decided is being committed; what follows is decided as if it were in the log."""
        assert not self._under_way, "one group at a time"
        self._under_way = self._uncommitted
        self._uncommitted = defaultdict(list)

    def committed(self) -> None:
        """What was handed over is now in the log."""
        self._under_way = {}

    def forget(self) -> None:
        """The commit failed, or its outcome is unknown: everything is loaded from the log again."""
        self._uncommitted.clear()
        self._under_way = {}
        self._cache.clear()

    def execute(self, command: Command, use_case: Callable[["Ledger", Command], T]) -> T:
        """Decides one command and commits its facts by themselves."""
        result = self.decide(command, use_case)
        self.hand_over()
        try:
            self.events.put(command.facts)
        except BaseException:
            self.forget()
            raise
        self.committed()
        return result

    def snapshots_due(self, facts: list[Fact]) -> list[AggregateSnapshot]:
        """Snapshots of the streams that these facts, just decided, brought to a multiple of
        `SNAPSHOT_EVERY`, or past it."""
        due = {}
        for fact in facts:
            aggregate = self._cache.get(fact.originator_id)
            if aggregate is None or aggregate.STATE is None:
                continue
            if fact.originator_version % aggregate.SNAPSHOT_EVERY == 0:
                due[fact.originator_id] = AggregateSnapshot.take(aggregate)
        return list(due.values())

    def _missing(self, streams: Iterable[str]) -> list[str]:
        return [stream for stream in dict.fromkeys(streams) if stream not in self._cache]

    def _load(self, streams: Sequence[str]) -> Iterator[tuple[str, Aggregate | None]]:
        """Each stream's aggregate as the log and the uncommitted facts have it, or None."""
        if self._many is not None:
            yield from self._projected(streams, self._many.load_streams(streams))
            return
        for stream in streams:
            stored = self._from_repository(stream)
            yield stream, projected(stored, self._newer(stream, stored))

    def _projected(
        self, streams: Iterable[str], loaded: Mapping[str, Sequence[StoredEvent]]
    ) -> Iterator[tuple[str, Aggregate | None]]:
        for stream in streams:
            stored: Aggregate | None
            stored = projected(None, map(self.mapper.to_domain_event, loaded.get(stream, ())))
            yield stream, projected(stored, self._newer(stream, stored))

    def _newer(self, stream: str, stored: Aggregate | None) -> list[Fact]:
        """The facts of a stream that were decided here and not read from the log."""
        decided = [*self._under_way.get(stream, ()), *self._uncommitted.get(stream, ())]
        version = 0 if stored is None else stored.version
        return [fact for fact in decided if fact.originator_version > version]

    def _from_repository(self, stream: str) -> Aggregate | None:
        try:
            found: Aggregate = self.repository.get(stream)
        except AggregateNotFoundError:
            return None
        return found
