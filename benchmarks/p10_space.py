"""P10: bytes on disk for each fact: log, answers, snapshots and views with all their indexes,
against the facts' JSON."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from benchmarks.course import Ask, Course, asked
from benchmarks.imported import whole_history
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from benchmarks.seeded import await_views
from benchmarks.sending import stream

NUMBERS = ("P10",)
_ON_DISK: Final = """
    SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('book_main', 'views_of_book_main') AND c.relkind = 'r'
"""


def measure(course: Course) -> Iterator[Line]:
    weighed = list(_weighed(course))
    yield Line("P10", f"on disk: log, indexes and views, a fact of {weighed[-1].facts:,}",
               "the JSON itself", "bytes", tuple(each.pair for each in weighed),
               Goal(AT_MOST, 3.4))  # fmt: skip


class _Weight(NamedTuple):
    """Of all facts in a book."""

    facts: int
    json_bytes: int
    stored_bytes: int

    @property
    def pair(self) -> Pair:
        return Pair(self.json_bytes / self.facts, self.stored_bytes / self.facts)


def _weighed(course: Course) -> Iterator[_Weight]:
    """The one long history, where there is one; or else the workload, written anew each time."""
    if course.scale.imported is not None:
        course.told("P10")
        with asked(course.once(whole_history).url) as ask:
            yield _weight(ask)
        return
    for number in range(1, course.scale.pairs + 1):
        course.told(f"P10, run {number} of {course.scale.pairs}")
        with course.prepared() as (server, url), asked(url) as ask:
            stream(server.address, course.workload.mixed)
            await_views(server.address)
            yield _weight(ask)


def _weight(ask: Ask) -> _Weight:
    ((facts, text),) = ask("SELECT count(*), sum(octet_length(state)) FROM book_main.entries")
    ((stored,),) = ask(_ON_DISK)
    return _Weight(int(facts), int(text), int(stored))
