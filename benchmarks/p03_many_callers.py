"""P3: unary calls by 64 callers at once, against an echo on the same gRPC server set-up.

Both servers hear the same commands from the same client. The second line sets the 99th percentile
of our latency against what it may be: four times the echo's.
"""

import os
import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks.course import Course, asked
from benchmarks.pairs import AT_LEAST, AT_MOST, Goal, Line, Pair, percentile
from benchmarks.recorded import commits_after
from benchmarks.sending import Sent, at_once
from benchmarks.serving import listening

NUMBERS = ("P3", "P3t")
CALLERS = 64
_SYNCS = 50
_BLOCK = 8_192


def measure(course: Course) -> Iterator[Line]:
    rates, tails, refused = [], [], 0
    echo_program = [sys.executable, "-m", "benchmarks.baselines.echo"]
    with (
        listening(echo_program, course.log_file) as nothing,
        course.prepared() as (server, url),
        asked(url) as ask,
    ):
        ((size,),) = ask("SELECT size FROM book_main.head")
        for number, commands in enumerate(course.slices(), 1):
            course.told(f"P3, pair {number} of {course.scale.pairs}")
            echo = at_once(nothing.address, commands, CALLERS)
            ours = at_once(server.address, commands, CALLERS)
            rates.append(Pair(echo.rate, ours.rate))
            tails.append(Pair(1_000 * _p99(echo), 1_000 * _p99(ours)))
            refused += ours.refused
        commits = commits_after(ask, size)
    calls = sum(map(len, course.slices()))
    note = f"{calls:,} calls, {refused} refused; {calls / commits:.1f} a commit"
    yield Line("P3", f"unary calls, {CALLERS} callers at once", "an echo, same server set-up",
               "calls/s", tuple(rates), Goal(AT_LEAST, 0.4), note)  # fmt: skip
    yield Line("P3t", "the same, 99th percentile", "the echo's", "ms",
               tuple(tails), Goal(AT_MOST, 4), note)  # fmt: skip


def fsync_seconds(course: Course) -> float:
    """What it takes this disk to make a block safe: the median of some."""
    path = course.folder / "sync"
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(bytes(_BLOCK))
            before = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - before)
    return median(taken)


def _p99(sent: Sent) -> float:
    return percentile(sent.latencies, 99)
