"""What a book in the database has to be: its log what was written, its views not far behind."""

from datetime import UTC, datetime, timedelta
from typing import Final

from psycopg2.extensions import cursor

from projections.engine.schemas import POSITIONS, schemas, standing, table_exists
from projections.views import VIEWS
from server.doctor.finding import Finding, Verdict
from server.eventlog.inspection import inspect
from server.postgres.pool import Datastore

MOST_BEHIND: Final = 100_000  # Entries that views may lack where nothing is wrong.
LARGE_INDEX: Final = 8 * 1024 * 1024  # Bytes.

_LAST: Final = "SELECT max(recorded_at) FROM {schema}.entries"
_UNUSED: Final = """
    SELECT count(*), coalesce(sum(pg_relation_size(s.indexrelid)), 0)::bigint,
           min(s.indexrelid::regclass::text)
    FROM pg_stat_user_indexes AS s JOIN pg_index AS i USING (indexrelid)
    WHERE s.schemaname = ANY(%s) AND s.idx_scan = 0 AND NOT i.indisunique
      AND pg_relation_size(s.indexrelid) >= %s
"""


def log(c: cursor, datastore: Datastore) -> Finding:
    """The ends of the log, its newest entries, and a sample."""
    seen = inspect(c, datastore)
    found = f"{seen.size:,} entries, {seen.leaves:,} of them recomputed"
    if not seen.faults:
        return Finding("log", Verdict.WELL, found)
    fault = seen.faults[0]
    told = f"{found}; entry {fault.position}: {fault.what}"
    return Finding("log", Verdict.WRONG, told, "run `partsledger verify`, and restore a backup")


def newest(c: cursor, datastore: Datastore) -> Finding:
    c.execute(datastore.sql(_LAST))
    ((last,),) = c.fetchall()
    if last is None:
        return Finding("newest entry", Verdict.WELL, "there is none yet")
    found = f"of {last.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if last <= datetime.now(UTC) + timedelta(minutes=1):
        return Finding("newest entry", Verdict.WELL, found)
    advice = "put the clock right: nothing is recorded until the time of that entry has come"
    return Finding("newest entry", Verdict.WRONG, f"{found}, which is still to come", advice)


def views(c: cursor, datastore: Datastore, size: int) -> Finding:
    at = schemas(datastore.schema)
    if not table_exists(c, at.views, POSITIONS):
        return Finding("views", Verdict.LOOK, "there are none", "start the server: it builds them")
    stand = standing(c, at, VIEWS)
    missing = [view.name for view in VIEWS if view.name not in stand.there]
    if missing:
        told = f"{len(missing)} of {len(VIEWS)} are to be built: {', '.join(missing)}"
        return Finding("views", Verdict.LOOK, told, "start the server: it builds them")
    behind = size - stand.reached
    found = f"{len(VIEWS)} views, {behind:,} entries behind"
    if behind <= MOST_BEHIND:
        return Finding("views", Verdict.WELL, found)
    return Finding("views", Verdict.LOOK, found, "`partsledger status` says whether they go on")


def indexes(c: cursor, datastore: Datastore) -> Finding:
    """Large ones that nothing has read since the statistics were begun."""
    of = [datastore.schema, schemas(datastore.schema).views]
    c.execute(_UNUSED, (of, LARGE_INDEX))
    ((count, size, name),) = c.fetchall()
    if not count:
        return Finding("indexes", Verdict.WELL, "every large one is used")
    told = f"{count} with {size // (1024 * 1024):,} MiB were never read, such as {name}"
    return Finding("indexes", Verdict.LOOK, told, "nothing, if the book is new or seldom read")
