"""P5: catch-up of the views, in steps as the follower takes them, against bare statements.

Both sides fold the same log into new tables with all their indexes; ours by the follower's steps,
with a commit each, the bare one by the view's own statement over the whole log at once. Each view
is measured by itself: the first line is that of the worst ratio, its note has all of them. Then all
of them together, as they are followed in life, against their statements one after the other. The
last line sets the journal against the library's projection, which is called for each event.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from statistics import median
from typing import Final

import psycopg2
from psycopg2.extensions import connection, cursor

from benchmarks.baselines import projection
from benchmarks.course import Course
from benchmarks.pairs import AT_LEAST, Goal, Line, Pair
from benchmarks.recorded import recorded
from benchmarks.seeded import copied, facts_in
from projections.engine.folding import create, fold, index, log_size, step
from projections.engine.follower import AS_FOLLOWER, STEP_FACTS
from projections.engine.schemas import Schemas
from projections.engine.view import View
from projections.views import VIEWS
from server.postgres.prepared import PreparingConnection

NUMBERS = ("P5", "P5a", "P5l")
_APART: Final = Schemas("book_main", "apart")
_JOURNAL: Final = "journal_lines"
_STEPS: Final = 5  # At least: a log that fits into a few steps would show nothing.


def measure(course: Course) -> Iterator[Line]:
    pairs: dict[str, list[Pair]] = {view.name: [] for view in VIEWS}
    together, each_event = [], []
    events = course.once(recorded).mixed
    with (
        copied(course, course.scale.few_facts) as url,
        closing(psycopg2.connect(url, connection_factory=PreparingConnection)) as connected,
    ):
        facts = facts_in(url)
        step_facts = min(STEP_FACTS, facts // _STEPS)
        for number in range(1, course.scale.pairs + 1):
            course.told(f"P5, pair {number} of {course.scale.pairs}")
            bare = statements(connected)
            ours = steps(connected, [[view] for view in VIEWS], step_facts)
            for view, seconds, taken in zip(VIEWS, bare, ours, strict=True):
                pairs[view.name].append(Pair(facts / seconds, facts / taken))
            [all_of_them] = steps(connected, [VIEWS], step_facts)
            together.append(Pair(facts / sum(bare), facts / all_of_them))
            with course.database() as other:
                slow = projection.rate(other, events, course.scale.projected)
            each_event.append(Pair(slow, pairs[_JOURNAL][-1].ours))
    worst = min(pairs, key=lambda name: _ratio(pairs[name]))
    told = ", ".join(f"{name} {_ratio(found):.2f}" for name, found in sorted(pairs.items()))
    yield Line("P5", f"catch-up of the slowest view, {worst}", "its fold as one statement",
               "facts/s", tuple(pairs[worst]), Goal(AT_LEAST, 0.5),
               f"{facts:,} facts, {step_facts:,} a step; ratios: {told}")  # fmt: skip
    yield Line("P5a", "catch-up of all views together", "all folds, a statement each",
               "facts/s", tuple(together), Goal(AT_LEAST, 0.5))  # fmt: skip
    yield Line("P5l", "catch-up of the journal", "the library's projection, event by event",
               "facts/s", tuple(each_event), Goal(AT_LEAST, 40))  # fmt: skip


def statements(connected: connection) -> list[float]:
    """Seconds that each view's fold takes as one statement over the whole log."""
    taken = []
    with _new_views(connected) as c:
        size = log_size(c, _APART)
        for view in VIEWS:
            before = time.perf_counter()
            fold(c, view, _APART, 0, size)
            connected.commit()
            taken.append(time.perf_counter() - before)
    return taken


def steps(connected: connection, groups: Sequence[Sequence[View]], step_facts: int) -> list[float]:
    """Seconds that each group of views takes to the end of the log, as the follower steps."""
    taken = [0.0] * len(groups)
    with _new_views(connected) as c:
        for _ in range(0, log_size(c, _APART), step_facts):
            for number, group in enumerate(groups):
                before = time.perf_counter()
                c.execute(AS_FOLLOWER)
                step(c, _APART, group, step_facts, prepared=True)
                connected.commit()
                taken[number] += time.perf_counter() - before
    return taken


@contextmanager
def _new_views(connected: connection) -> Iterator[cursor]:
    """Empty views of their own, with all their indexes; dropped in the end."""
    with connected.cursor() as c:
        create(c, _APART, VIEWS)
        index(c, _APART, VIEWS)
        connected.commit()
        yield c
        c.execute(f"DROP SCHEMA {_APART.views} CASCADE")
        connected.commit()


def _ratio(pairs: list[Pair]) -> float:
    return median(pair.ratio for pair in pairs)
