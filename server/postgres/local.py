"""A PostgreSQL that runs in a data directory: what its status file says, and how it is reached."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote

from server.postgres.processes import processes_in

DATABASE: Final = "partsledger"
SUPERUSER: Final = "postgres"
PORT: Final = 5432  # Only part of the socket's name: nothing listens on TCP.

# Lines of the status file, counted from 0.
_PID, _SOCKET_DIRECTORY, _STATE = 0, 4, 7


def socket_url(directory: Path, database: str) -> str:
    """For psycopg2 as it stands; SQLAlchemy wants the driver named in it."""
    host = quote(os.fsencode(directory))
    return f"postgresql://{SUPERUSER}@/{database}?host={host}&port={PORT}"


def url_of_running(cluster: Path) -> str | None:
    """How to reach the PostgreSQL that another process has started in `cluster`, or None.

    It counts only if a PostgreSQL works in this very directory: after a crash, the status file may
    name a process that is another one today.
    """
    pid = serving_pid(cluster)
    if pid is None or pid not in {process.pid for process in processes_in(cluster)}:
        return None
    return socket_url(Path(_status(cluster)[_SOCKET_DIRECTORY]), DATABASE)


def serving_pid(cluster: Path) -> int | None:
    """The process that says in the status file that it is ready for connections."""
    lines = _status(cluster)
    if len(lines) <= _STATE or lines[_STATE].strip() != "ready":
        return None
    return int(lines[_PID])


def _status(cluster: Path) -> list[str]:
    """The status file, which may be incomplete still. It names the directory in bytes that the
    locale may not know."""
    try:
        return os.fsdecode((cluster / "postmaster.pid").read_bytes()).splitlines()
    except FileNotFoundError:
        return []
