"""How one command is decided, in the writer and in a dry run, and how a repeat is answered."""

import logging
from datetime import date, datetime
from typing import NamedTuple

from eventsourcing.persistence import PersistenceError, StoredEvent

from domain.errors import DomainError, RequestIdReused
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from server.eventlog.answers import Answer
from server.writing.recordable import require_recordable
from server.writing.submission import Outcome, Submission

_log = logging.getLogger(__name__)


class Decided(NamedTuple):
    """The result of deciding one command. Nothing of it is in the log yet."""

    submission: Submission
    command: Command
    version: int  # Of the outcome's stream, as the command left it.
    events: list[StoredEvent]
    snapshots: list[StoredEvent]
    outcome: Outcome  # Without a receipt.


def decide(ledger: Ledger, submission: Submission, moment: datetime, today: date) -> Decided:
    """Decides a command on the ledger. A refused command leaves nothing in memory."""
    asked = submission.actor, submission.request_id, submission.principal
    command = Command(moment, today, *asked)
    try:
        aggregate = ledger.decide(command, submission.use_case)
        try:
            return _written(submission, ledger, command, aggregate)
        except BaseException:
            ledger.take_back(command)
            raise
    except (DomainError, PersistenceError):
        raise
    except Exception:
        _log.exception("a defect in %s", submission.use_case)
        raise


def _written(
    submission: Submission, ledger: Ledger, command: Command, aggregate: Aggregate
) -> Decided:
    """Does everything else that can fail because of one command, so that it can be undone alone."""
    assert command.facts, "a command that is not refused records something"
    events = [ledger.mapper.to_stored_event(fact) for fact in command.facts]
    require_recordable(events)
    due = ledger.snapshots_due(command.facts)
    snapshots = [ledger.mapper.to_stored_event(snapshot) for snapshot in due]
    response = None if submission.render is None else submission.render(aggregate)
    outcome = Outcome(response, aggregate.id, None, False)
    return Decided(submission, command, aggregate.version, events, snapshots, outcome)


def recorded_outcome(ledger: Ledger, submission: Submission, known: Answer) -> Outcome:
    """The outcome of a recorded request: its aggregate at the version the first call left.

    Raises RequestIdReused if the request was another one.
    """
    stream, _, version = known.response.decode().rpartition("@")
    if submission.fingerprint != known.fingerprint:
        differences = ""
        if stream == submission.streams[0]:
            left = ledger.at_version(stream, int(version))
            differences = submission.differences(ledger, left)
        raise RequestIdReused(submission.request_id, differences)
    response = None
    if submission.render is not None:
        response = submission.render(ledger.at_version(stream, int(version)))
    return Outcome(response, stream, known.receipt, True)


def require_same_request(submission: Submission, fingerprint: bytes) -> None:
    """Refuses another payload under a request id that was already used."""
    if submission.fingerprint != fingerprint:
        raise RequestIdReused(submission.request_id)
