"""Decides commands as the writer would, on a ledger of its own, and records nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.ledger import Ledger
from domain.proofs import NOTHING_READ, Figures
from server.eventlog.recorders import ApplicationRecorder
from server.writing.deciding import decide, recorded_outcome, require_same_request
from server.writing.promise import Promise
from server.writing.submission import Outcome, Submission


class DryRun:
    """Each command is decided as if those before it had been recorded; nothing is recorded."""

    def __init__(self, ledger: Ledger, log: ApplicationRecorder, today: Callable[[], date]) -> None:
        self._ledger = ledger
        self._log = log
        self._today = today
        self._decided: dict[str, tuple[bytes, Outcome]] = {}  # With fingerprints.

    def decide(self, submission: Submission) -> Promise[Outcome]:
        """The outcome without a receipt, or the refusal; a recorded request is known."""
        try:
            submission.outcome.set_result(self._outcome(submission))
        except Exception as refusal:
            submission.outcome.set_exception(refusal)
        return submission.outcome

    def figures(self, month: str) -> Figures:
        """No view sums up what is not recorded: a dry run takes the proofs of a month as given."""
        calendar = self._ledger.find(AccountingPeriod, CALENDAR)
        return NOTHING_READ._replace(calendar_version=calendar.version if calendar else 0)

    def _outcome(self, submission: Submission) -> Outcome:
        request_id = submission.request_id
        if request_id in self._decided:
            fingerprint, outcome = self._decided[request_id]
            require_same_request(submission, fingerprint)
            return outcome._replace(repeated=True)
        known = self._log.find_answers([request_id]).get(request_id)
        if known is not None:
            return recorded_outcome(self._ledger, submission, known)
        outcome = decide(self._ledger, submission, datetime.now(UTC), self._today()).outcome
        self._decided[request_id] = submission.fingerprint, outcome
        return outcome
