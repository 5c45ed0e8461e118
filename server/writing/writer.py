"""The writer of a book: decides queued commands in turn and commits them in groups.

One thread owns the ledger. It takes the commands that are in the queue, decides each on the
aggregates in memory, and commits all their facts as one group, with one fsync. If many commands
wait meanwhile, the next group is decided already, as if the commit had succeeded; never more than
one. Callers are answered after the commit. That holds for refusals, too, because the reason may be
a fact of the same group. If a commit fails, it is not known whether its facts are in the log. Then
all callers of this group, and of the one decided after it, are told "unavailable", and the
aggregates in memory are dropped. When a caller repeats its request, the `request_id` shows whether
it was recorded.

What is in memory is of a log of one size. Each group says which, and is not committed if the log
has another: after a failover to a replica that lacked the last entries, those are forgotten here.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from eventsourcing.persistence import PersistenceError

from domain.errors import EntryUnreadable, RuleViolation
from domain.ledger import Ledger
from server.eventlog.append import Appended
from server.eventlog.errors import StaleEpoch, UnexpectedSize
from server.eventlog.recorders import ApplicationRecorder
from server.writing.clock import LastEntry, LedgerClock
from server.writing.condition import LogCondition
from server.writing.deciding import Decided, decide
from server.writing.group import CommandGroup, Written
from server.writing.promise import Promise
from server.writing.queue import CommandQueue
from server.writing.submission import (
    Batch,
    BookTakenOver,
    LogUnavailable,
    Outcome,
    RefusedInBatch,
    Submission,
)

OVERLAPPED: Final = 64  # Commands that must wait for the next group to be decided during a commit.

Commit = Future[Appended | None]  # None where there was nothing to append.

_log = logging.getLogger(__name__)


class Writer:
    """Starts with `start`, ends with `stop`; `submit` may be called by any thread."""

    def __init__(
        self,
        ledger: Ledger,
        log: ApplicationRecorder,
        time_zone: ZoneInfo,
        clock: LedgerClock,
        max_queued: int,
        on_commit: Callable[[], None] = lambda: None,
        condition: LogCondition | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._ledger = ledger
        self._log = log
        self._time_zone = time_zone
        self._clock = clock
        self._on_commit = on_commit
        self._on_end = on_end  # Called when another writer has taken the book over.
        self._condition = condition or LogCondition()
        self._queue = CommandQueue(max_queued)
        self._thread = threading.Thread(target=self._run, name="writer")
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="committer")
        self._under_way: tuple[CommandGroup, Commit] | None = None
        self.written = Written()
        self._size: int | None = None  # Of the log that is in memory, with what is under way.

    def start(self) -> None:
        """Takes the book over and begins to write; another writer of it is refused from now on."""
        self._log.claim_epoch()
        self._size = self._log.head().size
        newest = self._log.entries.read(after=max(0, self._size - 1), limit=1)
        last = LastEntry(newest[0].position, newest[0].recorded_at) if newest else None
        self._clock.begin(last)
        self._thread.start()

    def refuse(self, why: str) -> None:
        """Takes nothing more from the queue: whoever waits there is told why."""
        self._queue.close(LogUnavailable(why))
        self._queue.refuse_rest()

    def stop(self) -> None:
        """Finishes what is queued, then ends."""
        self._queue.finish()
        self._thread.join()

    @property
    def ended(self) -> LogUnavailable | None:
        """Why nothing is written any more; None while the writer works."""
        return self._queue.closed

    @property
    def waiting(self) -> int:
        """How many commands are queued."""
        return self._queue.waiting

    def doubt(self) -> RuleViolation | None:
        """Why nothing is recorded for now; to be asked again and again."""
        return self._clock.look() or self._condition.damage()

    def submit(self, submission: Submission) -> Promise[Outcome]:
        """Queues a command. The promise ends in its outcome, or in the refusal.

        Raises QueueFull at once when too many wait, and LogUnavailable when the writer has ended.
        """
        self._queue.put(submission)
        return submission.outcome

    def submit_batch(self, batch: Batch) -> Promise[list[Outcome]]:
        """Queues a batch as `submit` does a command; the promise ends in the outcome of each."""
        self._queue.put(batch)
        return batch.outcome

    def _run(self) -> None:
        try:
            for submissions in self._queue.groups():
                self._write(submissions)
        finally:
            self._committer.shutdown()  # Waits for the group that is being committed.
            self._queue.close(LogUnavailable("the server is stopping"))
            self._queue.refuse_rest()

    def _write(self, submissions: list[Submission | Batch]) -> None:
        """Decides one group, and commits it once the one before it is in the log."""
        if self._under_way is not None and self._under_way[1].done():
            self._settle()
        group = CommandGroup(submissions)
        undecided, uncommitted = self._decide_all(group), self._settle()
        failure = undecided or uncommitted
        if failure is not None:  # The facts on which the group was decided may not be in the log.
            self._forget()
            group.fail(failure)
            return
        self._ledger.hand_over()
        assert self._size is not None
        group.decided_on = self._size
        self._size += len(group.events)
        committing = self._committer.submit if self._queue.waiting >= OVERLAPPED else _done
        committed = committing(self._commit, group)
        self._under_way = group, committed
        committed.add_done_callback(group.tell)

    def _settle(self) -> BaseException | None:
        """Waits for the group being committed. If it failed, what is in memory is not valid."""
        if self._under_way is None:
            return None
        failure = self._under_way[1].exception()
        self._under_way = None
        if failure is None:
            self._ledger.committed()
        else:
            self._forget()
        return failure

    def _forget(self) -> None:
        """Everything is read from the log again, as long as it is then."""
        self._ledger.forget()
        self._size = None

    def _decide_all(self, group: CommandGroup) -> Exception | None:
        """Decides all commands of the group. Returns what went wrong, if none can be decided."""
        try:
            if self._under_way is not None and self._under_way[0].has_any(group.request_ids):
                self._settle()
            if self._size is None:  # Before anything is read: what comes later would be noticed.
                self._size = self._log.head().size
            self._ledger.prefetch(group.streams, partial(self._look_up, group))
            for submission in group.submissions:
                self._take(submission, group)
        except PersistenceError as failure:
            _log.warning("a group could not be decided: %s", failure)
            return failure
        except Exception as defect:
            _log.exception("a defect in the writer")
            return defect
        return None

    def _look_up(self, group: CommandGroup, streams: Sequence[str]) -> Mapping[str, Any]:
        """Reads all that the group needs from the log, in one query."""
        group.known, loaded = self._log.look_up(group.request_ids, streams)
        return loaded

    def _take(self, submission: Submission | Batch, group: CommandGroup) -> None:
        """Takes a command or a batch into the group. One that is refused leaves nothing in it."""
        try:
            if isinstance(submission, Batch):
                self._take_batch(submission, group)
            elif submission.after is not None and _is_undecided(submission.after):
                submission.outcome.set_exception(LogUnavailable("the one before it is undecided"))
            elif not group.answer_again(submission, self._ledger):
                group.add(self._decide(submission, group))
        except PersistenceError:
            raise
        except EntryUnreadable as unreadable:
            group.refused.append((submission, self._log.entries.located(unreadable)))
        except Exception as refusal:
            group.refused.append((submission, refusal))

    def _take_batch(self, batch: Batch, group: CommandGroup) -> None:
        decided: list[Decided] = []
        for index, submission in enumerate(batch.commands):
            try:
                if not group.answer_again(submission, self._ledger):
                    decided.append(self._decide(submission, group))
            except PersistenceError:
                raise
            except Exception as refusal:
                for earlier in reversed(decided):
                    self._ledger.take_back(earlier.command)
                if isinstance(refusal, EntryUnreadable):
                    refusal = self._log.entries.located(refusal)
                raise RefusedInBatch(index, refusal) from refusal
        for each in decided:
            group.add(each)
        group.complete(batch)

    def _decide(self, submission: Submission, group: CommandGroup) -> Decided:
        """The clock is looked at once for a group: its commands are a moment apart."""
        self._condition.require_sound()
        if group.today is None:
            recorded_at, by_both = self._clock.moment()
            group.today = by_both.astimezone(self._time_zone).date()
        else:
            recorded_at = self._clock.next_moment()
        return decide(self._ledger, submission, recorded_at, group.today)

    def _commit(self, group: CommandGroup) -> Appended | None:
        try:
            return self._append(group)
        except StaleEpoch as stale:
            self._queue.close(BookTakenOver(str(stale)))
            _log.error("the writer ends: %s", stale)
            self._on_end()
            raise
        except UnexpectedSize as other:
            _log.error("a group was not committed, and all in memory is forgotten: %s", other)
            raise
        except PersistenceError as failure:
            _log.warning("a group was not committed: %s", failure)
            raise
        except Exception:
            _log.exception("a defect in the writer")
            raise

    def _append(self, group: CommandGroup) -> Appended | None:
        if group.events:
            appended = self._log.append(
                group.events, group.answers, group.snapshots, group.decided_on
            )
            self.written.count(group)
            self._on_commit()
            return appended
        if group.refused:  # Only a writer that may still write may refuse, on what the log has.
            self._log.require_unchanged(group.decided_on)
        return None


def _done(commit: Callable[[CommandGroup], Appended | None], group: CommandGroup) -> Commit:
    """Commits at once, in this thread."""
    committed: Commit = Future()
    try:
        committed.set_result(commit(group))
    except Exception as failure:
        committed.set_exception(failure)
    return committed


def _is_undecided(outcome: Promise[Outcome]) -> bool:
    return outcome.done() and isinstance(outcome.exception(), LogUnavailable)
