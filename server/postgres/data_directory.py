"""Locks the data directory, and names every reason why it cannot be used.

CannotStart
├── DataDirectoryInUse       another process holds the directory
├── DataDirectoryUnusable    it cannot be read, written, or given to PostgreSQL
├── DataDirectoryVersion     another major version of PostgreSQL made it
└── PostgresFailed           a program of PostgreSQL gave up; says why, and where the rest stands
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_WHY: Final = re.compile(r"(?:PANIC|FATAL|ERROR|error): +(.+)")
_IN_A_FILE: Final = re.compile(r"LOG: +(syntax error in file .+|invalid value for parameter .+)")


class CannotStart(Exception):  # noqa: N818 - A refusal is named after the rule, not "Error".
    """The embedded PostgreSQL does not start. The message is for the person who started it."""


class DataDirectoryInUse(CannotStart):
    """Another process holds the directory; `holder` is its pid, if that is known."""

    def __init__(self, data_dir: Path, holder: int | None) -> None:
        who = "another process" if holder is None else f"process {holder}"
        super().__init__(f"{data_dir} is in use by {who}: stop it, or choose another --data-dir")


class DataDirectoryUnusable(CannotStart):
    def __init__(self, data_dir: Path, why: object) -> None:
        super().__init__(f"cannot keep a database in {data_dir}: {why}")


class DataDirectoryVersion(CannotStart):
    def __init__(self, cluster: Path, found: str, expected: str) -> None:
        super().__init__(
            f"{cluster} was made by PostgreSQL {found}, and this is PostgreSQL {expected}: "
            f"move the data with pg_dump and the release of partsledger that made it"
        )


class PostgresFailed(CannotStart):
    """`said` is all that the program said, which stands in `log` as well."""

    def __init__(self, what: str, said: str, log: Path) -> None:
        super().__init__(f"{what}: {_reason(said)} (all it said: {log})")


def _reason(said: str) -> str:
    """In one line: what PostgreSQL or its initdb says is the matter, or else all it said.

    Of a file with settings it only says that there are errors, and names them on the lines before.
    """
    lines = said.split("\n")
    found = [match[1] for line in lines if (match := _WHY.search(line))]
    if not found:
        return " ".join(said.split()) or "it said nothing"
    in_a_file = [match[1] for line in lines if (match := _IN_A_FILE.search(line))]
    return "; ".join([*in_a_file, found[-1]])


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Lock `data_dir` (made if missing) against every other process.

    The lock is the kernel's and is released when this process ends, however it ends. So the file
    is never removed: without a lock on it, it has no effect. Raises DataDirectoryInUse.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "partsledger.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip()
            raise DataDirectoryInUse(data_dir, int(pid) if pid.isdigit() else None) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def sync_directory(directory: Path) -> None:
    """Make renames inside `directory` survive a loss of power."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
