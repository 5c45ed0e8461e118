"""P10: bytes on disk for each fact, and whether memory stays flat while more is written.

On disk: log, answers, snapshots and views with all their indexes, against the facts' JSON. In
memory: the server, and this process as its client, after half of the commands and after all.
"""

from collections.abc import Iterator
from typing import Final

import psutil

from benchmarks.course import Course, asked
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from benchmarks.sending import stream

NUMBERS = ("P10", "P10s", "P10c")
_MEBIBYTE: Final = 2**20
_ON_DISK: Final = """
    SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('book_main', 'book_main_views') AND c.relkind = 'r'
"""


def measure(course: Course) -> Iterator[Line]:
    disk, server_memory, client_memory, facts = [], [], [], 0
    mixed = course.workload.mixed
    for number in range(1, course.scale.pairs + 1):
        course.told(f"P10, run {number} of {course.scale.pairs}")
        with course.prepared() as (server, url), asked(url) as ask:
            stream(server.address, mixed[: len(mixed) // 2])
            half = _resident(server.pid), _resident()
            stream(server.address, mixed[len(mixed) // 2 :])
            server_memory.append(Pair(half[0], _resident(server.pid)))
            client_memory.append(Pair(half[1], _resident()))
            ((facts, text),) = ask(
                "SELECT count(*), sum(octet_length(state)) FROM book_main.entries"
            )
            ((stored,),) = ask(_ON_DISK)
            disk.append(Pair(float(text / facts), float(stored / facts)))
    yield Line("P10", "on disk: log, indexes and views, a fact", "the JSON itself", "bytes",
               tuple(disk), Goal(AT_MOST, 4), f"{facts:,} facts")  # fmt: skip
    yield Line("P10s", "memory of the server after all commands", "after half of them", "MiB",
               tuple(server_memory), Goal(AT_MOST, 1.1))  # fmt: skip
    yield Line("P10c", "memory of the client after all commands", "after half of them", "MiB",
               tuple(client_memory), Goal(AT_MOST, 1.1))  # fmt: skip


def _resident(pid: int | None = None) -> float:
    return psutil.Process(pid).memory_info().rss / _MEBIBYTE
