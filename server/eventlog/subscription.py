"""Follows a book: what is in the log, then each new fact as soon as it is committed."""

import select
import socket
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from typing import Any

from eventsourcing.persistence import ApplicationRecorder, ListenNotifySubscription
from psycopg2.extensions import connection
from psycopg2.sql import SQL, Identifier

from server.postgres.errors import library_errors
from server.postgres.pool import Datastore


class LogSubscription(ListenNotifySubscription[ApplicationRecorder]):
    """Wakes on PostgreSQL's NOTIFY, on the channel named as the book's schema.

    It listens before it reads for the first time, so that it misses nothing that is committed in
    between. If the connection is lost, the iteration ends with an `OperationalError`, and the
    caller subscribes again after the last position seen.
    """

    def __init__(
        self,
        recorder: ApplicationRecorder,
        datastore: Datastore,
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        with library_errors():
            listening = datastore.connect(f"listener of {datastore.schema}")
            with listening.cursor() as c:
                c.execute(SQL("LISTEN {}").format(Identifier(datastore.schema)))
        self._stopping, self._stopped = socket.socketpair()
        super().__init__(recorder, gt=gt, topics=topics)
        self._listen_thread = Thread(
            target=self._listen, args=(listening,), name=f"listener of {datastore.schema}"
        )
        self._listen_thread.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listen_thread.join()

    def stop(self) -> None:
        """Ends the iteration, from any thread."""
        super().stop()
        with suppress(OSError):  # Stopped before: the other end is closed.
            self._stopping.send(b"\0")

    def _listen(self, listening: connection) -> None:
        try:
            with library_errors():
                while not self._has_been_stopped:
                    ready, _, _ = select.select(
                        [listening.fileno(), self._stopped.fileno()], [], []
                    )
                    if listening.fileno() in ready:
                        listening.poll()
                        if listening.notifies:
                            listening.notifies.clear()
                            self._has_been_notified.set()
        except BaseException as error:
            if self._thread_error is None:
                self._thread_error = error
            self.stop()
        finally:
            listening.close()
            self._stopped.close()
            self._stopping.close()
