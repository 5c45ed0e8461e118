"""P1b: transfers only, against a ledger in SQL functions that is called once a transfer.

Ours: the transfers of the workload with all their steps, each step a command with all its rules.
The baseline moves an amount between two accounts in each call: the parts and places of the same
transfers, repeated until there are enough calls to time. A command is set against a call.
"""

from collections.abc import Iterator
from itertools import cycle, islice

from benchmarks.baselines import pgledger
from benchmarks.course import Course
from benchmarks.pairs import AT_LEAST, Goal, Line, paired

NUMBERS = ("P1b",)


def measure(course: Course) -> Iterator[Line]:
    commands = course.workload.transfers
    calls = list(islice(cycle(moves(course)), course.scale.transfers))

    def baseline() -> float:
        with course.database() as url:
            return pgledger.rate(url, calls)

    def ours() -> float:
        course.told("P1b, transfers only")
        return course.ours(commands).rate

    pairs = paired(course.scale.pairs, baseline, ours)
    yield Line("P1b", "transfers by the import stream", "pgledger-shaped SQL, 8 connections",
               "commands/s", pairs, Goal(AT_LEAST, 10),
               f"{len(commands):,} commands, {len(calls):,} calls")  # fmt: skip


def moves(course: Course) -> list[pgledger.Transfer]:
    """Each line of each transfer: a part's account at one place, and at the other."""
    found = []
    for ordered in course.workload.transfers:
        if ordered.command.WhichOneof("command") == "create_transfer":
            transfer = ordered.command.create_transfer.transfer
            source, target = transfer.from_place, transfer.to_place
            parts = [line.part for line in transfer.lines]
            found += [(f"{source}/{part}", f"{target}/{part}", 1) for part in parts]
    return found
