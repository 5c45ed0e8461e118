"""P2: facts per second of P1, against a COPY of the very same rows, a thousand a commit.

The rows are read back from the log that the product has just written. The product also writes an
answer for each command, so that a repeated one is recognised; the baseline does not.
"""

from collections.abc import Iterator

from benchmarks.baselines import rows
from benchmarks.course import Course, asked
from benchmarks.pairs import AT_LEAST, Goal, Line, Pair
from benchmarks.sending import stream

NUMBERS = ("P2",)


def measure(course: Course) -> Iterator[Line]:
    pairs = []
    facts = 0
    for number in range(1, course.scale.pairs + 1):
        course.told(f"P2, pair {number} of {course.scale.pairs}")
        with course.prepared() as (server, url), asked(url) as ask:
            ((before,),) = ask("SELECT size FROM book_main.head")
            sent = stream(server.address, course.workload.mixed)
            lines = rows.copied_out(url, before)
        facts = len(lines)
        with course.database() as url:
            pairs.append(Pair(rows.copy_rate(url, lines), facts / sent.seconds))
    yield Line("P2", "facts by the import stream", "COPY of the same rows, 1,000 a commit",
               "facts/s", tuple(pairs), Goal(AT_LEAST, 0.25), f"{facts:,} facts")  # fmt: skip
