"""P6: rebuild of all views against a COPY of the facts themselves; and how it grows.

A rebuild folds the log into a shadow, indexes it, compares every view by fingerprint with the live
one, and switches. The COPY fills the log's table, with its indexes, in one transaction. The second
line is the time a fact takes in a log ten times as long.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from psycopg2.extensions import connection

from benchmarks.baselines import rows
from benchmarks.course import Course, asked
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from benchmarks.seeded import copied, facts_in
from projections.engine.rebuild import rebuild
from projections.views import VIEWS

NUMBERS = ("P6", "P6g")


def measure(course: Course) -> Iterator[Line]:
    pairs, growth = [], []
    with (
        copied(course, course.scale.few_facts) as short,
        copied(course, course.scale.facts) as long,
    ):
        few, many = facts_in(short), facts_in(long)
        for number in range(1, course.scale.pairs + 1):
            course.told(f"P6, pair {number} of {course.scale.pairs}")
            seconds = rebuilding(short)
            pairs.append(Pair(copying(course, short), seconds))
            growth.append(Pair(1e6 * seconds / few, 1e6 * rebuilding(long) / many))
    yield Line("P6", "rebuild of all views", "COPY of the facts themselves", "s",
               tuple(pairs), Goal(AT_MOST, 5), f"{few:,} facts")  # fmt: skip
    yield Line("P6g", f"rebuild of {many:,} facts, a fact", f"the same with {few:,}", "µs",
               tuple(growth), Goal(AT_MOST, 1.2))  # fmt: skip


def rebuilding(url: str) -> float:
    @contextmanager
    def connect() -> Iterator[connection]:
        with closing(psycopg2.connect(url)) as connected, connected:
            yield connected

    started = time.perf_counter()
    found = rebuild(connect, "book_main", VIEWS)
    seconds = time.perf_counter() - started
    assert found.same, "a view differed"
    return seconds


def copying(course: Course, url: str) -> float:
    columns = f"COPY entries ({rows.COLUMNS})"
    with tempfile.TemporaryFile() as text, course.database() as other:
        with closing(psycopg2.connect(url)) as source, source.cursor() as c:
            c.copy_expert(f"COPY book_main.entries ({rows.COLUMNS}) TO STDOUT", text)
        text.seek(0)
        with asked(other) as ask:
            ask(rows.TABLE)
        with closing(psycopg2.connect(other)) as target, target.cursor() as c:
            started = time.perf_counter()
            c.copy_expert(f"{columns} FROM STDIN", text)
            target.commit()
            return time.perf_counter() - started
