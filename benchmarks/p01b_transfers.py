"""P1b: transfers only, against a ledger in SQL functions that does the same work.

Ours: the transfers of the workload with all their steps, each step a command with all its rules.
The baseline makes one call for each of these commands, which writes as much: the request, the step,
all movements of pieces and all postings, with the balances they change. It is spared deciding what
these are, the hashes and the socket. The commands are called in rounds, each with other numbers,
until there are enough to time.
"""

from collections.abc import Iterator
from itertools import count, islice
from uuid import uuid4

from benchmarks.baselines import pgledger
from benchmarks.course import Course
from benchmarks.pairs import AT_LEAST, Goal, Line, paired
from benchmarks.recorded import RecordedCommand, recorded

NUMBERS = ("P1b",)
_FINGERPRINT = bytes(32)


def measure(course: Course) -> Iterator[Line]:
    commands = course.workload.transfers
    calls = list(islice(steps(course.once(recorded).mixed), course.scale.transfers))

    def baseline() -> float:
        with course.database() as url:
            return pgledger.rate(url, calls)

    def ours() -> float:
        course.told("P1b, transfers only")
        return course.ours(commands).rate

    pairs = paired(course.scale.pairs, baseline, ours)
    lines = sum(len(call.movements) + len(call.postings) for call in calls) / len(calls)
    note = f"{len(commands):,} commands, {len(calls):,} calls of {lines:.1f} lines"
    yield Line("P1b", "transfers by the import stream", "the same in SQL functions, 8 connections",
               "commands/s", pairs, Goal(AT_LEAST, 2), note)  # fmt: skip


def steps(commands: list[RecordedCommand]) -> Iterator[pgledger.Step]:
    """The steps of transfers as they were recorded, round after round."""
    of_transfers = [each for each in commands if any(fact.kind == "transfers" for fact in each)]
    for round_ in count():
        for command in of_transfers:
            yield _step(command, round_)


def _step(command: RecordedCommand, round_: int) -> pgledger.Step:
    [own] = [fact for fact in command if fact.kind == "transfers"]
    said = own.content
    moved = [each for fact in command for each in fact.content.get("movements", ())]
    posted = [each for fact in command for each in fact.content.get("postings", ())]
    return pgledger.Step(
        str(uuid4()), _FINGERPRINT, f"{own.stream}#{round_}", own.version, own.topic, "bench",
        said["occurred_on"], said["effective_on"],
        tuple(
            (f"{move['from']}/{move['part']}", f"{move['to']}/{move['part']}",
             layer["origin_on"], layer["quantity"], layer["value_minor"])
            for move in moved for layer in move["layers"]
        ),
        tuple(
            (f"{post['account']} {post.get('party', '')} {post['currency']}", post["amount_minor"])
            for post in posted
        ),
    )  # fmt: skip
