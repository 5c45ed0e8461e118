"""Servers in processes of their own, to be killed."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

SERVE = (sys.executable, "-c", "from server.cli.main import main; main()", "serve")


class Served(NamedTuple):
    process: subprocess.Popen[str]
    address: str


@contextmanager
def serving(*options: str) -> Iterator[Served]:
    """A server, and the address it says it listens on. Killed at the end, if it still runs."""
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            [*SERVE, "--listen", "127.0.0.1:0", *options],
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
