"""What queries read: single aggregates from the log, and the views."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

import grpc
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import connection

from domain.accounting_period import CALENDAR, AccountingPeriod, PeriodState
from domain.errors import EntryUnreadable, InvalidValue, NotFound
from domain.facts import Aggregate
from domain.ledger import Ledger
from domain.proofs import NOTHING_READ, Figures
from domain.storing import projected
from partsledger.v1.types_pb2 import Step
from projections.dealers.dealer_statement import StatementDiffers
from projections.engine.errors import ViewNotBuilt
from projections.engine.follower import Follower
from projections.engine.reading import Reading, reading
from projections.month_figures import month_figures
from projections.views import VIEWS
from server.api.callers import calling, kept_to
from server.api.closing import Closing
from server.api.conversions.book import ShownBook
from server.api.conversions.entries import step_message
from server.api.decoded import stream_of
from server.api.errors import ApiError, require_book
from server.api.event_loop import Arrivals
from server.api.inspecting import Inspector
from server.api.resource import Resource
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore

A = TypeVar("A", bound=Aggregate)

_log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS: Final = 10.0  # For the views to reach a `min_position`.
_TO_SAY_SO_SECONDS: Final = (
    0.2  # Left of the caller's deadline, to answer that the wait was too long.
)


class NotThereYet(Exception):  # noqa: N818 - Named after what is the matter.
    """The views do not include a position yet: it is worth so many seconds to wait for it."""

    def __init__(self, position: int, seconds: float) -> None:
        super().__init__(f"the views do not include position {position} yet")
        self.position = position
        self.seconds = seconds


class Reads:
    """Reads of one book. Any thread may use it: it shares nothing with the writer."""

    def __init__(
        self,
        ledger: Ledger,
        log: ApplicationRecorder,
        datastore: Datastore,
        follower: Follower,
        inspector: Inspector,
        book: str,
        today: Callable[[], date],
    ) -> None:
        self.book = ShownBook(book, ledger.currency)
        self.log = log
        self.follower = follower
        self.inspector = inspector
        self.today = today  # The business day, where the book is kept.
        self.connect = transactions(datastore)
        self.schema = datastore.schema
        self.closing = Closing()
        self.arrivals = Arrivals()  # Of the views at positions.
        self._repository = ledger.repository
        self._mapper = ledger.mapper

    @property
    def shown_book(self) -> ShownBook:
        """The book as whoever calls sees it."""
        return self.book._replace(seen_by=calling().rights.dealer)

    def aggregate(self, resource: Resource[A], key: str) -> A:
        """The aggregate as the log has it, or the refusal NOT_FOUND, as for another dealer's."""
        try:
            found: A = self._repository.get(stream_of(resource.kind, key))
        except AggregateNotFoundError:
            raise NotFound(resource.kind.__name__, key) from None
        except EntryUnreadable as unreadable:
            raise self.log.entries.located(unreadable) from None
        resource.require_seen(found, calling().rights.dealer)
        return found

    def aggregates(
        self, resource: Resource[A], versions: Mapping[str, int]
    ) -> tuple[list[A], list[str]]:
        """The aggregates with these keys, each as it was at a version, loaded together, without
        another dealer's; and the keys of those that cannot be read.

        They must exist, as those do that a view has found. One that cannot be read hides no other,
        and its entry is named in the server's log. Not to be called inside `views`: a call that
        holds one connection while it waits for another can starve them all.
        """
        dealer, kind = calling().rights.dealer, resource.kind
        loaded = self.log.read_streams([stream_of(kind, key) for key in versions])
        found: list[A] = []
        left_out: list[str] = []
        for key, version in versions.items():
            stream = stream_of(kind, key)
            try:
                aggregate = self._at_version(stream, version, loaded[stream])
                if resource.is_seen(aggregate, dealer):
                    found.append(aggregate)
            except EntryUnreadable as unreadable:
                _log.error("left out of a list: %s", self.log.entries.located(unreadable))
                left_out.append(key)
        return found, left_out

    def _at_version(self, stream: str, version: int, stored: Sequence[StoredEvent]) -> Any:
        if stored[0].originator_version > version:  # A snapshot of later.
            return self._repository.get(stream, version=version)
        wanted = (event for event in stored if event.originator_version <= version)
        aggregate = projected(None, map(self._mapper.to_domain_event, wanted))
        assert aggregate is not None
        return aggregate

    def steps_at(self, positions: Iterable[int]) -> dict[int, Step]:
        """The entries at these positions, in short; of one that was taken out of the log only its
        position."""
        wanted = sorted(set(positions))
        if not wanted:
            return {}
        found = self.log.entries.read(wanted[0] - 1, len(wanted), only=wanted)
        return {position: Step(position=position) for position in wanted} | {
            entry.position: step_message(entry) for entry in found
        }

    def log_position(self, min_position: int) -> int:
        """The current end of the log. Refuses a `min_position` after it."""
        size = self.log.head().size
        if not 0 <= min_position <= size:
            rule = f"must be between 0 and the log's end, {size}"
            raise InvalidValue("min_position", min_position, rule)
        return size

    @contextmanager
    def views(
        self, context: grpc.ServicerContext, min_position: int, position: int = 0
    ) -> Iterator[Reading]:
        """The views, now or as of a past position, where they include `min_position`.

        Raises NotThereYet where they do not yet; then `reached` waits, and the read begins again.
        """
        needed = max(min_position, position)
        if needed > self.follower.position() or min(min_position, position) < 0:
            end = self.log_position(min_position)
            if not 0 <= position <= end:
                rule = f"must be between 0 and the log's end, {end}"
                raise InvalidValue("as_of_position", position, rule)
            self.require_reached(context, needed)
        with self._read(min_position, position, context.time_remaining()) as now:
            yield now

    def require_reached(self, context: grpc.ServicerContext, position: int) -> None:
        """Raises NotThereYet where the views do not include a position of the log yet."""
        if position > self.follower.position():
            # None for a call without a deadline, unlike grpc's types say.
            left = context.time_remaining() or LONGEST_WAIT_SECONDS
            raise NotThereYet(position, min(left - _TO_SAY_SO_SECONDS, LONGEST_WAIT_SECONDS))

    async def reached(self, views: "NotThereYet") -> None:
        """Waits for the views to be there, on the event loop. Raises as `Follower.require` does."""
        try:
            await self.arrivals.of(partial(self.follower.when, views.position), views.seconds)
        except TimeoutError:
            _log.debug("the views have not reached %s in time", views.position)
        self.follower.require(views.position)

    def figures(self, month: str) -> Figures:
        """What has to agree before a month is closed for good, with all that the log has now.

        Nothing is summed up of a month that cannot be closed. The version of the calendar is read
        first: what enters the month later changes it.
        """
        try:
            calendar: AccountingPeriod = self._repository.get(stream_of(AccountingPeriod, CALENDAR))
        except AggregateNotFoundError:
            return NOTHING_READ
        if calendar.state(month) is not PeriodState.SOFT_CLOSED:
            return NOTHING_READ
        end = self.log.head().size
        self.follower.wait_for(end, LONGEST_WAIT_SECONDS)
        with self._read(end) as now:
            return month_figures(now, month, self.book.currency, calendar.version)

    def views_at(self, at_least: int) -> AbstractContextManager[Reading]:
        """The views, which are known to include a position."""
        return self._read(at_least)

    @contextmanager
    def _read(
        self, at_least: int, position: int = 0, seconds: float | None = None
    ) -> Iterator[Reading]:
        stands, most = position or None, None if seconds is None else int(seconds * 1000)
        try:
            with reading(
                self.connect, self.schema, VIEWS, stands, at_least, most, kept_to()
            ) as now:
                yield now
        except ViewNotBuilt as unbuilt:
            raise ApiError(
                grpc.StatusCode.UNAVAILABLE, "VIEW_NOT_BUILT", str(unbuilt),
                view=unbuilt.view, position=unbuilt.position, size=unbuilt.size,
            ) from unbuilt  # fmt: skip
        except StatementDiffers as differs:
            _log.error("%s", differs)
            raise ApiError(
                grpc.StatusCode.DATA_LOSS, "STATEMENT_DIFFERS",
                f"{differs.dealer}/{differs.month} does not read as it was issued",
                dealer=differs.dealer, month=differs.month, position=differs.position,
                issued=differs.issued, shown=differs.shown,
            ) from differs  # fmt: skip

    def require_book(self, book: str) -> None:
        require_book(book, self.book.name)


def transactions(
    datastore: Datastore,
) -> Callable[[], AbstractContextManager[connection]]:
    """Transactions on pooled connections, in the form the projections use."""

    @contextmanager
    def connect() -> Iterator[connection]:
        with datastore.transaction() as c:
            yield c.connection

    return connect
