"""What the database itself has to be: new enough, durable, on time, with room, and followed."""

import platform
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from psycopg2.extensions import cursor

from server.doctor.finding import Finding, Verdict
from server.eventlog.migrations import OLDEST_POSTGRES

_MIB: Final = 1024 * 1024
LEAST_ROOM: Final = 256 * _MIB  # Of a disk. With less, PostgreSQL soon stops.
SOME_ROOM: Final = 5 * 1024 * _MIB
MOST_SECONDS_APART: Final = 2  # Between the clocks of this machine and the database.
WRONG_SECONDS_APART: Final = 60
MOST_BEHIND: Final = 64 * _MIB  # Of a replica.
OLD_TRANSACTION_MINUTES: Final = 10

_VERSION: Final = "SELECT current_setting('server_version'), current_setting('server_version_num')"
_DURABLE: Final = """
    SELECT name, setting FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name
"""
_NOW: Final = "SELECT clock_timestamp()"
_SIZE: Final = "SELECT pg_database_size(current_database())"
_STANDBY: Final = "SELECT pg_is_in_recovery()"
_REPLICAS: Final = """
    SELECT coalesce(nullif(application_name, ''), host(client_addr), 'without a name'), state,
           sync_state, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint
    FROM pg_stat_replication ORDER BY 1
"""
_AWAITED: Final = "SELECT current_setting('synchronous_standby_names')"
_OLDEST: Final = """
    SELECT pid, application_name, extract(epoch FROM clock_timestamp() - xact_start)::bigint
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    ORDER BY xact_start LIMIT 1
"""


def versions(c: cursor) -> Finding:
    c.execute(_VERSION)
    ((shown, number),) = c.fetchall()
    found = (
        f"partsledger {version('partsledger')}, Python {platform.python_version()}, "
        f"PostgreSQL {shown}"
    )
    if int(number) // 10_000 < OLDEST_POSTGRES:
        return Finding(
            "versions", Verdict.WRONG, found, f"use PostgreSQL {OLDEST_POSTGRES} or later"
        )
    return Finding("versions", Verdict.WELL, found)


def durability(c: cursor) -> Finding:
    """Whether what is acknowledged is on the disk."""
    c.execute(_DURABLE)
    settings = dict(c.fetchall())
    found = ", ".join(f"{name} {setting}" for name, setting in settings.items())
    if "off" in settings.values():
        advice = "turn them on: what was acknowledged can be lost"
        return Finding("durability", Verdict.WRONG, found, advice)
    return Finding("durability", Verdict.WELL, found)


def clocks(c: cursor) -> Finding:
    c.execute(_NOW)
    ((theirs,),) = c.fetchall()
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    found = f"{apart:.1f} s between this machine and the database"
    if apart <= MOST_SECONDS_APART:
        return Finding("clocks", Verdict.WELL, found)
    verdict = Verdict.WRONG if apart > WRONG_SECONDS_APART else Verdict.LOOK
    return Finding("clocks", verdict, found, "have both follow the same time server (NTP)")


def room(c: cursor, data_dir: Path | None) -> Finding:
    c.execute(_SIZE)
    ((size,),) = c.fetchall()
    held = f"the database takes {size // _MIB:,} MiB"
    if data_dir is None:
        return Finding("room", Verdict.WELL, f"{held}; the disk is not to be seen from here")
    free = shutil.disk_usage(data_dir).free
    found = f"{held}, and {free // _MIB:,} MiB are free"
    if free >= SOME_ROOM:
        return Finding("room", Verdict.WELL, found)
    verdict = Verdict.WRONG if free < LEAST_ROOM else Verdict.LOOK
    return Finding("room", verdict, found, "make room: a full disk stops all writing")


def replication(c: cursor) -> Iterator[Finding]:
    c.execute(_STANDBY)
    if c.fetchone() == (True,):
        advice = "name the primary: nothing is written here"
        yield Finding("replication", Verdict.LOOK, "this is a replica", advice)
        return
    c.execute(_REPLICAS)
    replicas = c.fetchall()
    for name, state, sync, behind in replicas:
        found = f"{name}: {state}, {sync}, {behind // _MIB:,} MiB behind"
        late = behind > MOST_BEHIND or state != "streaming"
        advice = "see why it does not keep up" if late else ""
        yield Finding("replication", Verdict.LOOK if late else Verdict.WELL, found, advice)
    c.execute(_AWAITED)
    ((awaited,),) = c.fetchall()
    if awaited and not any(sync in ("sync", "quorum") for _, _, sync, _ in replicas):
        found = f"no replica of {awaited} is there, and every write waits for one"
        yield Finding("replication", Verdict.WRONG, found, "bring one back")
    elif not replicas:
        yield Finding("replication", Verdict.WELL, "there is no replica")


def transactions(c: cursor) -> Finding:
    """One that is open for long keeps old rows from being cleared away."""
    c.execute(_OLDEST)
    found = c.fetchone()
    if found is None or found[2] < 60 * OLD_TRANSACTION_MINUTES:
        return Finding("transactions", Verdict.WELL, "none is open for long")
    pid, name, seconds = found
    told = f"process {pid} ({name or 'without a name'}) has one open for {seconds // 60} minutes"
    return Finding(
        "transactions", Verdict.LOOK, told, "see what it does; end it if nobody needs it"
    )
