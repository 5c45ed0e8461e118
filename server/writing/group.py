"""The commands that are committed together, and the callers who wait for them."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import date
from itertools import chain

from eventsourcing.persistence import StoredEvent

from domain.ledger import Ledger
from server.eventlog.answers import Answer, NewAnswer, Receipt
from server.eventlog.append import Appended
from server.eventlog.errors import StaleEpoch
from server.postgres.errors import DatabaseRefuses
from server.writing.deciding import Decided, recorded_outcome, require_same_request
from server.writing.submission import (
    Batch,
    BookTakenOver,
    LogRefused,
    LogUnavailable,
    Outcome,
    Submission,
)

_log = logging.getLogger(__name__)


class CommandGroup:
    """Collects what is decided and what is refused, and answers all callers after the commit."""

    def __init__(self, submissions: Sequence[Submission | Batch]) -> None:
        self.submissions = submissions
        self.known: Mapping[str, Answer] = {}  # Those that were recorded before.
        self.events: list[StoredEvent] = []
        self.answers: list[NewAnswer] = []
        self.snapshots: list[StoredEvent] = []
        self.decided_on = 0  # The size of the log, with what is being committed before it.
        self.today: date | None = None  # The business day on which it is decided.
        self.refused: list[tuple[Submission | Batch, Exception]] = []
        self._decided: dict[str, Submission] = {}  # By request id.
        self._outcomes: list[Outcome] = []  # Of those, still without receipts.
        self.request_ids = [command.request_id for command in self.commands]
        self._repeats: list[Submission] = []
        self._batches: list[Batch] = []

    @property
    def streams(self) -> Iterable[str]:
        """The streams its commands will need, as far as that is known beforehand."""
        return chain.from_iterable(command.streams for command in self.commands)

    @property
    def commands(self) -> list[Submission]:
        """All commands, those in batches included."""
        return [command for submission in self.submissions for command in submission.commands]

    def has_any(self, request_ids: Iterable[str]) -> bool:
        """Whether one of the requests was decided in this group."""
        return not self._decided.keys().isdisjoint(request_ids)

    def answer_again(self, submission: Submission, ledger: Ledger) -> bool:
        """Answers a request that is in the log or in this group already; False if it is new.

        Raises RequestIdReused if the request was another one.
        """
        request_id = submission.request_id
        known, earlier = self.known.get(request_id), self._decided.get(request_id)
        if known is not None:
            submission.outcome.set_result(recorded_outcome(ledger, submission, known))
        elif earlier is not None:
            require_same_request(submission, earlier.fingerprint)
            self._repeats.append(submission)
        return known is not None or earlier is not None

    def add(self, decided: Decided) -> None:
        submission, outcome = decided.submission, decided.outcome
        self._decided[submission.request_id] = submission
        self._outcomes.append(outcome)
        self.answers.append(
            NewAnswer(
                submission.request_id, submission.fingerprint,
                f"{outcome.stream}@{decided.version}".encode(),
                len(self.events), len(decided.events),
            )
        )  # fmt: skip
        self.events += decided.events
        self.snapshots += decided.snapshots

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
                unavailable = _kind(failure)(str(failure))
                unavailable.__cause__ = failure
                submission.outcome.set_exception(unavailable)

    def _answer(self, appended: Appended | None) -> None:
        if appended is not None:
            self._answer_decided(appended.receipts)
        for batch in self._batches:
            batch.outcome.set_result([command.outcome.result() for command in batch.commands])
        for submission, refusal in self.refused:
            submission.outcome.set_exception(refusal)

    def _answer_decided(self, receipts: Sequence[Receipt]) -> None:
        decided = zip(self._decided.values(), self._outcomes, receipts, strict=True)
        for submission, (response, stream, _, _), receipt in decided:
            submission.outcome.set_result(Outcome(response, stream, receipt, False))
        for repeat in self._repeats:
            first = self._decided[repeat.request_id].outcome.result()
            repeat.outcome.set_result(first._replace(repeated=True))


def _kind(failure: BaseException) -> type[LogUnavailable]:
    if isinstance(failure, StaleEpoch):
        return BookTakenOver
    return LogRefused if isinstance(failure, DatabaseRefuses) else LogUnavailable


class Written:
    """What was committed since the start: by the threads that commit, one after the other."""

    def __init__(self) -> None:
        self.groups = 0
        self.commands = 0
        self.facts = 0

    def count(self, group: CommandGroup) -> None:
        self.groups += 1
        self.commands += len(group.answers)
        self.facts += len(group.events)
