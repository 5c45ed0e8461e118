"""Decides commands as the writer would, on a ledger of its own, and records nothing."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, date, datetime
from functools import partial

from domain.errors import RequestIdReused
from domain.facts import Command
from domain.ledger import Ledger
from server.eventlog.answers import AnswerKey
from server.eventlog.recorders import ApplicationRecorder
from server.writing.recordable import require_recordable
from server.writing.submission import Outcome, Submission, answer_again


class DryRun:
    """Each command is decided as if those before it had been recorded; nothing is recorded."""

    def __init__(self, ledger: Ledger, log: ApplicationRecorder, today: Callable[[], date]) -> None:
        self._ledger = ledger
        self._log = log
        self._today = today
        self._decided: dict[AnswerKey, tuple[bytes, Outcome]] = {}  # With their fingerprints.

    def decide(self, submission: Submission) -> Future[Outcome]:
        """The outcome without a receipt, or the refusal; a recorded request is known."""
        try:
            submission.outcome.set_result(self._outcome(submission))
        except Exception as refusal:
            submission.outcome.set_exception(refusal)
        return submission.outcome

    def _outcome(self, submission: Submission) -> Outcome:
        earlier = self._decided.get(submission.key)
        known = None if earlier else self._log.find_answers([submission.key]).get(submission.key)
        if earlier is not None and earlier[0] == submission.fingerprint:
            return earlier[1]._replace(repeated=True)
        if known is not None and known.fingerprint == submission.fingerprint:
            return answer_again(self._ledger, submission, known)
        if earlier is not None or known is not None:
            raise RequestIdReused(submission.request_id)
        command = Command(datetime.now(UTC), self._today(), submission.actor, submission.request_id)
        outcome = self._ledger.decide(command, partial(_outcome_of, submission))
        self._decided[submission.key] = submission.fingerprint, outcome
        return outcome


def _outcome_of(submission: Submission, ledger: Ledger, command: Command) -> Outcome:
    """As in the writer: a fact that the log could not hold is refused here, too."""
    aggregate = submission.use_case(ledger, command)
    require_recordable([ledger.mapper.to_stored_event(fact) for fact in command.facts])
    response = None if submission.render is None else submission.render(aggregate)
    return Outcome(response, aggregate.id, None, False)
