"""P1 and P2: mixed commands by the import stream.

Ours: a served book with its base data, then all mixed commands on one import stream; the client is
this process, the server another one. P1's baseline is the library's load, decide and save: the same
commands, one document in so many, by eight threads in this process
(benchmarks/baselines/library.py says what it does for each). The rates are commands per second,
refused ones included on our side, since they have to be decided.

P2 counts the facts of the same run, against a COPY of the very same rows, a thousand a commit. They
are read back from the log that the product has just written. The product also writes an answer for
each command, so that a repeated one is recognised; the baseline does not.
"""

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.baselines import library, rows
from benchmarks.course import Course, asked
from benchmarks.pairs import AT_LEAST, Goal, Line, Pair
from benchmarks.recorded import Recorded, one_in, recorded
from benchmarks.sending import stream

NUMBERS = ("P1", "P1f", "P2")
_UNIT = "commands/s"


class _Ours(NamedTuple):
    commands_a_second: float
    facts_a_second: float
    lines: list[bytes]  # What the log has of it, as COPY writes it.


def measure(course: Course) -> Iterator[Line]:
    known = course.once(recorded)
    plain, functions, copied = [], [], []
    facts = 0
    for number in range(1, course.scale.pairs + 1):
        course.told(f"P1 and P2, pair {number} of {course.scale.pairs}")
        slow = library_rate(course, known, functions=False)
        fast = library_rate(course, known, functions=True)
        ours = _ours(course)
        plain.append(Pair(slow, ours.commands_a_second))
        functions.append(Pair(fast, ours.commands_a_second))
        with course.database() as url:
            copied.append(Pair(rows.copy_rate(url, ours.lines), ours.facts_a_second))
        facts = len(ours.lines)
    note = f"{len(course.workload.mixed):,} commands, {known.refused} refused"
    yield Line("P1", "mixed commands by the import stream", "the library, 8 threads", _UNIT,
               tuple(plain), Goal(AT_LEAST, 13), note)  # fmt: skip
    yield Line("P1f", "the same", "the library's database functions", _UNIT,
               tuple(functions), Goal(AT_LEAST, 10), note)  # fmt: skip
    yield Line("P2", "facts by the import stream", "COPY of the same rows, 1,000 a commit",
               "facts/s", tuple(copied), Goal(AT_LEAST, 0.12), f"{facts:,} facts")  # fmt: skip


def library_rate(course: Course, known: Recorded, *, functions: bool) -> float:
    commands = one_in(course.scale.library_share, known.mixed)
    with course.database() as url, library.library(url, functions=functions) as application:
        application.fill(known.shelves + known.mixed)
        return library.rate(application, commands)


def _ours(course: Course) -> _Ours:
    with course.prepared() as (server, url), asked(url) as ask:
        ((before,),) = ask("SELECT size FROM book_main.head")
        sent = stream(server.address, course.workload.mixed)
        lines = rows.copied_out(url, before)
    return _Ours(sent.rate, len(lines) / sent.seconds, lines)
