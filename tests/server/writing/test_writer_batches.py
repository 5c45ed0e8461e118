"""Batches in the writer: all or none of them, whatever else is in their group."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.errors import AlreadyExists, InsufficientStock, NotFound, RequestIdReused
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from domain.part import Part
from server.writing import queue
from server.writing.submission import (
    Batch,
    LogUnavailable,
    Outcome,
    QueueFull,
    RefusedInBatch,
    Submission,
)
from tests.server.writing.office import (
    PATIENCE,
    Office,
    again,
    asked,
    came_of,
    facts,
    line_cut,
    opened,
    part,
    revised,
)


def batch_of(*commands: Submission) -> Batch:
    return Batch(commands)


def parts(*numbers: str) -> list[Submission]:
    return [asked(part(number), payload=number.encode()) for number in numbers]


def once_more(commands: Sequence[Submission]) -> Batch:
    """The same batch, sent again."""
    return Batch([again(command) for command in commands])


def group(office: Office, *submissions: Submission | Batch) -> list[Any]:
    """Has commands and batches decided as one group; what came of each, in order."""
    with office.held():
        futures: list[Any] = [
            office.writer.submit_batch(one) if isinstance(one, Batch) else office.writer.submit(one)
            for one in submissions
        ]
    return [came_of(future) for future in futures]


def refuse(ledger: Ledger, command: Command, /) -> Aggregate:
    part("HALF")(ledger, command)
    raise InsufficientStock("3 there, 4 wanted")


def defective(ledger: Ledger, command: Command, /) -> Aggregate:
    part("HALF")(ledger, command)
    raise KeyError("nobody thought of this")


def test_a_batch_is_one_commit_and_answers_each_in_order(office: Office) -> None:
    (outcomes,) = group(office, batch_of(*parts("P-1", "P-2", "P-3")))

    assert [outcome.response for outcome in outcomes] == [f"parts/P-{n} at 1" for n in (1, 2, 3)]
    assert [outcome.receipt.first_position for outcome in outcomes] == [2, 3, 4]
    assert office.commits() == 2  # That of the command it waited for, and its own.


@pytest.mark.parametrize(("what", "reason"), [(refuse, InsufficientStock), (defective, KeyError)])
def test_one_refused_command_takes_back_its_batch_and_nothing_else(
    office: Office, what: Any, reason: type[Exception]
) -> None:
    before, refused, after, other_batch = group(
        office,
        asked(part("P-1", "泵")),
        batch_of(
            asked(revised("P-1", "阀")), *parts("P-2"), asked(revised("P-1", "杆")), asked(what)
        ),
        asked(revised("P-1", "管")),
        batch_of(*parts("P-2", "HALF")),
    )

    assert isinstance(refused, RefusedInBatch)
    assert (refused.index, type(refused.refusal)) == (3, reason)
    assert isinstance(before, Outcome)
    assert (after.response, after.receipt.first_position) == ("parts/P-1 at 2", 3)
    assert [outcome.response for outcome in other_batch] == ["parts/P-2 at 1", "parts/HALF at 1"]
    assert office.streams() == ["parts/P-1", "parts/P-1", "parts/P-2", "parts/HALF"]
    assert vars(office.ledger.get(Part, "P-1")) == office.reread("parts/P-1")


class Forgetful(Ledger):
    """A ledger that undoes the refused command only, not those of the batch before it."""

    def take_back(self, command: Command) -> None:
        pass


def test_without_taking_back_the_next_command_sees_the_refused_batch(
    database_url: str, schema: str
) -> None:
    """Control of the test above."""
    with opened(database_url, schema, ledger_class=Forgetful) as office:
        _, following = group(office, batch_of(*parts("P-2"), asked(refuse)), asked(part("P-2")))

    assert isinstance(following, AlreadyExists)


def test_a_command_of_a_batch_sees_those_before_it(office: Office) -> None:
    (outcomes,) = group(
        office, batch_of(*parts("P-1"), asked(revised("P-1", "阀")), asked(revised("P-1", "杆")))
    )

    assert [outcome.response for outcome in outcomes] == [
        f"parts/P-1 at {version}" for version in (1, 2, 3)
    ]


def test_a_command_of_a_batch_does_not_see_those_after_it(office: Office) -> None:
    (refused,) = group(office, batch_of(asked(revised("P-1", "阀")), *parts("P-1")))

    assert isinstance(refused, RefusedInBatch)
    assert (refused.index, type(refused.refusal)) == (0, NotFound)


def test_each_repeat_gets_the_answer_of_its_time(office: Office) -> None:
    """All three are about one part, and only the last one is still as it was left."""
    commands = [*parts("P-1"), asked(revised("P-1", "阀")), asked(revised("P-1", "杆"))]
    first = office.writer.submit_batch(batch_of(*commands)).result(PATIENCE)

    repeated = office.writer.submit_batch(once_more(commands)).result(PATIENCE)
    single = [came_of(office.writer.submit(again(command))) for command in commands]

    assert repeated == single == [outcome._replace(repeated=True) for outcome in first]
    assert len(facts(office, "parts/P-1")) == 3


def test_what_is_new_in_a_repeated_batch_is_decided(office: Office) -> None:
    recorded, waiting, new = parts("P-1", "P-2", "P-3")
    came_of(office.writer.submit(recorded))

    _, outcomes = group(office, waiting, once_more([waiting, new, recorded]))

    assert [outcome.repeated for outcome in outcomes] == [True, False, True]
    assert [outcome.stream for outcome in outcomes] == ["parts/P-2", "parts/P-3", "parts/P-1"]
    assert office.streams() == ["parts/P-1", "parts/P-2", "parts/P-3"]


def test_a_batch_within_the_group_of_its_repeat_is_recorded_once(office: Office) -> None:
    commands = parts("P-1", "P-2")

    first, repeated = group(office, batch_of(*commands), once_more(commands))

    assert repeated == [outcome._replace(repeated=True) for outcome in first]
    assert office.streams() == ["parts/P-1", "parts/P-2"]


def test_a_used_request_id_refuses_the_whole_batch(office: Office) -> None:
    (used,) = parts("P-1")
    other = asked(part("P-3"), request_id=used.request_id, payload=b"P-3")
    came_of(office.writer.submit(used))

    (refused,) = group(office, batch_of(*parts("P-2"), other))

    assert isinstance(refused, RefusedInBatch)
    assert (refused.index, type(refused.refusal)) == (1, RequestIdReused)
    assert office.streams() == ["parts/P-1"]


def test_a_refused_batch_may_be_sent_again_once_the_reason_is_gone(office: Office) -> None:
    commands = [*parts("P-1"), asked(revised("P-2", "阀"))]

    refused, _, repeated = group(office, batch_of(*commands), *parts("P-2"), once_more(commands))

    assert isinstance(refused, RefusedInBatch)
    assert [outcome.repeated for outcome in repeated] == [False, False]


def test_a_batch_never_splits_over_two_commits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group is full at three commands; the batch that overfills it comes along whole."""
    monkeypatch.setattr(queue, "MAX_GROUP", 3)

    group(office, *parts("A-1", "A-2"), batch_of(*parts("B-1", "B-2", "B-3", "B-4")), *parts("A-3"))

    office.owner.execute(
        "SELECT array_agg(stream ORDER BY position) FROM entries WHERE position > 1"
        " GROUP BY xmin::text ORDER BY min(position)"
    )
    committed = [[stream[-3:] for stream in streams] for (streams,) in office.owner.fetchall()]
    assert committed == [["A-1", "A-2", "B-1", "B-2", "B-3", "B-4"], ["A-3"]]


def test_a_failed_commit_leaves_a_batch_to_be_repeated(office: Office) -> None:
    for when, expected in (("before", False), ("after", True)):
        commands = parts(f"P-{when}-1", f"P-{when}-2")
        setattr(office.log, when, line_cut)

        lost = office.writer.submit_batch(batch_of(*commands)).exception(PATIENCE)
        repeated = office.writer.submit_batch(once_more(commands)).result(PATIENCE)

        assert isinstance(lost, LogUnavailable)
        assert [outcome.repeated for outcome in repeated] == [expected, expected]
    assert len(office.streams()) == 4


def test_a_batch_is_turned_away_by_a_writer_that_has_ended(office: Office) -> None:
    office.writer.stop()

    with pytest.raises(LogUnavailable):
        office.writer.submit_batch(batch_of(*parts("P-1")))


def test_a_batch_is_of_different_requests() -> None:
    (command,) = parts("P-1")

    for commands in ([], [command, again(command)]):
        with pytest.raises(AssertionError):
            Batch(commands)


def test_a_batch_waits_as_so_many_commands(database_url: str, schema: str) -> None:
    """And one that is larger than the queue by itself is taken when nobody waits."""
    batches = [batch_of(*(asked(part(f"P-{n}-{m}")) for m in range(4))) for n in range(2)]
    with opened(database_url, schema, max_queued=3) as office:
        with office.held():
            outcome = office.writer.submit_batch(batches[0])
            with pytest.raises(QueueFull, match="4 commands wait already"):
                office.writer.submit_batch(batches[1])
        assert len(outcome.result(PATIENCE)) == 4
        assert len(office.writer.submit_batch(batches[1]).result(PATIENCE)) == 4
