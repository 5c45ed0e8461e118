"""On which day a fact counts: the rule for every dated command (docs/domain.md, "Period")."""

from datetime import date
from typing import NamedTuple

from domain import people
from domain.accounting_period import CALENDAR, AccountingPeriod, PeriodState
from domain.days import Days
from domain.errors import FutureDate, PeriodClosed, PeriodSoftClosed, SamePerson
from domain.facts import Booking, Command
from domain.ledger import Ledger
from domain.months import month_of


class Occurrence(NamedTuple):
    """When something happened, on which paper, and whether it may be booked late.

    `late` lets a fact of a hard-closed month count on the first open day instead of being
    refused; it then keeps the day it happened and is marked prior-period.
    """

    on: date
    document: str = ""
    late: bool = False


def book(ledger: Ledger, command: Command, occurrence: Occurrence, number: str) -> Booking:
    """The day it counts, and the document: where none is given, the `number` of what is entered.

    Refuses future dates, closed months, and unapproved soft-closed ones.
    """
    day, late = occurrence.on, occurrence.late
    document = occurrence.document or number
    require_past(command, day)
    calendar = ledger.find(AccountingPeriod, CALENDAR)
    state = calendar.state(month_of(day)) if calendar else PeriodState.OPEN
    if calendar is None or state is PeriodState.OPEN:
        return Booking(Days(day, day), document)
    if state is PeriodState.HARD_CLOSED and late:
        return Booking(Days(day, calendar.first_open_day()), document)
    if state is PeriodState.HARD_CLOSED:
        raise PeriodClosed(
            f"{month_of(day)} is closed for ever; as a late entry it counts on"
            f" {calendar.first_open_day()}",
            month=month_of(day), date=day, first_open_day=calendar.first_open_day(),
        )  # fmt: skip
    _require_approval(calendar, command, month_of(day), document)
    booking = Booking(Days(day, day), document)
    command.approved.setdefault(month_of(day), booking)
    return booking


def open_from(ledger: Ledger) -> date:
    """The first day of the first open month; no month after it is closed."""
    calendar = ledger.find(AccountingPeriod, CALENDAR)
    return calendar.first_open_day() if calendar else date.min


def require_past(command: Command, day: date) -> None:
    """Refuses a day that has not come yet."""
    if day > command.today:
        raise FutureDate(f"{day} is after today, {command.today}", date=day, today=command.today)


def _require_approval(
    calendar: AccountingPeriod, command: Command, month: str, document: str
) -> None:
    """Refuses what nobody else has approved. Whether it is what was approved shows in the end, when
    its facts are there (`Ledger.decide`)."""
    approvers = {approval.approver for approval in calendar.approved(month, document).values()}
    if not approvers:
        raise PeriodSoftClosed(
            f"{month} is soft-closed: document {document} needs an approval",
            month=month, document=document,
        )  # fmt: skip
    if all(people.is_same(approver, command.actor) for approver in approvers):
        raise SamePerson(command.actor, "approved", "enter")
