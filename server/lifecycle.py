"""What the log says when a server starts, takes a book over, recovers and stops: which version, and
which position of which book in which database."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final

from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore

_VERSION: Final = version("partsledger")

# A child of the program's own logger: `serve` shows of it what is no warning, too.
_log = logging.getLogger("partsledger.server")


class Lifecycle:
    """Of one server of one book. When it recovers or stops, the database may not answer: then it
    is said how far the log was `known` to go."""

    def __init__(
        self, book: str, address: str, log: ApplicationRecorder, known: Callable[[], int]
    ) -> None:
        self._book = f"book {book}"
        self._address = address
        self._head = log.head
        self._known = known
        self._where = described(log.datastore)

    def took_over(self) -> None:
        """The server writes the book from now on, and no other does."""
        head = self._head()
        _log.info(
            "partsledger %s has taken over %s at position %s, epoch %s, in %s",
            _VERSION, self._book, head.size, head.epoch, self._where,
        )  # fmt: skip

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Says that it serves, and when the block is left that it stops."""
        _log.info(
            "partsledger %s serves %s at %s, position %s, in %s",
            _VERSION, self._book, self._address, self._head().size, self._where,
        )  # fmt: skip
        try:
            yield
        finally:
            _log.info(
                "partsledger %s stops: %s, position %s, in %s",
                _VERSION, self._book, self._known(), self._where,
            )  # fmt: skip

    def recovered(self) -> None:
        _log.warning(
            "PostgreSQL had died and was started again: partsledger %s, %s, position %s, in %s",
            _VERSION, self._book, self._known(), self._where,
        )  # fmt: skip


def described(datastore: Datastore) -> str:
    """Which database of which PostgreSQL: without the password that the URL may have."""
    with datastore.cursor() as c:
        c.execute("SHOW server_version")
        ((found,),) = c.fetchall()
        at = c.connection.get_dsn_parameters()
    host = at.get("host") or "this machine"
    return f"database {at.get('dbname')} of PostgreSQL {found} at {host}, port {at.get('port')}"
