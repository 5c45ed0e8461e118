"""What one commit holds, and who waits for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from eventsourcing.persistence import StoredEvent

from domain.errors import RequestIdReused
from domain.facts import Command
from domain.ledger import Ledger
from server.eventlog.answers import Answer, AnswerKey, NewAnswer
from server.eventlog.writer import Appended
from server.submission import Batch, Outcome, Receipt, Submission, answer_again


class Made(NamedTuple):
    """What came of one command, before it has its place in the group."""

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
    """Takes in what is decided and what is refused, and tells everyone after the commit."""

    def __init__(self, known: Mapping[AnswerKey, Answer]) -> None:
        self.events: list[StoredEvent] = []
        self.answers: list[NewAnswer] = []
        self.snapshots: list[StoredEvent] = []
        self.refused: list[tuple[Submission | Batch, Exception]] = []
        self._known = known  # Those of its requests that were recorded before.
        self._decided: dict[AnswerKey, _Decided] = {}
        self._repeats: list[tuple[Submission, _Decided]] = []
        self._batches: list[Batch] = []

    def answer_again(self, submission: Submission, ledger: Ledger) -> bool:
        """Answers a repeat of what is in the log or in this group; False if it is a new request.

        Raises RequestIdReused if the request was another one.
        """
        known, earlier = self._known.get(submission.key), self._decided.get(submission.key)
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
        """Each of its commands is answered again or added."""
        self._batches.append(batch)

    def answer(self, appended: Appended | None) -> None:
        """Tells everyone what came of it; `appended` is None where there was nothing to commit."""
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
