"""Recorders that keep, with what they record, how far into another log they have read."""

from collections.abc import Sequence
from typing import Any

from eventsourcing import persistence as library
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking
from psycopg2.extensions import cursor

from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore

_ADVANCE = """
    INSERT INTO {schema}.tracking AS t (application, position) VALUES (%s, %s)
    ON CONFLICT (application) DO UPDATE SET position = excluded.position
    WHERE t.position < excluded.position
"""


class TrackingRecorder(library.TrackingRecorder):
    """Remembers how far into other logs this book has read."""

    def __init__(self, datastore: Datastore, **_: Any) -> None:
        self.datastore = datastore

    def insert_tracking(self, tracking: Tracking) -> None:
        with self.datastore.transaction() as c:
            self._advance(c, tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        statement = "SELECT position FROM {schema}.tracking WHERE application = %s"
        with self.datastore.cursor() as c:
            c.execute(self.datastore.sql(statement), (application_name,))
            row = c.fetchone()
        return int(row[0]) if row else None

    def _advance(self, c: cursor, tracking: Tracking) -> None:
        """Stores the position in the caller's transaction. Raises `IntegrityError` if it is not
        later than the one stored."""
        values = tracking.application_name, tracking.notification_id
        c.execute(self.datastore.sql(_ADVANCE), values)
        if c.rowcount != 1:
            raise IntegrityError(f"already past position {values[1]} of {values[0]!r}")


class ProcessRecorder(TrackingRecorder, ApplicationRecorder, library.ProcessRecorder):
    """Records facts together with the position that caused them."""

    def __init__(self, datastore: Datastore) -> None:
        ApplicationRecorder.__init__(self, datastore)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> list[int]:
        tracking: Tracking | None = kwargs.get("tracking")
        if tracking is None:
            return super().insert_events(stored_events)
        appended = self._writer.append(stored_events, also=lambda c: self._advance(c, tracking))
        return list(range(appended.first, appended.last + 1))
