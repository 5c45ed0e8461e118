"""P9: how far the views are behind while commands come in at half the rate of P1.

The lag of a moment is the age of the oldest entry that the views do not have. It is set against the
time of ten group commits in the same run. An entry's age counts from its decision, so its own
commit is in it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from benchmarks.course import Ask, Course, asked
from benchmarks.pairs import AT_MOST, Goal, Line, Pair, percentile
from benchmarks.recorded import commits_after
from benchmarks.seeded import await_views
from benchmarks.sending import Sent, stream

NUMBERS = ("P9",)
_SAMPLE_SECONDS: Final = 0.01
_LAG: Final = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - e.recorded_at), 0)
    FROM (SELECT min(position) AS position FROM views_of_book_main.positions) AS seen
    LEFT JOIN book_main.entries AS e ON e.position = seen.position + 1
"""


def measure(course: Course) -> Iterator[Line]:
    pairs, looks, commits, mixed = [], 0, 0, course.workload.mixed
    rate = course.ours().rate / 2
    for number in range(1, course.scale.pairs + 1):
        course.told(f"P9, run {number} of {course.scale.pairs}")
        with course.prepared() as (server, url), asked(url) as ask:
            await_views(server.address)  # What came before, at full speed, is not of this rate.
            ((size,),) = ask("SELECT size FROM book_main.head")
            sent, lags = _sampled(ask, partial(stream, server.address, mixed, rate))
            commits = commits_after(ask, size)
        looks += len(lags)
        allowed = 10 * sent.seconds / commits
        pairs.append(Pair(1_000 * allowed, 1_000 * percentile(lags, 99)))
    yield Line("P9", "view lag at half of P1's rate, p99", "10 group commits", "ms",
               tuple(pairs), Goal(AT_MOST, 1),
               f"{looks:,} looks; in the last run {commits:,} commits")  # fmt: skip


def _sampled(ask: Ask, work: Callable[[], Sent]) -> tuple[Sent, list[float]]:
    """Looks at the lag again and again while something is sent."""
    lags: list[float] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            ((lag,),) = ask(_LAG)
            lags.append(float(lag))
            time.sleep(_SAMPLE_SECONDS)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        sent = work()
    finally:
        done.set()
        looking.join()
    return sent, lags
