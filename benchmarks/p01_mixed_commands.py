"""P1: mixed commands by the import stream against the library's load, decide and save.

Ours: a served book with its base data, then all mixed commands on one import stream; the client is
this process, the server another one. The library: the same commands, one document in so many, by
eight threads in this process (benchmarks/baselines/library.py says what it does for each). The
rates are commands per second, refused ones included on our side, since they have to be decided.
"""

from collections.abc import Iterator

from benchmarks.baselines import library
from benchmarks.course import Course
from benchmarks.pairs import AT_LEAST, Goal, Line, Pair
from benchmarks.recorded import Recorded, one_in, recorded

NUMBERS = ("P1", "P1f")
_UNIT = "commands/s"


def measure(course: Course) -> Iterator[Line]:
    known = course.once(recorded)
    plain, functions = [], []
    for number in range(1, course.scale.pairs + 1):
        course.told(f"P1, pair {number} of {course.scale.pairs}")
        slow = library_rate(course, known, functions=False)
        fast = library_rate(course, known, functions=True)
        ours = course.ours().rate
        plain.append(Pair(slow, ours))
        functions.append(Pair(fast, ours))
    note = f"{len(course.workload.mixed):,} commands, {known.refused} refused"
    yield Line("P1", "mixed commands by the import stream", "the library, 8 threads", _UNIT,
               tuple(plain), Goal(AT_LEAST, 20), note)  # fmt: skip
    yield Line("P1f", "the same", "the library's database functions", _UNIT,
               tuple(functions), Goal(AT_LEAST, 10), note)  # fmt: skip


def library_rate(course: Course, known: Recorded, *, functions: bool) -> float:
    commands = one_in(course.scale.library_share, known.mixed)
    with course.database() as url, library.library(url, functions=functions) as application:
        application.fill(known.shelves + known.mixed)
        return library.rate(application, commands)
