"""What came of a sample: told line by line while it runs, summed up, or as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from tests.mutants.mutant import Mutant
from tests.mutants.trial import End

ENOUGH: Final = 98  # Per cent of those that are not equivalent.
EQUIVALENT: Final = "equivalent"


class Result(NamedTuple):
    room: str
    mutant: Mutant
    end: str  # One of `End`, or EQUIVALENT.
    test: str  # What noticed it.
    reason: str  # Why it is equivalent.
    seconds: float


class Summary(NamedTuple):
    sampled: int
    equivalent: int
    killed: int  # By a test that failed.
    broken: int
    timed_out: int
    survived: int

    @property
    def counted(self) -> int:
        return self.sampled - self.equivalent

    @property
    def per_cent(self) -> float:
        """Killed in any way, of those that are not equivalent; all of none."""
        return 100 * (1 - self.survived / self.counted) if self.counted else 100.0

    @property
    def enough(self) -> bool:
        return 100 * (self.counted - self.survived) >= ENOUGH * self.counted


def summed(results: Sequence[Result]) -> Summary:
    ends = Counter(result.end for result in results)
    return Summary(
        len(results), ends[EQUIVALENT], ends[End.KILLED], ends[End.BROKEN], ends[End.TIMED_OUT],
        ends[End.SURVIVED],
    )  # fmt: skip


def as_line(result: Result) -> str:
    """One line: how it ended, where, and what noticed it."""
    mutant = result.mutant
    told = f"{result.end:<10} {mutant.path}:{mutant.line} ({mutant.edit.kind})"
    return f"{told}  {result.test or result.reason}".rstrip()


def as_text(results: Sequence[Result]) -> str:
    """The survivors in full, then the sums."""
    found = summed(results)
    survivors = [
        f"{result.mutant.path}:{result.mutant.line} survived ({result.mutant.edit.kind})\n"
        f"{result.mutant.diff}\n"
        for result in results
        if result.end == End.SURVIVED
    ]
    sums = (
        f"{found.sampled} sampled, {found.equivalent} equivalent; of the other {found.counted}:"
        f" {found.killed} killed by a test, {found.broken} not importable,"
        f" {found.timed_out} timed out, {found.survived} survived."
        f" {found.per_cent:.1f} % killed, {ENOUGH} % are needed."
    )
    return "\n".join([*survivors, sums])


def as_json(results: Sequence[Result], seed: int) -> str:
    found = summed(results)
    told = {
        "seed": seed,
        **found._asdict(),
        "per_cent": round(found.per_cent, 2),
        "enough": found.enough,
        "mutants": [
            {
                "room": result.room,
                "file": result.mutant.path,
                "line": result.mutant.line,
                "kind": result.mutant.edit.kind,
                "removed": result.mutant.change.removed,
                "added": result.mutant.change.added,
                "end": result.end,
                "noticed_by": result.test,
                "reason": result.reason,
                "seconds": round(result.seconds, 1),
            }
            for result in results
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
