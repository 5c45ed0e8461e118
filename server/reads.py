"""What queries need: single aggregates from the log, and looks at the views."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, TypeVar

import grpc
from eventsourcing.application import AggregateNotFoundError
from psycopg2.extensions import connection

from domain.errors import InvalidValue, NotFound
from domain.facts import Aggregate
from domain.ledger import Ledger
from projections.follower import Follower
from projections.reading import Reading, reading
from server.errors import ApiError
from server.eventlog.pool import Datastore
from server.eventlog.recorders import ApplicationRecorder

A = TypeVar("A", bound=Aggregate)

LONGEST_WAIT_SECONDS: Final = 10.0  # For the views to reach a `min_position`.


class Reads:
    """Reads of one book. Any thread may use it: nothing here is the writer's."""

    def __init__(
        self,
        ledger: Ledger,
        log: ApplicationRecorder,
        datastore: Datastore,
        follower: Follower,
        book: str,
    ) -> None:
        self.book = book
        self.log = log
        self.follower = follower
        self.currency = ledger.currency
        self._repository = ledger.repository
        self._connect = transactions(datastore)
        self._schema = datastore.schema

    def aggregate(self, kind: type[A], key: str) -> A:
        """The aggregate as the log has it, or the refusal NOT_FOUND."""
        try:
            found: A = self._repository.get(f"{kind.KIND}/{key}")
        except AggregateNotFoundError:
            raise NotFound(kind.__name__, key) from None
        return found

    @contextmanager
    def views(
        self, context: grpc.ServicerContext, min_position: int, position: int = 0
    ) -> Iterator[Reading]:
        """A look at the views that includes `min_position`, now or as of a past position."""
        for field, value in (("min_position", min_position), ("as_of_position", position)):
            if value < 0:
                raise InvalidValue(field, value, "must not be negative")
        needed = max(min_position, position)
        if needed > self.follower.position():
            if needed > self.log.head().size:
                raise InvalidValue("min_position", needed, "must not be after the log's end")
            seconds = min(context.time_remaining() or LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
            self.follower.wait_for(needed, seconds)
        with reading(self._connect, self._schema, position or None) as now:
            yield now

    def require_book(self, book: str) -> None:
        if book != self.book:
            raise ApiError(
                grpc.StatusCode.NOT_FOUND, "BOOK_UNKNOWN",
                f"no book {book} here, only {self.book}", book=book,
            )  # fmt: skip


def transactions(
    datastore: Datastore,
) -> Callable[[], AbstractContextManager[connection]]:
    """A provider of transactions on pooled connections, as the projections want them."""

    @contextmanager
    def connect() -> Iterator[connection]:
        with datastore.transaction() as c:
            yield c.connection

    return connect
