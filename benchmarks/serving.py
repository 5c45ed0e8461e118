"""The server as it runs in life: `partsledger serve`, a process of its own, on a real socket."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

START_SECONDS: Final = 600
_STOP_SECONDS: Final = 60


class Served(NamedTuple):
    """A server that answers."""

    address: str
    pid: int


class DidNotStart(Exception):  # noqa: N818 - Named after what happened.
    """A process said something else than where it listens."""


@contextmanager
def served(url: str, log: Path, *options: str) -> Iterator[Served]:
    """Serves the book `main` of a database until the block is left."""
    partsledger = str(Path(sys.executable).with_name("partsledger"))
    with listening(
        [partsledger, "serve", "--database-url", url, "--listen", "127.0.0.1:0", *options], log
    ) as it:
        yield it


@contextmanager
def listening(command: list[str], log: Path) -> Iterator[Served]:
    """Runs a program that prints `listening on <address>` first, and stops it at the end."""
    with (
        log.open("ab") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said.startswith("listening on "):
                raise DidNotStart(
                    f"{' '.join(command[:3])} said {said!r}:\n{log.read_text()[-2000:]}"
                )
            yield Served(said.removeprefix("listening on ").strip(), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
