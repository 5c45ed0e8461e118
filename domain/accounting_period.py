"""Which months may still be written to: the book's accounting periods 会计期间.

A month is open, soft-closed (an entry needs another person's approval) or hard-closed (nothing
enters, for ever). Months are closed in order, so that the opening balance of a closed month cannot
change either.
"""

from datetime import date
from enum import StrEnum
from typing import Self

from domain import people
from domain.days import Done
from domain.errors import NotAllowedInState, PeriodOutOfOrder, SamePerson
from domain.facts import Aggregate, BookedFact, Booking, Command, FirstFact
from domain.months import first_day, next_month, previous_month

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
            aggregate.last = Done("soft-closed", self.days)

    class EntryApproved(BookedFact):
        """Another person may enter one document into a soft-closed month."""

        TOPIC = "partsledger:AccountingPeriod.EntryApproved"
        month: str
        approved_document: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            aggregate.approvals[(self.month, self.approved_document)] = self.actor
            aggregate.last = Done("had an entry approved", self.days)

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
            aggregate.soft_closed_through = previous_month(self.month)
            aggregate.reopening = None
            aggregate.last = Done("reopened", self.days)

    class HardClosed(BookedFact):
        TOPIC = "partsledger:AccountingPeriod.HardClosed"
        month: str

        def apply(self, aggregate: "AccountingPeriod") -> None:
            aggregate.hard_closed_through = self.month
            aggregate.approvals = {
                key: actor for key, actor in aggregate.approvals.items() if key[0] > self.month
            }
            aggregate.last = Done("hard-closed", self.days)

    def __init__(self) -> None:
        self.soft_closed_through = ""
        self.hard_closed_through = ""
        self.approvals: dict[tuple[str, str], str] = {}
        self.reopening: tuple[str, str] | None = None
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

    def approve_entry(self, command: Command, booking: Booking, month: str, document: str) -> None:
        self._require(booking, month, PeriodState.SOFT_CLOSED, "approve an entry")
        self._record(self.EntryApproved, command, booking, month=month, approved_document=document)

    def request_reopening(self, command: Command, booking: Booking, month: str) -> None:
        self._require(booking, month, PeriodState.SOFT_CLOSED, "reopen")
        self._record(self.ReopeningRequested, command, booking, month=month)

    def reopen(self, command: Command, booking: Booking, month: str) -> None:
        """Opens the month and all after it again; the second of two people does it."""
        self._require(booking, month, PeriodState.SOFT_CLOSED, "reopen")
        if self.reopening is None or self.reopening[0] != month:
            raise NotAllowedInState("period", month, "without a request", "reopen")
        if people.is_same(self.reopening[1], command.actor):
            raise SamePerson(command.actor, "requested", "reopen")
        self._record(self.Reopened, command, booking, month=month)

    def hard_close(self, command: Command, booking: Booking, month: str) -> None:
        """Final. Only what is soft-closed can be hard-closed."""
        self._require(booking, month, PeriodState.SOFT_CLOSED, "hard-close")
        self._record(self.HardClosed, command, booking, month=month)

    def first_open_day(self) -> date:
        """The first day after every closed month."""
        return first_day(next_month(max(self.soft_closed_through, self.hard_closed_through)))

    def _require(self, booking: Booking, month: str, state: PeriodState, action: str) -> None:
        """Refuses a step the month is not ready for, or one before the last step of any month."""
        if self.state(month) is not state:
            raise NotAllowedInState("period", month, self.state(month), action)
        if self.last is not None:
            booking.require_after(self.last)
