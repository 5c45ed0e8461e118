"""P5: catch-up of every view, in steps as the follower takes them, against one bare statement.

Both sides fold the same log into new tables with all their indexes; ours by the follower's steps,
with a commit each, the bare one by the view's own statement over the whole log at once. The line is
that of the view with the worst ratio; the note has all of them. The second line sets the journal
against the library's projection, which is called for each event.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from statistics import median
from typing import Final

import psycopg2
from psycopg2.extensions import connection

from benchmarks.baselines import projection
from benchmarks.course import Course
from benchmarks.pairs import AT_LEAST, Goal, Line, Pair
from benchmarks.recorded import recorded
from benchmarks.seeded import copied, facts_in
from projections.folding import VIEWS, create, fold, index, log_size
from projections.follower import STEP_FACTS

NUMBERS = ("P5", "P5l")
_BOOK: Final = "book_main"
_JOURNAL: Final = "journal_lines"


def measure(course: Course) -> Iterator[Line]:
    pairs: dict[str, list[Pair]] = {view.name: [] for view in VIEWS}
    each_event = []
    events = course.once(recorded).mixed
    with (
        copied(course, course.scale.few_facts) as url,
        closing(psycopg2.connect(url)) as connected,
    ):
        facts = facts_in(url)
        for number in range(1, course.scale.pairs + 1):
            course.told(f"P5, pair {number} of {course.scale.pairs}")
            bare = catch_up(connected, facts)
            ours = catch_up(connected, STEP_FACTS)
            for name, seconds in ours.items():
                pairs[name].append(Pair(facts / bare[name], facts / seconds))
            with course.database() as other:
                slow = projection.rate(other, events, course.scale.projected)
            each_event.append(Pair(slow, facts / ours[_JOURNAL]))
    worst = min(pairs, key=lambda name: _ratio(pairs[name]))
    told = ", ".join(f"{name} {_ratio(found):.2f}" for name, found in sorted(pairs.items()))
    yield Line("P5", f"catch-up of the slowest view, {worst}", "its fold as one statement",
               "facts/s", tuple(pairs[worst]), Goal(AT_LEAST, 0.5),
               f"{facts:,} facts; ratios: {told}")  # fmt: skip
    yield Line("P5l", "catch-up of the journal", "the library's projection, event by event",
               "facts/s", tuple(each_event), Goal(AT_LEAST, 40))  # fmt: skip


def catch_up(connected: connection, step_facts: int) -> dict[str, float]:
    """Seconds each view takes from nothing to the end of the log; a commit after each step."""
    taken = {view.name: 0.0 for view in VIEWS}
    with connected.cursor() as c:
        size = log_size(c, _BOOK)
        create(c, "apart")
        index(c, "apart")
        connected.commit()
        for after in range(0, size, step_facts):
            for view in VIEWS:
                before = time.perf_counter()
                fold(c, view, _BOOK, "apart", after, min(size, after + step_facts))
                connected.commit()
                taken[view.name] += time.perf_counter() - before
        c.execute("DROP SCHEMA apart CASCADE")
        connected.commit()
    return taken


def _ratio(pairs: list[Pair]) -> float:
    return median(pair.ratio for pair in pairs)
