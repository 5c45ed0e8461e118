"""P4: one caller, one command at a time, against one row a commit.

Ours has to decode, decide, record all facts of the command in one transaction and answer over the
socket; the baseline inserts one row of the same log, and commits. Both are medians of latencies.
What the socket alone takes, of an echo on the same gRPC set-up, is in the note.
"""

import sys
from collections.abc import Iterator
from statistics import median

from benchmarks.baselines import rows
from benchmarks.course import Course
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from benchmarks.sending import one_by_one
from benchmarks.serving import listening

NUMBERS = ("P4",)


def measure(course: Course) -> Iterator[Line]:
    pairs, echoes = [], []
    echo_program = [sys.executable, "-m", "benchmarks.baselines.echo"]
    with (
        course.prepared() as (server, url),
        listening(echo_program, course.log_file) as nothing,
    ):
        for number, commands in enumerate(course.slices(), 1):
            course.told(f"P4, pair {number} of {course.scale.pairs}")
            lines = rows.copied_out(url)[-len(commands) :]
            with course.database() as other:
                baseline = median(rows.commit_latencies(other, lines))
            echoes.append(median(one_by_one(nothing.address, commands).latencies))
            ours = median(one_by_one(server.address, commands).latencies)
            pairs.append(Pair(1_000 * baseline, 1_000 * ours))
    calls = sum(map(len, course.slices()))
    note = f"{calls:,} calls; an echo's takes {1_000 * median(echoes):.2f} ms"
    yield Line("P4", "one caller, one command at a time", "psycopg2, one row a commit", "ms",
               tuple(pairs), Goal(AT_MOST, 3), note)  # fmt: skip
