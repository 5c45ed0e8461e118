"""The library's projection as its documentation has it: called for each event, a commit for each.

It keeps a journal in PostgreSQL, as our first view does: a row for each posting, written together
with the position it has reached.
"""

import time
from collections.abc import Sequence
from typing import Any, Final

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from benchmarks.baselines.library import Library, environment
from benchmarks.recorded import RecordedCommand

_PATIENCE: Final = 600


class Journal(PostgresTrackingRecorder):
    """The view: its table, and the one way to write it."""

    def __init__(self, datastore: Any, **options: Any) -> None:
        super().__init__(datastore, **options)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS journal (position bigint, line_no bigint, account text,"
                " party text, amount_minor bigint, currency text, PRIMARY KEY (position, line_no))"
            ).format()
        )

    def write(self, content: dict[str, Any], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as c:
            self._insert_tracking(c, tracking)
            for number, posting in enumerate(content.get("postings", []), 1):
                c.execute(
                    "INSERT INTO journal VALUES (%s, %s, %s, %s, %s, %s)",
                    (tracking.notification_id, number, posting["account"],
                     posting.get("party", ""), posting["amount_minor"], posting["currency"]),
                )  # fmt: skip


class Journalist(Projection[Journal]):
    name = "journal"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.write(vars(domain_event).get("content", {}), tracking)


def rate(url: str, commands: Sequence[RecordedCommand], events: int) -> float:
    """Events a second, over the first so many of the commands."""
    env = environment(url, functions=False)
    with Library(env) as application:
        application.fill(commands)
        for command in commands:
            if (application.recorder.max_notification_id() or 0) >= events:
                break
            application.write(command)
        last = application.recorder.max_notification_id() or 0
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Library, projection_class=Journalist, view_class=Journal, env=env
    ) as runner:
        runner.wait(last, timeout=_PATIENCE)
        return last / (time.perf_counter() - started)
