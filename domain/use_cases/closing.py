"""Closes the book's months, and lets single documents into a soft-closed one."""

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.days import Days
from domain.facts import Booking, Command
from domain.ledger import Ledger
from domain.use_cases.booking import Occurrence, require_past


def soft_close(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.soft_close(command, _booking(command, occurrence), month)
    return calendar


def approve_entry(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str, document: str
) -> AccountingPeriod:
    """Lets someone else enter one document into a soft-closed month."""
    calendar = _calendar(ledger, command)
    calendar.approve_entry(command, _booking(command, occurrence), month, document)
    return calendar


def request_reopening(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.request_reopening(command, _booking(command, occurrence), month)
    return calendar


def reopen(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.reopen(command, _booking(command, occurrence), month)
    return calendar


def hard_close(
    ledger: Ledger, command: Command, *, occurrence: Occurrence, month: str
) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.hard_close(command, _booking(command, occurrence), month)
    return calendar


def _calendar(ledger: Ledger, command: Command) -> AccountingPeriod:
    """The book's calendar, opened by the first command that needs it."""
    found = ledger.find(AccountingPeriod, CALENDAR)
    return found if found is not None else ledger.add(AccountingPeriod.open(command))


def _booking(command: Command, occurrence: Occurrence) -> Booking:
    """What is done to a month counts on the day it is done, whichever months are closed."""
    require_past(command, occurrence.on)
    return Booking(Days(occurrence.on, occurrence.on), occurrence.document)
