"""What a mutant leaves behind: a query without an end does not outlive the tests that asked it."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2

from server.postgres.embedded import EmbeddedPostgres
from tests.mutants.run import ends_what_nobody_waits_for

ENDLESS = """
import sys, psycopg2
connection = psycopg2.connect(sys.argv[1])
with connection.cursor() as c:
    c.execute("SELECT count(*) FROM generate_series(1, 1000000000) AS endless")
"""


def test_an_endless_query_ends_when_its_tests_are_killed() -> None:
    with TemporaryDirectory() as new, EmbeddedPostgres(Path(new) / "data") as postgres:
        asked_and_killed(postgres.url)
        assert not comes(lambda: running(postgres.url) == 0, seconds=3), "control: it goes on"
        stop_all(postgres.url)

        ends_what_nobody_waits_for(postgres.url)
        asked_and_killed(postgres.url)
        assert comes(lambda: running(postgres.url) == 0, seconds=30)


def asked_and_killed(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS, url]) as asking:
        assert comes(lambda: running(url) == 1, seconds=30)
        asking.kill()


def running(url: str) -> int:
    """How many endless queries PostgreSQL is at."""
    return asked(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%AS endless'"
                 " AND state = 'active' AND pid <> pg_backend_pid()")  # fmt: skip


def stop_all(url: str) -> None:
    asked(url, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
          " WHERE query LIKE '%AS endless' AND pid <> pg_backend_pid()")  # fmt: skip
    assert comes(lambda: running(url) == 0, seconds=30)


def asked(url: str, statement: str) -> int:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as c:
        c.execute(statement)
        [(found,)] = c.fetchall()
        return int(found)


def comes(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it becomes true in so many seconds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
