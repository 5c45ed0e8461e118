"""A history that is written as anybody would write it: by `partsledger import`, from files.

Both processes are looked at all the while: how much is in the log, and how much memory they hold.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from benchmarks.course import Course, asked
from benchmarks.serving import Served, served
from benchmarks.workload import BOOK, SEED
from examples.files import opened
from examples.generate import generate
from examples.sizes import Size

_BETWEEN_LOOKS_SECONDS: Final = 0.2
_MEBIBYTE: Final = 2**20


class Look(NamedTuple):
    """What there was at a moment."""

    at_seconds: float
    facts: int  # In the log.
    server_mib: float  # Resident memory.
    client_mib: float


class Imported(NamedTuple):
    """A database whose book has the whole history, its views, too."""

    url: str
    looks: tuple[Look, ...]

    @property
    def facts(self) -> int:
        return self.looks[-1].facts


class NotImported(Exception):  # noqa: N818 - Named after what happened.
    """The import ended in something else than its answers."""


def whole_history(course: Course) -> Imported:
    """The long history of the scale, or else that of its workload; see `Course.once`."""
    return imported(course, course.scale.imported or course.scale.size)


def imported(course: Course, size: Size) -> Imported:
    """Writes the files of a maker, and imports them into a database that lasts."""
    folder = course.folder / f"{size.months}-month history"
    course.told(f"writing the files of the {folder.name}")
    with opened(folder) as files:
        for _ in generate(size, SEED, files):
            pass
    url = course.lasting_database()
    with served(url, course.log_file) as server:
        looks = tuple(_looks(course, server, url, folder))
    with asked(url) as ask:
        ask("VACUUM ANALYZE")
    return Imported(url, looks)


def _looks(course: Course, server: Served, url: str, folder: Path) -> Iterator[Look]:
    with asked(url) as ask, _importing(course, server, folder) as client:
        while client.poll() is None:
            ((facts,),) = ask("SELECT size FROM book_main.head")
            course.told(f"importing the {folder.name}: {facts / 1e6:.1f} million facts")
            held = _resident_mib(server.pid), _resident_mib(client.pid)
            if all(held):  # One that has just ended holds nothing.
                yield Look(time.monotonic(), facts, *held)
            time.sleep(_BETWEEN_LOOKS_SECONDS)


@contextmanager
def _importing(course: Course, server: Served, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The client at work. Raises NotImported unless it tells, at the end, what it has done."""
    command = [str(Path(sys.executable).with_name("partsledger")), "import", str(folder),
               "--server", server.address, "--book", BOOK, "--json"]  # fmt: skip
    told = folder / "imported.json"
    with told.open("w") as answers, course.log_file.open("a") as errors:
        client = subprocess.Popen(command, stdout=answers, stderr=errors, text=True)
        try:
            yield client
        finally:
            client.terminate()
            client.wait()
    try:
        json.loads(told.read_text())["position"]
    except (ValueError, KeyError):
        raise NotImported(course.log_file.read_text()[-2000:]) from None


def _resident_mib(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / _MEBIBYTE
