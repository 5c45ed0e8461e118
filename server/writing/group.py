"""The commands that are committed together, and the callers who wait for them."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from eventsourcing.persistence import StoredEvent

from domain.errors import RequestIdReused
from domain.facts import Command
from domain.ledger import Ledger
from server.eventlog.answers import Answer, AnswerKey, NewAnswer
from server.eventlog.append import Appended
from server.writing.submission import (
    Batch,
    LogUnavailable,
    Outcome,
    Receipt,
    Submission,
    answer_again,
)

_log = logging.getLogger(__name__)


class Made(NamedTuple):
    """The result of deciding one command, before it is added to the group."""

    stream: str
    version: int  # Of the stream, as the command left it.
    events: list[StoredEvent]
    snapshots: list[StoredEvent]
    response: Any


class _Decided(NamedTuple):
    submission: Submission
    stream: str
    response: Any
    recorded_at: datetime
    first_index: int  # Of its facts in the group.
    fact_count: int


class CommandGroup:
    """Collects what is decided and what is refused, and answers all callers after the commit."""

    def __init__(self, submissions: Sequence[Submission | Batch]) -> None:
        self.submissions = submissions
        self.known: Mapping[AnswerKey, Answer] = {}  # Those of them that were recorded before.
        self.events: list[StoredEvent] = []
        self.answers: list[NewAnswer] = []
        self.snapshots: list[StoredEvent] = []
        self.refused: list[tuple[Submission | Batch, Exception]] = []
        self._decided: dict[AnswerKey, _Decided] = {}
        self.keys = [command.key for command in self.commands]
        self._repeats: list[tuple[Submission, _Decided]] = []
        self._batches: list[Batch] = []

    @property
    def streams(self) -> Iterable[str]:
        """The streams its commands will need, as far as that is known beforehand."""
        return chain.from_iterable(command.streams for command in self.commands)

    @property
    def commands(self) -> list[Submission]:
        """All commands, those in batches included."""
        return [command for submission in self.submissions for command in submission.commands]

    def has_any(self, keys: Iterable[AnswerKey]) -> bool:
        """Whether one of the requests was decided in this group."""
        return not self._decided.keys().isdisjoint(keys)

    def answer_again(self, submission: Submission, ledger: Ledger) -> bool:
        """Answers a request that is in the log or in this group already; False if it is new.

        Raises RequestIdReused if the request was another one.
        """
        known, earlier = self.known.get(submission.key), self._decided.get(submission.key)
        if known is not None:
            _require_same(submission, known.fingerprint)
            submission.outcome.set_result(answer_again(ledger, submission, known))
        elif earlier is not None:
            _require_same(submission, earlier.submission.fingerprint)
            self._repeats.append((submission, earlier))
        return known is not None or earlier is not None

    def add(self, submission: Submission, command: Command, made: Made) -> None:
        first_index, count = len(self.events), len(made.events)
        self._decided[submission.key] = _Decided(
            submission, made.stream, made.response, command.recorded_at, first_index, count
        )
        self.events += made.events
        self.snapshots += made.snapshots
        self.answers.append(
            NewAnswer(
                submission.actor, submission.request_id, submission.fingerprint,
                f"{made.stream}@{made.version}".encode(), first_index, count,
            )
        )  # fmt: skip

    def complete(self, batch: Batch) -> None:
        """Called when each command of the batch was answered again or added."""
        self._batches.append(batch)

    def tell(self, committed: Future[Appended | None]) -> None:
        """Answers all callers: the commit was made, was not needed, or failed."""
        failure = committed.exception()
        if failure is not None:
            self.fail(failure)
            return
        try:
            self._answer(committed.result())
        except Exception as defect:
            _log.exception("a defect in an answer")
            self.fail(defect)

    def fail(self, failure: BaseException) -> None:
        """Tells all callers who are not answered yet that the outcome is unknown."""
        for submission in self.submissions:
            if not submission.outcome.done():
                unavailable = LogUnavailable(str(failure))
                unavailable.__cause__ = failure
                submission.outcome.set_exception(unavailable)

    def _answer(self, appended: Appended | None) -> None:
        if appended is not None:
            self._answer_decided(appended)
        for batch in self._batches:
            batch.outcome.set_result([command.outcome.result() for command in batch.commands])
        for submission, refusal in self.refused:
            submission.outcome.set_exception(refusal)

    def _answer_decided(self, appended: Appended) -> None:
        receipts = {}
        for key, decided in self._decided.items():
            first = appended.first + decided.first_index
            last = first + decided.fact_count - 1
            leaf_hash = appended.leaf_hashes[last - appended.first]
            receipt = Receipt(first, last, leaf_hash, decided.recorded_at)
            receipts[key] = receipt
            decided.submission.outcome.set_result(
                Outcome(decided.response, decided.stream, receipt, False)
            )
        for submission, first_call in self._repeats:
            receipt = receipts[submission.key]
            submission.outcome.set_result(
                Outcome(first_call.response, first_call.stream, receipt, True)
            )


def _require_same(submission: Submission, fingerprint: bytes) -> None:
    if submission.fingerprint != fingerprint:
        raise RequestIdReused(submission.request_id)
