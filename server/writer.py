"""The writer of a book: decides queued commands in turn and commits them in groups.

One thread owns the ledger. It takes whatever has queued while the last group was committed,
decides each command against the aggregates in memory, commits all facts of the group with one
fsync, and answers everyone. A refused command leaves nothing in the group, and hears of it only
after the commit: what it was refused for may be a fact of the same group. When a commit fails,
nobody knows what happened: all of the group are told "unavailable", the cache is dropped, and the
`request_id` of each tells at the next try whether it had been recorded.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from queue import SimpleQueue
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from eventsourcing.persistence import PersistenceError, StoredEvent

from domain.errors import DomainError, RequestIdReused
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from server.eventlog.answers import Answer, AnswerKey, NewAnswer
from server.eventlog.errors import StaleEpoch
from server.eventlog.recorders import ApplicationRecorder
from server.eventlog.writer import Appended
from server.recordable import require_recordable
from server.submission import (
    LogUnavailable,
    Outcome,
    QueueFull,
    Receipt,
    Submission,
    answer_again,
)

MAX_GROUP: Final = 1_000

_log = logging.getLogger(__name__)


class _Decided(NamedTuple):
    submission: Submission
    stream: str
    response: Any
    recorded_at: datetime
    first_index: int  # Of its facts in the group.
    fact_count: int


class _Made(NamedTuple):
    """What came of one command, before it has its place in the group."""

    aggregate: Aggregate
    events: list[StoredEvent]
    snapshots: list[StoredEvent]
    response: Any


class _Group:
    """What one commit holds, and who waits for it."""

    def __init__(self) -> None:
        self.decided: list[_Decided] = []
        self.events: list[StoredEvent] = []
        self.answers: list[NewAnswer] = []
        self.snapshots: list[StoredEvent] = []
        self.by_key: dict[AnswerKey, _Decided] = {}
        self.repeats: list[tuple[Submission, _Decided]] = []
        self.refused: list[tuple[Submission, Exception]] = []


class Writer:
    """Starts with `start`, ends with `stop`; `submit` may be called by any thread."""

    def __init__(
        self,
        ledger: Ledger,
        log: ApplicationRecorder,
        time_zone: ZoneInfo,
        clock: Callable[[], datetime],
        max_queued: int,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self._ledger = ledger
        self._log = log
        self._time_zone = time_zone
        self._clock = clock
        self._max_queued = max_queued
        self._on_commit = on_commit
        self._queue: SimpleQueue[Submission | None] = SimpleQueue()
        self._last_moment: datetime | None = None
        self._ended: str | None = None
        self._door = threading.Lock()  # Nobody comes in while it is being closed.
        self._thread = threading.Thread(target=self._run, name="writer")

    def start(self) -> None:
        """Takes the book over and begins to write; another writer of it is refused from now on."""
        self._log.claim_epoch()
        newest = self._log.read_entries(after=max(0, self._log.head().size - 1), limit=1)
        self._last_moment = newest[0].recorded_at if newest else None
        self._thread.start()

    def stop(self) -> None:
        """Finishes what is queued, then ends."""
        self._queue.put(None)
        self._thread.join()

    @property
    def ended(self) -> str | None:
        """Why nothing is written any more; None while the writer works."""
        return self._ended

    @property
    def queued(self) -> int:
        return self._queue.qsize()

    def submit(self, submission: Submission) -> Future[Outcome]:
        """Queues a command. The future ends in its outcome, or in the refusal.

        Raises QueueFull at once when too many wait, and LogUnavailable when the writer has ended.
        """
        with self._door:
            if self._ended is not None:
                raise LogUnavailable(self._ended)
            if self._queue.qsize() >= self._max_queued:
                raise QueueFull(f"{self._max_queued} calls wait already")
            self._queue.put(submission)
        return submission.outcome

    def _run(self) -> None:
        try:
            self._write_queued()
        finally:
            with self._door:
                self._ended = self._ended or "the server is stopping"
            self._refuse_queued()

    def _write_queued(self) -> None:
        while (first := self._queue.get()) is not None:
            submissions = [first]
            last = False
            while len(submissions) < MAX_GROUP and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    last = True
                    break
                submissions.append(following)
            self._write(submissions)
            if last or self._ended is not None:
                break

    def _refuse_queued(self) -> None:
        while not self._queue.empty():
            waiting = self._queue.get()
            if waiting is not None:
                waiting.outcome.set_exception(LogUnavailable(str(self._ended)))

    def _write(self, submissions: list[Submission]) -> None:
        """Decides and commits one group, and answers everyone in it, whatever happens."""
        group = _Group()
        try:
            known = self._log.find_answers([submission.key for submission in submissions])
            self._ledger.prefetch(submission.stream for submission in submissions)
            for submission in submissions:
                self._take(submission, known.get(submission.key), group)
            self._commit(group)
        except StaleEpoch as stale:
            self._ended = str(stale)
            _log.error("the writer ends: %s", stale)
            self._fail(submissions, stale)
        except PersistenceError as failure:
            _log.warning("a group was not committed: %s", failure)
            self._fail(submissions, failure)
        except Exception as defect:
            _log.exception("a defect in the writer")
            self._fail(submissions, defect)

    def _fail(self, submissions: list[Submission], failure: Exception) -> None:
        self._ledger.forget()
        for submission in submissions:
            if not submission.outcome.done():
                unavailable = LogUnavailable(str(failure))
                unavailable.__cause__ = failure
                submission.outcome.set_exception(unavailable)

    def _take(self, submission: Submission, known: Answer | None, group: _Group) -> None:
        """Answers a repeat, or decides the command into the group."""
        earlier = group.by_key.get(submission.key)
        if submission.after is not None and _is_undecided(submission.after):
            submission.outcome.set_exception(LogUnavailable("the one before it is undecided"))
        elif known is not None:
            self._answer_again(submission, known)
        elif earlier is not None and earlier.submission.fingerprint == submission.fingerprint:
            group.repeats.append((submission, earlier))
        elif earlier is not None:
            group.refused.append((submission, RequestIdReused(submission.request_id)))
        else:
            self._decide(submission, group)

    def _answer_again(self, submission: Submission, known: Answer) -> None:
        """Renders the aggregate as it stood after the first call: the same answer again."""
        if known.fingerprint != submission.fingerprint:
            submission.outcome.set_exception(RequestIdReused(submission.request_id))
            return
        submission.outcome.set_result(answer_again(self._ledger, submission, known))

    def _decide(self, submission: Submission, group: _Group) -> None:
        moment = self._now()
        today = moment.astimezone(self._time_zone).date()
        command = Command(moment, today, submission.actor, submission.request_id)
        try:
            made = self._ledger.decide(command, partial(self._make, submission))
        except PersistenceError:
            raise
        except Exception as refusal:
            if not isinstance(refusal, DomainError):
                _log.exception("a defect in %s", submission.use_case)
            group.refused.append((submission, refusal))
            return
        first_index, count = len(group.events), len(made.events)
        stream = made.aggregate.id
        decided = _Decided(submission, stream, made.response, moment, first_index, count)
        group.decided.append(decided)
        group.by_key[submission.key] = decided
        group.events += made.events
        group.snapshots += made.snapshots
        group.answers.append(
            NewAnswer(
                submission.actor, submission.request_id, submission.fingerprint,
                f"{stream}@{made.aggregate.version}".encode(), first_index, count,
            )
        )  # fmt: skip

    def _make(self, submission: Submission, ledger: Ledger, command: Command) -> _Made:
        """All that can go wrong with one command goes wrong in here, and is taken back."""
        aggregate = submission.use_case(ledger, command)
        assert command.facts, "a command that is not refused records something"
        events = [ledger.mapper.to_stored_event(fact) for fact in command.facts]
        require_recordable(events)
        due = ledger.snapshots_due(command.facts)
        snapshots = [ledger.mapper.to_stored_event(snapshot) for snapshot in due]
        response = None if submission.render is None else submission.render(aggregate)
        return _Made(aggregate, events, snapshots, response)

    def _commit(self, group: _Group) -> None:
        if group.events:
            appended = self._log.append(group.events, group.answers, group.snapshots)
            self._ledger.committed()
            self._on_commit()
            self._answer(group, appended)
        elif group.refused:
            self._log.require_epoch()  # A refusal counts only from whoever may write.
        for submission, refusal in group.refused:
            submission.outcome.set_exception(refusal)

    @staticmethod
    def _answer(group: _Group, appended: Appended) -> None:
        receipts = {}
        for decided in group.decided:
            first = appended.first + decided.first_index
            last = first + decided.fact_count - 1
            leaf_hash = appended.leaf_hashes[last - appended.first]
            receipt = Receipt(first, last, leaf_hash, decided.recorded_at)
            receipts[decided.submission.key] = receipt
            decided.submission.outcome.set_result(
                Outcome(decided.response, decided.stream, receipt, False)
            )
        for submission, first_call in group.repeats:
            receipt = receipts[submission.key]
            submission.outcome.set_result(
                Outcome(first_call.response, first_call.stream, receipt, True)
            )

    def _now(self) -> datetime:
        """The clock, but never back: the log's times rise with its positions."""
        moment = self._clock()
        if self._last_moment is not None and moment <= self._last_moment:
            moment = self._last_moment + timedelta(microseconds=1)
        self._last_moment = moment
        return moment


def _is_undecided(outcome: Future[Outcome]) -> bool:
    return outcome.done() and isinstance(outcome.exception(), LogUnavailable)
