"""Where many wait, the next group is decided while one is being committed: on top of it, and never
without it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from eventsourcing.persistence import OperationalError

from domain.errors import AlreadyExists, NotFound
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from server.eventlog.lookup import Found
from server.writing import writer
from server.writing.submission import Batch, LogUnavailable, Outcome, UseCase
from tests.server.writing.office import (
    PATIENCE,
    Office,
    again,
    asked,
    came_of,
    line_cut,
    part,
    revised,
)

IN_LIFE = writer.OVERLAPPED


def test_it_takes_sixty_four_that_wait() -> None:
    assert IN_LIFE == 64


@pytest.fixture(autouse=True)
def one_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """In life it takes more that wait, so that few of them become one group."""
    monkeypatch.setattr(writer, "OVERLAPPED", 1)


class Gate:
    """Somebody comes to it, and waits until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.opened.wait(PATIENCE)


def behind(gate: Gate, use_case: UseCase) -> UseCase:
    def wait(ledger: Ledger, command: Command, /) -> Aggregate:
        gate()
        return use_case(ledger, command)

    return wait


@contextmanager
def on_its_way(
    office: Office, first: UseCase, ends: Callable[[], None] = lambda: None
) -> Iterator[Callable[[], Outcome | BaseException]]:
    """What is queued inside becomes the next group, after the one of `first`.

    Left, it has `first` decided and its commit begun. The commit goes on, and `ends` it, when
    what was yielded is called; that returns what came of `first`.
    """
    deciding, committing = Gate(), Gate()

    def commit() -> None:
        committing()
        ends()

    def let_go() -> Outcome | BaseException:
        committing.opened.set()
        return came_of(outcome)

    outcome = office.queue(behind(deciding, first))
    assert deciding.reached.wait(PATIENCE)
    office.log.before = commit
    yield let_go
    deciding.opened.set()
    assert committing.reached.wait(PATIENCE)


def marked(event: threading.Event, use_case: UseCase) -> UseCase:
    def mark(ledger: Ledger, command: Command, /) -> Aggregate:
        event.set()
        return use_case(ledger, command)

    return mark


def test_the_next_group_is_decided_while_one_is_committed(office: Office) -> None:
    decided = threading.Event()
    with on_its_way(office, part("P-1")) as commit:
        second = office.queue(marked(decided, revised("P-1", "阀")))

    assert decided.wait(PATIENCE), "it waited for the commit"
    assert not second.done()  # Nobody is told before the own commit.

    assert isinstance(commit(), Outcome)
    assert second.result(PATIENCE).response == "parts/P-1 at 2"
    assert office.streams() == ["parts/P-1", "parts/P-1"]


def test_with_nothing_to_decide_meanwhile_nothing_overlaps(office: Office) -> None:
    """Control: the same two commands, the second one a moment too late."""
    decided = threading.Event()
    with on_its_way(office, part("P-1")) as commit:
        pass
    second = office.queue(marked(decided, revised("P-1", "阀")))

    assert not decided.wait(0.1)
    assert isinstance(commit(), Outcome)
    assert isinstance(came_of(second), Outcome)


def test_fewer_than_are_worth_it_become_one_group_after_the_commit(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "OVERLAPPED", 3)
    decided = threading.Event()
    with on_its_way(office, part("P-1")) as commit:
        waiting = [office.queue(part("P-2")), office.queue(marked(decided, part("P-3")))]

    assert not decided.wait(0.1)
    assert isinstance(commit(), Outcome)
    receipts = [outcome.result(PATIENCE).receipt for outcome in waiting]
    assert [receipt and receipt.first_position for receipt in receipts] == [2, 3]


def test_a_batch_that_waits_counts_as_all_its_commands(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "OVERLAPPED", 3)
    decided = threading.Event()
    with on_its_way(office, part("P-1")) as commit:
        batch = Batch([asked(part("P-2")), asked(part("P-3")), asked(marked(decided, part("P-4")))])
        outcomes = office.writer.submit_batch(batch)

    assert decided.wait(PATIENCE), "it waited for the commit"
    assert isinstance(commit(), Outcome)
    assert len(outcomes.result(PATIENCE)) == 3


def test_what_was_decided_on_top_of_a_failed_commit_fails_with_it(office: Office) -> None:
    """The refused one, too: there is no P-1 that it would have been the second of."""
    decided = threading.Event()
    with on_its_way(office, part("P-1"), line_cut) as commit:
        revision = office.queue(revised("P-1", "阀"))
        refused = office.queue(part("P-1"))
        unrelated = office.queue(marked(decided, part("P-2")))
    assert decided.wait(PATIENCE)

    ends = [commit(), came_of(revision), came_of(refused), came_of(unrelated)]

    assert [type(end) for end in ends] == [LogUnavailable] * 4
    assert office.streams() == []
    assert isinstance(came_of(office.queue(revised("P-1", "阀"))), NotFound)
    assert office.do(part("P-1")).response == "parts/P-1 at 1"


def test_when_the_next_group_cannot_be_decided_the_one_after_it_still_is_on_top_of_the_first(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up, failed, decided = office.log.look_up, threading.Event(), threading.Event()

    def fails_once(request_ids: Sequence[str], streams: Sequence[str]) -> Found:
        if not request_ids:  # Of the first group, which looks for P-1.
            return look_up(request_ids, streams)
        monkeypatch.setattr(office.log, "look_up", look_up)
        failed.set()
        raise OperationalError("server closed the connection unexpectedly")

    with on_its_way(office, part("P-1")) as commit:
        monkeypatch.setattr(office.log, "look_up", fails_once)
        undecided = office.queue(part("P-2"))
    assert failed.wait(PATIENCE)  # So that what follows is another group.
    revision = office.queue(marked(decided, revised("P-1", "阀")))

    assert not decided.wait(0.1)  # P-1 is neither in memory nor in the log.
    assert isinstance(commit(), Outcome)
    assert isinstance(came_of(undecided), LogUnavailable)
    assert revision.result(PATIENCE).response == "parts/P-1 at 2"


def test_on_top_of_a_commit_that_holds_the_refused_one_hears_why(office: Office) -> None:
    """Control: the same without the failure."""
    with on_its_way(office, part("P-1")) as commit:
        refused = office.queue(part("P-1"))

    assert isinstance(commit(), Outcome)
    assert isinstance(came_of(refused), AlreadyExists)


@pytest.mark.parametrize("fails", [False, True])
def test_a_request_sent_twice_is_recorded_once_however_its_first_commit_ends(
    office: Office, fails: bool
) -> None:
    """The second sending meets the first one while nobody knows yet what becomes of it."""
    request = asked(part("P-1"), payload=b"P-1")
    deciding, committing = Gate(), Gate()
    request.use_case = behind(deciding, request.use_case)
    first = office.writer.submit(request)
    assert deciding.reached.wait(PATIENCE)

    def commit() -> None:
        committing()
        if fails:
            line_cut()

    office.log.before = commit
    second = office.writer.submit(replace(again(request), use_case=part("P-1")))
    deciding.opened.set()
    assert committing.reached.wait(PATIENCE)
    committing.opened.set()

    assert isinstance(came_of(first), LogUnavailable if fails else Outcome)
    assert second.result(PATIENCE).repeated is not fails
    assert office.streams() == ["parts/P-1"]
