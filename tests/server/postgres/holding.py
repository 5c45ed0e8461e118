"""Processes that hold an embedded PostgreSQL, and what is asked of it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from server.postgres.processes import processes_in

PROJECT = Path(__file__).parents[3]


HOLDER = """
import signal
import sys
from pathlib import Path
from server.postgres.embedded import EmbeddedPostgres
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # Whoever runs tests under nohup has it ignored.
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    print(postgres.postmaster_pid, postgres.url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Holder:
    process: subprocess.Popen[str]
    postmaster_pid: int
    url: str


@contextmanager
def held_elsewhere(data_dir: Path) -> Iterator[Holder]:
    """Another process with the server running, until it is told or made to end."""
    with python(HOLDER, data_dir) as process:
        assert process.stdout is not None
        pid, url = process.stdout.readline().split()
        yield Holder(process, int(pid), url)
        process.kill()


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def note_a_fact(url: str) -> None:
    run(url, "CREATE TABLE facts AS SELECT 'claim approved' AS fact")


def the_fact_is_there(url: str) -> bool:
    return run(url, "SELECT fact FROM facts") == [("claim approved",)]


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int, data_dir: Path) -> bool:
    return any(process.pid == pid for process in processes_in(data_dir / "postgres"))
