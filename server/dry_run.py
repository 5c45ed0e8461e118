"""Decides commands as the writer would, on a ledger of its own, and records nothing."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, date, datetime

from domain.errors import RequestIdReused
from domain.facts import Command
from domain.ledger import Ledger
from server.eventlog.recorders import ApplicationRecorder
from server.submission import Outcome, Submission, answer_again


class DryRun:
    """Each command is decided after those before it; what it decides stays in memory."""

    def __init__(self, ledger: Ledger, log: ApplicationRecorder, today: Callable[[], date]) -> None:
        self._ledger = ledger
        self._log = log
        self._today = today

    def decide(self, submission: Submission) -> Future[Outcome]:
        """The outcome without a receipt, or the refusal; a recorded request is known."""
        try:
            submission.outcome.set_result(self._outcome(submission))
        except Exception as refusal:
            submission.outcome.set_exception(refusal)
        return submission.outcome

    def _outcome(self, submission: Submission) -> Outcome:
        known = self._log.find_answers([submission.key]).get(submission.key)
        if known is not None and known.fingerprint != submission.fingerprint:
            raise RequestIdReused(submission.request_id)
        if known is not None:
            return answer_again(self._ledger, submission, known)
        command = Command(datetime.now(UTC), self._today(), submission.actor, submission.request_id)
        aggregate = self._ledger.decide(command, submission.use_case)
        response = None if submission.render is None else submission.render(aggregate)
        return Outcome(response, aggregate.id, None, False)
