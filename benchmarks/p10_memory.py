"""P10: memory of server and client while a history is imported; flat, it is to be.

What both hold when there are many facts in the log is set against what they held when there were
few. It is one import, so the pairs are of one run: its last looks at either.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.course import Course
from benchmarks.imported import Look, whole_history
from benchmarks.pairs import AT_MOST, Goal, Line, Pair

NUMBERS = ("P10s", "P10c")
_PACED_SECONDS: Final = 60.0


def measure(course: Course) -> Iterator[Line]:
    scale, looks = course.scale, course.once(whole_history).looks
    many = min(scale.facts, looks[-1].facts)
    early = last_looks(looks, min(scale.few_facts, many // 2), scale.pairs)
    late = last_looks(looks, many, scale.pairs)
    pairs = list(zip(early, late, strict=True))
    at_few, at_many = (f"at {found[-1].facts:,} facts" for found in (early, late))
    yield Line("P10s", f"memory of the server while it imports, {at_many}", at_few, "MiB",
               tuple(Pair(few.server_mib, many.server_mib) for few, many in pairs),
               Goal(AT_MOST, 1.1), _paces(looks, early[-1], late[-1]))  # fmt: skip
    yield Line("P10c", f"memory of `partsledger import`, {at_many}", at_few, "MiB",
               tuple(Pair(few.client_mib, many.client_mib) for few, many in pairs),
               Goal(AT_MOST, 1.1))  # fmt: skip


def last_looks(looks: Sequence[Look], facts: int, count: int) -> list[Look]:
    """The last few looks at a log of at most so many facts."""
    found = [look for look in looks if look.facts <= facts][-count:]
    if len(found) < count:
        raise ValueError(f"looked {len(found)} times before there were {facts:,} facts")
    return found


def _paces(looks: Sequence[Look], *marks: Look) -> str:
    """Whether writing has become slower meanwhile: not a goal, but good to know."""
    paces = []
    for last in marks:
        since = last.at_seconds - _PACED_SECONDS
        first = next(look for look in looks if look.at_seconds >= since)
        seconds = last.at_seconds - first.at_seconds
        paces.append(f"{(last.facts - first.facts) / seconds if seconds else 0:,.0f} facts/s")
    return f"in the minute before the one {paces[0]}, before the other {paces[1]}"
