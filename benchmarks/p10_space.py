"""P10: bytes on disk for each fact: log, answers, snapshots and views with all their indexes,
against the facts' JSON."""

from collections.abc import Iterator
from typing import Final

from benchmarks.course import Course, asked
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from benchmarks.seeded import await_views
from benchmarks.sending import stream

NUMBERS = ("P10",)
_ON_DISK: Final = """
    SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('book_main', 'book_main_views') AND c.relkind = 'r'
"""


def measure(course: Course) -> Iterator[Line]:
    disk, facts = [], 0
    for number in range(1, course.scale.pairs + 1):
        course.told(f"P10, run {number} of {course.scale.pairs}")
        with course.prepared() as (server, url), asked(url) as ask:
            stream(server.address, course.workload.mixed)
            await_views(server.address)
            ((facts, text),) = ask(
                "SELECT count(*), sum(octet_length(state)) FROM book_main.entries"
            )
            ((stored,),) = ask(_ON_DISK)
            disk.append(Pair(float(text / facts), float(stored / facts)))
    yield Line("P10", "on disk: log, indexes and views, a fact", "the JSON itself", "bytes",
               tuple(disk), Goal(AT_MOST, 4), f"{facts:,} facts")  # fmt: skip
