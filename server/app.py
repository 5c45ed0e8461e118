"""Starts database, log, writer, views and services in order, and stops them in reverse order.

with running(Settings.read()) as app:
    print(app.address)
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from eventsourcing.persistence import IntegrityError

from domain.book import Book
from domain.facts import Command
from domain.ledger import Ledger
from projections.engine.builder import Builder
from projections.engine.follower import Follower
from projections.views import VIEWS
from server.access.errors import BadKeys
from server.api.call_metrics import CallMetrics
from server.api.closing import STOPPING
from server.api.commands import Commands
from server.api.dealers_role import make_dealers_role
from server.api.inspecting import Inspector
from server.api.reads import Reads, transactions
from server.api.resources import RESOURCES
from server.api.security import Security, security
from server.api.serving import GrpcServer
from server.eventlog.books import schema_of
from server.eventlog.factory import Factory
from server.eventlog.recorders import ApplicationRecorder
from server.lifecycle import Lifecycle
from server.metrics import metrics_served
from server.postgres.data_directory import CannotStart
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.pool import Datastore
from server.postgres.pooler import require_own_sessions
from server.settings import Settings
from server.startup import database_errors_named
from server.writing.clock import Bounds, ClockNotTrusted, LedgerClock
from server.writing.condition import LogCondition
from server.writing.dry_run import DryRun
from server.writing.writer import Writer

_LOOK_SECONDS: Final = 1.0  # Between two looks at what works.

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class App:
    """A running server."""

    address: str
    database_url: str
    writer: Writer
    follower: Follower
    reads: Reads
    calls: CallMetrics


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def running(settings: Settings, now: Callable[[], datetime] = utc_now) -> Iterator[App]:
    """Runs the server until the block is left: then what is queued is finished first.

    `now` is the one clock: it says when a fact is recorded, and which business day today is.
    Raises CannotStart with what to do about it.
    """
    with ExitStack() as exits:
        with database_errors_named(settings.database_url):
            app = _start(settings, now, exits)
            exits.enter_context(metrics_served(settings.metrics_listen, app))
        if settings.token_keys is None:
            _log.warning(
                "nobody is asked who they are: whoever reaches %s may do everything, in any name",
                app.address,
            )  # fmt: skip
        yield app


def _start(settings: Settings, now: Callable[[], datetime], exits: ExitStack) -> App:
    """Takes the book over last, so that a start that fails does not take it from its server."""
    protection = _protected(settings)
    url, postgres = _database(settings, exits)
    env = _environment(url, postgres, settings.book)
    ledger = Ledger(env, cache_size=settings.cached_aggregates)
    exits.callback(ledger.close)
    assert isinstance(ledger.factory, Factory)
    assert isinstance(ledger.recorder, ApplicationRecorder)
    datastore = ledger.factory.datastore
    condition = LogCondition()
    inspector = _inspected(ledger, datastore, condition, settings.book)
    book = open_book(ledger, settings, now())
    time_zone = ZoneInfo(book.time_zone)
    follower = _followed(datastore, settings, exits)
    clock = _clock(ledger.recorder, settings, now, time_zone)
    look = threading.Event()
    writer = Writer(
        ledger, ledger.recorder, time_zone, clock, settings.max_queued_commands, follower.wake,
        condition, look.set,
    )  # fmt: skip
    reads = Reads(
        ledger, ledger.recorder, datastore, follower, inspector, settings.book,
        lambda: now().astimezone(time_zone).date(),
    )  # fmt: skip
    server = GrpcServer(settings.listen, settings.max_message_bytes, reads, protection)
    exits.callback(server.close)
    dry_run = partial(_dry_run, env, settings, reads)
    server.register(Commands(writer, reads.book, RESOURCES, dry_run, reads.figures))
    lifecycle = Lifecycle(settings.book, server.address, ledger.recorder, follower.size)
    writer.start()
    exits.callback(writer.stop)
    lifecycle.took_over()
    exits.callback(writer.refuse, STOPPING)  # Whom nobody could answer in time was told so.
    exits.enter_context(server.serving())
    app = App(server.address, url, writer, follower, reads, server.metrics)
    exits.enter_context(_watched(app, server, postgres, look, lifecycle))
    exits.enter_context(lifecycle.serving())
    return app


def _protected(settings: Settings) -> Security:
    try:
        return security(settings)
    except BadKeys as unusable:
        raise CannotStart(str(unusable)) from None


def _inspected(
    ledger: Ledger, datastore: Datastore, condition: LogCondition, book: str
) -> Inspector:
    """Looks whether the log is what was written. A book that was lost is not opened anew."""
    inspector = Inspector(datastore, condition)
    inspector.inspect()
    if (damage := condition.damage()) and ledger.find(Book, book) is None:
        raise CannotStart(str(damage))
    return inspector


def _followed(datastore: Datastore, settings: Settings, exits: ExitStack) -> Follower:
    """Follows the views that are there, and builds the others in the background. Where dealers may
    call, both secure what is the dealers'."""
    if settings.token_keys is not None:
        make_dealers_role(datastore)
    follower = Follower(transactions(datastore), datastore.schema, VIEWS)
    exits.callback(follower.stop)
    builder = Builder(transactions(datastore), datastore.schema, VIEWS, follower.wake)
    exits.callback(builder.stop)
    builder.start(follower.start())
    return follower


def open_book(ledger: Ledger, settings: Settings, now: datetime) -> Book:
    """The book's own record: made at the first start; later settings have to agree with it."""
    book = ledger.find(Book, settings.book)
    if book is None:
        assert isinstance(ledger.recorder, ApplicationRecorder)
        clock = LedgerClock(lambda: now, ledger.recorder.database_time, _bounds(settings))
        try:
            now, by_both = clock.moment()
        except ClockNotTrusted as doubt:
            raise CannotStart(str(doubt)) from None
        today = by_both.astimezone(settings.time_zone).date()
        command = Command(now, today, "partsledger", str(uuid4()))
        try:
            book = ledger.execute(
                command,
                lambda ledger, command: ledger.add(
                    Book.open(command, settings.book, settings.currency, settings.time_zone.key)
                ),
            )
        except IntegrityError:  # Another server has opened it at the same moment.
            book = ledger.get(Book, settings.book)
    if "currency" in settings.model_fields_set and settings.currency != book.currency:
        raise CannotStart(
            f"book {settings.book} is kept in {book.currency}, not {settings.currency}"
        )
    if "time_zone" in settings.model_fields_set and settings.time_zone.key != book.time_zone:
        raise CannotStart(
            f"book {settings.book} counts its days in {book.time_zone}, not {settings.time_zone}"
        )
    ledger.currency = book.currency
    return book


def _clock(
    log: ApplicationRecorder, settings: Settings, now: Callable[[], datetime], time_zone: ZoneInfo
) -> LedgerClock:
    """The writer's clock. It is accepted only on the day that was said: an option that stays in a
    configuration must not accept another jump for ever."""
    today = now().astimezone(time_zone).date()
    if settings.accept_clock not in (None, today):
        _log.warning(
            "the clock is not accepted: --accept-clock says %s, and it is %s by the clock",
            settings.accept_clock, today,
        )  # fmt: skip
    accepted = settings.accept_clock == today
    return LedgerClock(now, log.database_time, _bounds(settings), accepted=accepted)


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        timedelta(days=settings.max_clock_jump_days), timedelta(hours=settings.max_clock_lead_hours)
    )


def _database(settings: Settings, exits: ExitStack) -> tuple[str, EmbeddedPostgres | None]:
    if settings.database_url is not None:
        require_own_sessions(settings.database_url)
        return settings.database_url, None
    assert settings.data_dir is not None
    postgres = exits.enter_context(EmbeddedPostgres(settings.data_dir))
    return postgres.url, postgres


def _environment(url: str, postgres: EmbeddedPostgres | None, book: str) -> dict[str, str]:
    """The settings of a ledger of the book."""
    return {
        "PERSISTENCE_MODULE": "server.eventlog",
        Factory.DATABASE_URL: url,
        Factory.SERVER_MARK: "" if postgres is None else postgres.mark,
        Factory.SCHEMA: schema_of(book),
        Factory.POOL_SIZE: "16",
        Factory.MAX_OVERFLOW: "48",
    }


@contextmanager
def _dry_run(env: dict[str, str], settings: Settings, reads: Reads) -> Iterator[DryRun]:
    """A ledger apart from the writer's: what it decides is never recorded."""
    with Ledger(env, reads.book.currency, settings.cached_aggregates) as apart:
        yield DryRun(apart, reads.log, reads.today)


@contextmanager
def _watched(
    app: App,
    server: GrpcServer,
    postgres: EmbeddedPostgres | None,
    look: threading.Event,
    lifecycle: Lifecycle,
) -> Iterator[None]:
    """Reports the health of reading and writing, every second and at once when there is a reason to
    `look`; and restarts the embedded database if it dies."""
    stopping = threading.Event()

    def watch() -> None:
        while True:
            try:
                if postgres is not None:
                    _revive(postgres, lifecycle)
                writes = app.writer.ended is None and app.writer.doubt() is None
                server.report(reads=app.follower.failure is None, writes=writes)
            except Exception:  # The watch goes on whatever happens.
                _log.exception("a defect in the watch")
            look.wait(_LOOK_SECONDS)
            look.clear()
            if stopping.is_set():
                return

    thread = threading.Thread(target=watch, name="watch")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        look.set()
        thread.join()


def _revive(postgres: EmbeddedPostgres, lifecycle: Lifecycle) -> None:
    try:
        if postgres.restart_if_dead():
            lifecycle.recovered()
    except CannotStart as error:
        _log.error("PostgreSQL died and does not start: %s", error)
