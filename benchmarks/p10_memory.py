"""P10: memory of server and client while a long history is imported.

The files of a maker are imported as anybody would do it: by `partsledger import`, a process of its
own. Both processes are looked at all the time: what they hold when there are many facts in the log
is set against what they held when there were few.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from benchmarks.course import Course, asked
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from benchmarks.serving import served
from benchmarks.workload import BOOK, SEED
from examples.files import opened
from examples.generate import generate
from examples.sizes import Size

NUMBERS = ("P10m", "P10n")
_SECONDS_BETWEEN: Final = 1.0
_PACED_SECONDS: Final = 60.0
_MEBIBYTE: Final = 2**20
_REFUSED: Final = 1  # The exit code when a few lines were, as some are written to be.


class Look(NamedTuple):
    """What was there at a moment: facts in the log, and resident memory in MiB."""

    at: float  # Seconds.
    facts: int
    server: float
    client: float


class NotImported(Exception):  # noqa: N818 - Named after what happened.
    """The import ended in something else than its answers."""


def measure(course: Course) -> Iterator[Line]:
    scale = course.scale
    if scale.imported is None:
        return
    looks = list(_imported(course, scale.imported))
    early = around(looks, scale.few_facts, scale.pairs)
    late = around(looks, scale.facts, scale.pairs)
    pairs = list(zip(early, late, strict=True))
    counts = f"{late[-1].facts:,} facts", f"{early[-1].facts:,}"
    yield Line("P10m", f"memory of the server while it imports, at {counts[0]}", f"at {counts[1]}",
               "MiB", tuple(Pair(few.server, many.server) for few, many in pairs),
               Goal(AT_MOST, 1.1), _paces(looks, early[-1], late[-1]))  # fmt: skip
    yield Line("P10n", f"memory of `partsledger import`, at {counts[0]}", f"at {counts[1]}",
               "MiB", tuple(Pair(few.client, many.client) for few, many in pairs),
               Goal(AT_MOST, 1.1))  # fmt: skip


def around(looks: Sequence[Look], facts: int, count: int) -> list[Look]:
    """The last few looks at a log of at most so many facts."""
    found = [look for look in looks if look.facts <= facts][-count:]
    if len(found) < count:
        raise ValueError(f"looked {len(found)} times before there were {facts:,} facts")
    return found


def _imported(course: Course, size: Size) -> Iterator[Look]:
    course.told("P10, writing the files")
    folder = course.folder / "history"
    with opened(folder) as files:
        for _ in generate(size, SEED, files):
            pass
    with course.database() as url, served(url, course.log_file) as server, asked(url) as ask:
        command = [str(Path(sys.executable).with_name("partsledger")), "import", str(folder),
                   "--server", server.address, "--book", BOOK, "--json"]  # fmt: skip
        with (
            course.log_file.open("ab") as told,
            subprocess.Popen(command, stdout=told, stderr=told) as client,
        ):
            while client.poll() is None:
                ((facts,),) = ask("SELECT size FROM book_main.head")
                course.told(f"P10, {facts / 1e6:.1f} million facts are imported")
                yield Look(time.monotonic(), facts, _resident(server.pid), _resident(client.pid))
                time.sleep(_SECONDS_BETWEEN)
    if client.returncode not in (0, _REFUSED):
        raise NotImported(course.log_file.read_text()[-2000:])


def _paces(looks: Sequence[Look], few: Look, many: Look) -> str:
    """Whether writing has become slower meanwhile: not a goal, but good to know."""
    paces = []
    for last in (few, many):
        minute = [look for look in looks if last.at - _PACED_SECONDS <= look.at <= last.at]
        facts, seconds = last.facts - minute[0].facts, last.at - minute[0].at
        paces.append(f"{facts / seconds if seconds else 0:,.0f} facts/s")
    return f"in the minute before the one {paces[0]}, before the other {paces[1]}"


def _resident(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / _MEBIBYTE
