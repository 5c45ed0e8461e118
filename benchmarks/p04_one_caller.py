"""P4: one caller, one command at a time, against an echo and one row a commit.

Ours has to decode, decide, record all facts of the command in one transaction and answer over the
socket. The baseline is what an echo of the same command takes on the same gRPC set-up, and then the
commit of one row of the same log. All are medians of latencies.
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
                commit = median(rows.commit_latencies(other, lines))
            echoes.append(median(one_by_one(nothing.address, commands).latencies))
            baseline = echoes[-1] + commit
            ours = median(one_by_one(server.address, commands).latencies)
            pairs.append(Pair(1_000 * baseline, 1_000 * ours))
    calls = sum(map(len, course.slices()))
    note = f"{calls:,} calls; an echo's takes {1_000 * median(echoes):.2f} ms"
    yield Line("P4", "one caller, one command at a time", "an echo and one row a commit", "ms",
               tuple(pairs), Goal(AT_MOST, 2), note)  # fmt: skip
