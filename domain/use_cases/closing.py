"""Closes the book's months, and lets single documents into a soft-closed one."""

from typing import Final

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.aggregates import AGGREGATES
from domain.approvals import ApprovedEntry
from domain.days import Days
from domain.errors import InvalidValue
from domain.facts import Booking, Command, FirstBookedFact
from domain.ledger import Ledger
from domain.proofs import Figures
from domain.use_cases.booking import Occurrence, require_past

# The kinds of documents that are entered into months: all others begin without a day.
ENTERED: Final = tuple(
    sorted(
        kind.KIND
        for kind in AGGREGATES
        if any(
            isinstance(fact, type) and issubclass(fact, FirstBookedFact)
            for fact in vars(kind).values()
        )
    )
)


def soft_close(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.soft_close(command, _booking(command, occurrence, month), month)
    return calendar


def approve_entry(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, entry: ApprovedEntry
) -> AccountingPeriod:
    """Lets someone else make one entry in a soft-closed month."""
    if entry.kind not in ENTERED:
        raise InvalidValue("kind", entry.kind, f"must be one of {', '.join(ENTERED)}")
    calendar = _calendar(ledger, command)
    calendar.approve_entry(command, _booking(command, occurrence, entry.month), entry)
    return calendar


def request_reopening(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.request_reopening(command, _booking(command, occurrence, month), month)
    return calendar


def reopen(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.reopen(command, _booking(command, occurrence, month), month)
    return calendar


def request_hard_close(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.request_hard_close(command, _booking(command, occurrence, month), month)
    return calendar


def hard_close(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str, figures: Figures
) -> AccountingPeriod:
    """Closes a month on figures that are still true: since they were read, nothing entered it."""
    calendar = _calendar(ledger, command)
    calendar.hard_close(command, _booking(command, occurrence, month), month, figures)
    return calendar


def _calendar(ledger: Ledger, command: Command) -> AccountingPeriod:
    """The book's calendar, opened by the first command that needs it."""
    found = ledger.find(AccountingPeriod, CALENDAR)
    return found if found is not None else ledger.add(AccountingPeriod.open(command))


def _booking(command: Command, occurrence: Occurrence, month: str) -> Booking:
    """What is done to a month counts on the day it is done, whichever months are closed."""
    require_past(command, occurrence.on)
    return Booking(Days(occurrence.on, occurrence.on), occurrence.document or month)
