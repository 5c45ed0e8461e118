"""Which months may still be written to: the book's accounting periods 会计期间.

A month is open, soft-closed (an entry needs another person's approval) or hard-closed (nothing
enters, for ever). Months are closed in order, so that the opening balance of a closed month cannot
change either.
"""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Self

from domain import people
from domain.approvals import Approval, ApprovedEntry, entered, matching
from domain.days import Done
from domain.errors import NotAllowedInState, PeriodOutOfOrder, SamePerson, Stale
from domain.facts import Aggregate, BookedFact, Booking, Command, FirstFact
from domain.months import first_day, next_month, previous_month
from domain.proofs import Figures, Proof, require_proved

CALENDAR = "calendar"  # One stream for a book: months close in order, so the last one is enough.


class PeriodState(StrEnum):
    OPEN = "open"
    SOFT_CLOSED = "soft_closed"
    HARD_CLOSED = "hard_closed"


class AccountingPeriod(Aggregate):
    """The book's calendar: how far it is soft-closed, and how far hard-closed."""

    TOPIC = "partsledger:AccountingPeriod"
    KIND = "periods"

    class Opened(FirstFact):
        TOPIC = "partsledger:AccountingPeriod.Opened"

    class SoftClosed(BookedFact):
        TOPIC = "partsledger:AccountingPeriod.SoftClosed"
        month: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            aggregate.soft_closed_through = self.month
            aggregate.soft_closers[self.month] = self.actor
            aggregate.last = Done("soft-closed", self.days)

    class EntryApproved(BookedFact):
        """Another person may make one entry in a soft-closed month: see `ApprovedEntry`."""

        TOPIC = "partsledger:AccountingPeriod.EntryApproved"
        month: str
        approved_document: str
        kind: str
        party: str
        amount_minor: int
        currency: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            entry = ApprovedEntry(
                self.month, self.approved_document, self.kind, self.party, self.amount_minor,
                self.currency,
            )  # fmt: skip
            aggregate.approvals[self.originator_version] = Approval(entry, self.actor)
            aggregate.last = Done("had an entry approved", self.days)

    class ApprovalUsed(BookedFact):
        """The entry was made, on the days of this fact: its approval lets in no other one.

        `approval_version` is that of the fact of this stream that approved it, and `entered` the
        stream of the document.
        """

        TOPIC = "partsledger:AccountingPeriod.ApprovalUsed"
        month: str
        approval_version: int
        entered: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            del aggregate.approvals[self.approval_version]

    class ReopeningRequested(BookedFact):
        TOPIC = "partsledger:AccountingPeriod.ReopeningRequested"
        month: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            aggregate.reopening = (self.month, self.actor)
            aggregate.last = Done("asked to be reopened", self.days)

    class Reopened(BookedFact):
        TOPIC = "partsledger:AccountingPeriod.Reopened"
        month: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            before = previous_month(self.month)
            closers = {last: who for last, who in aggregate.soft_closers.items() if last < before}
            if aggregate.state(before) is PeriodState.SOFT_CLOSED:
                closers[before] = aggregate.soft_closer(before)
            aggregate.soft_closers = closers
            aggregate.soft_closed_through = before
            aggregate.reopening = aggregate.hard_closing = None
            aggregate.forget_approvals(lambda month: month >= self.month)
            aggregate.last = Done("reopened", self.days)

    class HardCloseRequested(BookedFact):
        TOPIC = "partsledger:AccountingPeriod.HardCloseRequested"
        month: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            aggregate.hard_closing = (self.month, self.actor)
            aggregate.last = Done("asked to be hard-closed", self.days)

    class HardClosed(BookedFact):
        """The month is final. `proofs` are what it was closed on, read at `proved_at` of the log:
        each holds two sums that are the same, and all `dealers_with_lines` were stated."""

        TOPIC = "partsledger:AccountingPeriod.HardClosed"
        month: str
        proved_at: int
        proofs: tuple[Proof, ...]
        dealers_with_lines: int
        dealers_stated: int

        def apply(self, aggregate: "AccountingPeriod") -> None:
            aggregate.hard_closed_through = self.month
            aggregate.hard_closing = None
            aggregate.forget_approvals(lambda month: month <= self.month)
            aggregate.last = Done("hard-closed", self.days)

    def __init__(self) -> None:
        self.soft_closed_through = ""
        self.hard_closed_through = ""
        self.approvals: dict[int, Approval] = {}  # Not used yet, by the version of their fact.
        self.reopening: tuple[str, str] | None = None  # The month, and who asked.
        self.hard_closing: tuple[str, str] | None = None
        self.soft_closers: dict[str, str] = {}  # By the last month that each closed.
        self.last: Done | None = None

    @classmethod
    def open(cls, command: Command) -> Self:
        return cls._first(cls.Opened, CALENDAR, command)

    def state(self, month: str) -> PeriodState:
        if month <= self.hard_closed_through:
            return PeriodState.HARD_CLOSED
        if month <= self.soft_closed_through:
            return PeriodState.SOFT_CLOSED
        return PeriodState.OPEN

    def soft_close(self, command: Command, booking: Booking, month: str) -> None:
        """Closes the month and all before it, once it is over."""
        self._require(booking, month, PeriodState.OPEN, "soft-close")
        if booking.occurred_on < first_day(next_month(month)):
            raise PeriodOutOfOrder(
                f"{month} is not over on {booking.occurred_on}", month=month, on=booking.occurred_on
            )
        self._record(self.SoftClosed, command, booking, month=month)

    def approve_entry(self, command: Command, booking: Booking, entry: ApprovedEntry) -> None:
        """Lets somebody else make just this entry, once, until the month is opened or closed."""
        self._require(booking, entry.month, PeriodState.SOFT_CLOSED, "approve an entry")
        self._record(
            self.EntryApproved, command, booking,
            month=entry.month, approved_document=entry.document, kind=entry.kind,
            party=entry.party, amount_minor=entry.amount_minor, currency=entry.currency,
        )  # fmt: skip

    def approved(self, month: str, document: str) -> dict[int, Approval]:
        """The approvals of a document that are not used yet, the oldest first."""
        return {
            version: approval
            for version, approval in self.approvals.items()
            if (approval.entry.month, approval.entry.document) == (month, document)
        }

    def use_approvals(self, command: Command, document: object) -> None:
        """For each soft-closed month that the command enters, uses up what it was approved by.

        Refuses what was approved as something else.
        """
        assert isinstance(document, Aggregate), "a dated use case returns its document"
        for month, booking in command.approved.items():
            approvals = self.approved(month, booking.document)
            by_others = {v: a for v, a in approvals.items() if a.approver != command.actor}
            entry = entered(document, command.facts, month)
            version = matching(by_others, entry)
            self._record(
                self.ApprovalUsed, command, booking,
                month=month, approval_version=version, entered=entry.stream,
            )  # fmt: skip

    def forget_approvals(self, of: Callable[[str], bool]) -> None:
        """Those of such months are void."""
        self.approvals = {
            version: approval
            for version, approval in self.approvals.items()
            if not of(approval.entry.month)
        }

    def request_reopening(self, command: Command, booking: Booking, month: str) -> None:
        self._require(booking, month, PeriodState.SOFT_CLOSED, "reopen")
        self._record(self.ReopeningRequested, command, booking, month=month)

    def reopen(self, command: Command, booking: Booking, month: str) -> None:
        """Opens the month and all after it again; the second of two people does it."""
        self._require(booking, month, PeriodState.SOFT_CLOSED, "reopen")
        self._require_second(self.reopening, month, command, "reopen")
        self._record(self.Reopened, command, booking, month=month)

    def request_hard_close(self, command: Command, booking: Booking, month: str) -> None:
        """Asks for a month to be closed for good. Only what is soft-closed can be."""
        self._require(booking, month, PeriodState.SOFT_CLOSED, "hard-close")
        self._record(self.HardCloseRequested, command, booking, month=month)

    def hard_close(self, command: Command, booking: Booking, month: str, figures: Figures) -> None:
        """Final; the second of two people does it, after who has soft-closed the month or asked for
        this. Refused while a proof of the month fails.

        An entry that was approved may have come in since the figures were read; then they have to
        be read again.
        """
        self._require(booking, month, PeriodState.SOFT_CLOSED, "hard-close")
        if self.hard_closing and self.hard_closing[0] == month:
            self._require_second(self.hard_closing, month, command, "hard-close")
        elif people.is_same(self.soft_closer(month), command.actor):
            raise SamePerson(command.actor, "soft-closed", "hard-close")
        if figures.calendar_version != self.version:
            raise Stale(self._id, str(figures.calendar_version), str(self.version))
        proofs = require_proved(month, figures)
        self._record(
            self.HardClosed, command, booking,
            month=month, proved_at=figures.position, proofs=proofs,
            dealers_with_lines=figures.dealers_with_lines,
            dealers_stated=figures.dealers_with_lines - len(figures.not_stated),
        )  # fmt: skip

    def soft_closer(self, month: str) -> str:
        """Who soft-closed a month, perhaps together with later ones."""
        return next(actor for last, actor in self.soft_closers.items() if last >= month)

    def first_open_day(self) -> date:
        """The first day after every closed month."""
        return first_day(next_month(max(self.soft_closed_through, self.hard_closed_through)))

    def _require(self, booking: Booking, month: str, state: PeriodState, action: str) -> None:
        """Refuses a step the month is not ready for, or one before the last step of any month."""
        if self.state(month) is not state:
            raise NotAllowedInState("period", month, self.state(month), action)
        if self.last is not None:
            booking.require_after(self.last)

    def _require_second(
        self, request: tuple[str, str] | None, month: str, command: Command, action: str
    ) -> None:
        """Refuses what nobody has asked for, and what one has asked for oneself."""
        if request is None or request[0] != month:
            raise NotAllowedInState("period", month, "without a request", action)
        if people.is_same(request[1], command.actor):
            raise SamePerson(command.actor, "requested", action)
