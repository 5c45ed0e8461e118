"""Closes the book's months, and lets single documents into a soft-closed one."""

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.facts import Command
from domain.ledger import Ledger


def soft_close(ledger: Ledger, command: Command, *, month: str) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.soft_close(command, month)
    return calendar


def approve_entry(
    ledger: Ledger, command: Command, *, month: str, document: str
) -> AccountingPeriod:
    """Lets someone else enter one document into a soft-closed month."""
    calendar = _calendar(ledger, command)
    calendar.approve_entry(command, month, document)
    return calendar


def request_reopening(ledger: Ledger, command: Command, *, month: str) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.request_reopening(command, month)
    return calendar


def reopen(ledger: Ledger, command: Command, *, month: str) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.reopen(command, month)
    return calendar


def hard_close(ledger: Ledger, command: Command, *, month: str) -> AccountingPeriod:
    calendar = _calendar(ledger, command)
    calendar.hard_close(command, month)
    return calendar


def _calendar(ledger: Ledger, command: Command) -> AccountingPeriod:
    """The book's calendar, opened by the first command that needs it."""
    found = ledger.find(AccountingPeriod, CALENDAR)
    return found if found is not None else ledger.add(AccountingPeriod.open(command))
