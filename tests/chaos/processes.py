"""Servers in processes of their own, to be killed."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self

import psutil

from tests.server.cli.terminal import PARTSLEDGER

SERVE = (*PARTSLEDGER, "serve")


class Served(NamedTuple):
    process: subprocess.Popen[str]
    address: str


@contextmanager
def serving(*options: str, listen: str = "127.0.0.1:0") -> Iterator[Served]:
    """A server, and the address it says it listens on. Killed at the end, if it still runs."""
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            [*SERVE, "--listen", listen, *options],
            stdout=subprocess.PIPE, stderr=log, text=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line.startswith("listening on "):
                log.seek(0)
                raise AssertionError(log.read())
            yield Served(process, line.split()[-1])
        finally:
            process.kill()
            log.seek(0)
            sys.stderr.write(log.read())  # Shown where a test fails.


class Victim(StrEnum):
    SERVER = "server"
    POSTGRES = "PostgreSQL"


class MortalServer:
    """A server with a PostgreSQL of its own; started again, it has the same address.

    Its address is settled by its first start. Killed at the end.
    """

    def __init__(self, data_dir: Path, book: str) -> None:
        self.address = "127.0.0.1:0"
        self._options = ("--data-dir", str(data_dir), "--book", book)
        self._postmaster_pid = data_dir / "postgres/postmaster.pid"
        self._life = ExitStack()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._life.close()

    def kill(self, victim: Victim) -> None:
        """SIGKILL: nobody gets to finish, say or clean up anything.

        Of PostgreSQL all processes are killed: a backend alone would finish the commit it is at.
        """
        if victim is Victim.SERVER:
            self._life.close()
            return
        postmaster = psutil.Process(self._postmaster())
        for process in (postmaster, *postmaster.children()):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def recover(self, victim: Victim) -> None:
        """A server is started again by us. PostgreSQL is, by the server."""
        if victim is Victim.SERVER:
            self._start()

    def _start(self) -> None:
        served = self._life.enter_context(serving(*self._options, listen=self.address))
        self.address = served.address

    def _postmaster(self) -> int:
        return int(self._postmaster_pid.read_text().split()[0])
