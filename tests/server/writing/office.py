"""A writer at work on a real log, and ways to make it fail at the worst moment."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg2
from eventsourcing.persistence import OperationalError, StoredEvent
from eventsourcing.utils import get_topic
from psycopg2.extensions import connection, cursor

from domain.facts import Aggregate, Command, Fact
from domain.ledger import Ledger
from domain.part import CatalogueEntry, PartClass
from domain.use_cases import base_data, revising
from server.eventlog.answers import NewAnswer
from server.eventlog.append import Appended
from server.eventlog.factory import Factory
from server.eventlog.recorders import ApplicationRecorder
from server.writing.clock import LedgerClock
from server.writing.promise import Promise
from server.writing.submission import Outcome, Submission, UseCase
from server.writing.writer import Writer

PATIENCE = 20  # Seconds, on a busy machine.


def named(aggregate: Aggregate) -> str:
    """What the tests have rendered: stream and version tell which state was seen."""
    return f"{aggregate.id} at {aggregate.version}"


def part(number: str, description: str = "泵") -> UseCase:
    """Registers a part."""
    entry = CatalogueEntry(description, PartClass.WEAR, serviceable=True, restricted=False)
    return partial(base_data.register_part, number=number, **entry._asdict())


def revised(number: str, description: str) -> UseCase:
    """Gives a part another description, from a day on that goes with it."""
    entry = CatalogueEntry(description, PartClass.WEAR, serviceable=True, restricted=False)
    day = date(2025, 1, 1) + timedelta(days=sum(map(ord, description)) % 300)
    return partial(revising.revise_part, number=number, entry=entry, effective_from=day)


def asked(
    use_case: UseCase,
    *,
    actor: str = "ann",
    request_id: str = "",
    payload: bytes = b"",
    stream: str = "parts/none",
    render: Callable[[Any], Any] | None = named,
    after: Promise[Outcome] | None = None,
) -> Submission:
    """A command as the edge hands it to the writer; without an id it is a new request."""
    fingerprint = sha256(payload).digest()
    identity = request_id or str(uuid4())
    return Submission(actor, identity, fingerprint, (stream,), use_case, render, after)


def again(submission: Submission) -> Submission:
    """The same request, sent once more."""
    return replace(submission, outcome=Promise(), after=None)


class FaultyRecorder(ApplicationRecorder):
    """The real log on a bad line: its `fault` runs at the next append, before it or after it."""

    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def append(
        self,
        events: Sequence[StoredEvent],
        answers: Sequence[NewAnswer] = (),
        snapshots: Sequence[StoredEvent] = (),
        decided_on: int | None = None,
    ) -> Appended:
        before, self.before = self.before, None
        if before is not None:
            before()
        appended = super().append(events, answers, snapshots, decided_on)
        after, self.after = self.after, None
        if after is not None:
            after()
        return appended


def line_cut() -> None:
    raise OperationalError("server closed the connection unexpectedly")


@dataclass
class Office:
    """A ledger, its log and its writer; `queue` and `group` give it commands."""

    ledger: Ledger
    log: FaultyRecorder
    writer: Writer
    owner: cursor  # A superuser in the book's schema.

    def queue(self, use_case: UseCase, **fields: Any) -> Promise[Outcome]:
        return self.writer.submit(asked(use_case, **fields))

    def do(self, use_case: UseCase, **fields: Any) -> Outcome:
        return self.queue(use_case, **fields).result(PATIENCE)

    def group(self, *submissions: Submission) -> list[Outcome | BaseException]:
        """Has them decided and committed as one group; returns what came of each, in order."""
        with self.held():
            outcomes = [self.writer.submit(submission) for submission in submissions]
        return [came_of(outcome) for outcome in outcomes]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps the writer busy with one command, so that others queue up behind it."""
        busy, go_on = threading.Event(), threading.Event()

        def wait(ledger: Ledger, command: Command, /) -> Aggregate:
            busy.set()
            assert go_on.wait(PATIENCE)
            return part(f"HOLD-{command.request_id}")(ledger, command)

        holding = self.queue(wait)
        assert busy.wait(PATIENCE)
        try:
            yield
        finally:
            go_on.set()
        came_of(holding)

    def streams(self) -> list[str]:
        """The streams of all facts in order, those of `held` left out."""
        entries = self.log.entries.read(after=0, limit=10_000)
        return [entry.stream for entry in entries if not entry.stream.startswith("parts/HOLD")]

    def commits(self) -> int:
        """How many transactions have written the log."""
        self.owner.execute("SELECT count(DISTINCT xmin::text) FROM entries")
        ((count,),) = self.owner.fetchall()
        return int(count)

    def reread(self, stream: str) -> dict[str, Any]:
        """The state of an aggregate as a load from the log has it."""
        aggregate: Aggregate = self.ledger.repository.get(stream)
        return dict(vars(aggregate))


def came_of(outcome: Promise[Outcome]) -> Outcome | BaseException:
    return outcome.exception(PATIENCE) or outcome.result()


def facts(office: Office, stream: str, after: int = 0) -> list[Fact]:
    """The facts of a stream, read back."""
    stored = office.log.select_events(stream, gt=after)
    return [cast(Fact, office.ledger.mapper.to_domain_event(event)) for event in stored]


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def opened(
    database_url: str,
    schema: str,
    *,
    ledger_class: type[Ledger] = Ledger,
    clock: Callable[[], datetime] = utc_now,
    database_clock: Callable[[], datetime] | None = None,
    accepted: bool = False,
    max_queued: int = 1_000,
) -> Iterator[Office]:
    """An office on the book in a schema, its writer started."""
    env = {
        "PERSISTENCE_MODULE": "server.eventlog",
        Factory.DATABASE_URL: database_url,
        Factory.SCHEMA: schema,
        Factory.APPLICATION_RECORDER_TOPIC: get_topic(FaultyRecorder),
    }
    with ExitStack() as exits:
        ledger = exits.enter_context(ledger_class(env))
        log = ledger.recorder
        assert isinstance(log, FaultyRecorder)
        believed = LedgerClock(clock, database_clock or log.database_time, accepted=accepted)
        writer = Writer(ledger, log, ZoneInfo("Asia/Shanghai"), believed, max_queued)
        writer.start()
        exits.callback(writer.stop)
        owner: connection = exits.enter_context(closing(psycopg2.connect(database_url)))
        owner.autocommit = True
        c = owner.cursor()
        c.execute("SELECT set_config('search_path', %s, false)", (schema,))
        yield Office(ledger, log, writer, c)
