"""The model's books: accounts as sums, stock as rows, months as a calendar.

A model and not a ledger: no facts and no streams, and an account is a number. It shares no code
with the domain.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from tests.simulation.model_stock import Day, Row, count, cut, joined, less, nearest, there, worth
from tests.simulation.trade import (
    CURRENCIES,
    CURRENCY,
    CUSTODY,
    DEALERS,
    TODAY,
    VAT_PERCENTS,
    WAREHOUSES,
    Approved,
    Reasons,
    When,
)


@dataclass
class OpenItem:
    account: str
    amount: int
    due_on: date
    since: date


@dataclass(frozen=True)
class Line:
    """What a memo may correct: on an account of the dealer, against one for its net amount and the
    pending tax. The tax of claims is on no account before it is invoiced."""

    account: str
    against: str
    gross: int
    tax: int = 0
    claims_tax: int = 0
    is_memo: bool = False

    def part(self, amount: int) -> "Line":
        """As much of it as an amount is of its gross."""
        tax, claims_tax = (
            nearest(Fraction(of * amount, self.gross)) for of in (self.tax, self.claims_tax)
        )
        return Line(self.account, self.against, amount, tax, claims_tax)

    def less(self, other: "Line") -> "Line":
        gross, tax = self.gross - other.gross, self.tax - other.tax
        claims_tax = self.claims_tax - other.claims_tax
        return Line(self.account, self.against, gross, tax, claims_tax, is_memo=True)

    def takes(self, memos: int) -> bool:
        """Whether all of its memos may be this much together: a memo is only taken back."""
        return abs(memos) <= abs(self.gross) and not (self.is_memo and memos * self.gross > 0)


@dataclass
class MonthSums:
    debit: int = 0
    credit: int = 0
    sales_tax: int = 0
    claims_tax: int = 0
    invoiced: set[str] = field(default_factory=set)  # 6001 if there are sales, 2801 if claims.
    lines: list[int] = field(default_factory=list)


@dataclass
class Account:
    """A dealer's: open items, months not stated yet, and how many facts its stream has."""

    items: dict[str, OpenItem] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)  # By version.
    months: defaultdict[str, MonthSums] = field(default_factory=lambda: defaultdict(MonthSums))
    stated_through: str = ""
    stated: int = 0
    version: int = 1


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def first_day_after(month: str) -> date:
    return (date.fromisoformat(f"{month}-28") + timedelta(days=4)).replace(day=1)


def next_month(month: str) -> str:
    return month_of(first_day_after(month)) if month else ""


def half_up(amount: int, percent: int) -> int:
    return (amount * percent + 50) // 100


def vat_percent(day: date) -> int:
    """Of what is sold on a day."""
    return VAT_PERCENTS[max(first for first in VAT_PERCENTS if first <= day)]


def before(day: Day, earlier: Day) -> set[str]:
    """The refusal of what happened, or would count, before the step it follows."""
    return {"OUT_OF_SEQUENCE"} if day[0] < earlier[0] or day[1] < earlier[1] else set()


def later(one: Day, other: Day) -> Day:
    return max(one[0], other[0]), max(one[1], other[1])


def exists(place: str) -> bool:
    dealer = place.removeprefix("consignment.")
    return place in (*WAREHOUSES, CUSTODY) or (dealer != place and dealer in DEALERS)


def stock_account(place: str) -> tuple[str, str]:
    if place.startswith("consignment."):
        return "1406", "dealers/" + place.removeprefix("consignment.")
    return ("1407" if place == CUSTODY else "1405"), f"places/{place}"


FIRST_MONTH: Final = "2020-01"  # Nothing happens before it.


class Books:
    def __init__(self) -> None:
        self.balances: Counter[tuple[str, str, str]] = Counter()
        self.stock: defaultdict[tuple[str, str], Row] = defaultdict(list)
        self.accounts = {dealer: Account() for dealer in DEALERS}
        self.item_days: Counter[tuple[str, str, date]] = Counter()
        self.soft = self.hard = ""
        self.approvals: list[tuple[Approved, str]] = []  # Not used yet; and by whom.
        self.reopening: tuple[str, str] | None = None
        self.hard_closing: tuple[str, str] | None = None
        self.soft_closers: dict[str, str] = {}  # Of each soft-closed month.
        self.closed_on = date.min  # The last thing that was done to a month.

    def day(self, actor: str, when: When, *entry: object) -> tuple[Day, set[str]]:
        """The day of an entry, the day it counts, and what forbids it.

        `entry` is the kind, party and amount of those that the histories let into closed months.
        """
        month, same = month_of(when.on), (when.on, when.on)
        if when.on > TODAY:
            return same, {"FUTURE_DATE"}
        if month <= self.hard:
            first_open = first_day_after(max(self.soft, self.hard))
            return (when.on, first_open), set() if when.late else {"PERIOD_CLOSED"}
        if month <= self.soft:
            known = [each for each in self.approvals if each[0][:2] == (month, when.document)]
            if not known:
                return same, {"PERIOD_SOFT_CLOSED"}
            if all(approver == actor for _, approver in known):
                return same, {"SAME_PERSON"}
            fits = self._approval(actor, when, entry)
            return same, {"NOT_AS_APPROVED"} if fits is None else set()
        return same, set()

    def use_approval(self, actor: str, when: When, *entry: object) -> None:
        """An entry that was made uses up what let it in."""
        fits = self._approval(actor, when, entry)
        if fits is not None and month_of(when.on) <= self.soft:
            del self.approvals[fits]

    def _approval(self, actor: str, when: When, entry: tuple[object, ...]) -> int | None:
        wanted = (month_of(when.on), when.document, *entry)
        fitting = [
            place
            for place, (approved, approver) in enumerate(self.approvals)
            if approved == wanted and approver != actor
        ]
        return fitting[0] if fitting else None

    def post(
        self, debit: tuple[str, str], credit: tuple[str, str], amount: int, currency: str = CURRENCY
    ) -> None:
        self.balances[(*debit, currency)] += amount
        self.balances[(*credit, currency)] -= amount

    def oldest(self, place: str, part: str, quantity: int, day: Day) -> Row | None:
        """The pieces that leave first among those that had arrived; None if too few had."""
        lying = [batch for batch in self.stock[place, part] if there(batch, day)]
        return cut(lying, quantity)[0] if quantity <= count(lying) else None

    def take_out(self, place: str, part: str, pieces: Row, debit: tuple[str, str]) -> None:
        self.stock[place, part] = less(self.stock[place, part], pieces)
        self.post(debit, stock_account(place), worth(pieces))

    def put_in(self, place: str, part: str, pieces: Row, credit: tuple[str, str]) -> None:
        self.stock[place, part] = joined(self.stock[place, part] + pieces)
        self.post(stock_account(place), credit, worth(pieces))

    def raise_item(
        self, dealer: str, item: str, account: str, amount: int, due_on: date,
        since: date | None = None,
    ) -> None:  # fmt: skip
        """Adds to an open item, or opens it; it is gone when nothing is open."""
        since = since or due_on
        open_item = self.accounts[dealer].items.setdefault(
            item, OpenItem(account, 0, due_on, since)
        )
        open_item.since = max(open_item.since, since)
        self._change(dealer, item, amount, since)

    def clear(self, dealer: str, item: str, amount: int, day: Day) -> None:
        """Takes off an open item, on a day on which it is there."""
        assert day[1] >= self.accounts[dealer].items[item].since
        self._change(dealer, item, amount, day[1])

    def _change(self, dealer: str, item: str, amount: int, day: date) -> None:
        items = self.accounts[dealer].items
        items[item].amount += amount
        self.balances[items[item].account, f"dealers/{dealer}", CURRENCIES[dealer]] += amount
        self.item_days[dealer, item, day] += amount
        if items[item].amount == 0:
            del items[item]

    def set_off_on(self, dealer: str, day: Day, *pair: str) -> Day:
        """When two items are both there, from a day on, and when it counts that they are set off.

        Where the month of a later day is closed, that is the first day after all closed ones.
        """
        since = max(self.accounts[dealer].items[item].since for item in pair)
        if since <= day[1]:
            return day
        closed = max(self.soft, self.hard)
        return since, max(since, first_day_after(closed)) if closed else since

    def state_line(self, dealer: str, day: Day, net: int, line: Line | None = None) -> None:
        """Puts a line on the first statement that can still take it."""
        account = self.accounts[dealer]
        account.version += 1
        sums = account.months[max(month_of(day[1]), next_month(account.stated_through))]
        sums.debit += max(net, 0)
        sums.credit += max(-net, 0)
        sums.lines.append(account.version)
        if line:
            account.lines[account.version] = line
            sums.sales_tax += line.tax
            sums.claims_tax += line.claims_tax
            sums.invoiced.add(line.against)

    def post_line(self, dealer: str, item: str, line: Line, day: Day, due_on: date) -> None:
        """Posts a line and puts it on its statement."""
        self.raise_item(dealer, item, line.account, line.gross, due_on, since=day[1])
        self.balances[line.against, "", CURRENCIES[dealer]] -= line.gross - line.tax
        self.balances["2221.pend", "", CURRENCIES[dealer]] -= line.tax
        self.state_line(dealer, day, line.gross, line)

    # The calendar.

    def state_of(self, month: str) -> str:
        return "hard" if month <= self.hard else "soft" if month <= self.soft else "open"

    def soft_close(self, actor: str, when: When, month: str) -> Reasons:
        reasons = self._unless(when, month, "open")
        if first_day_after(month) > when.on:
            reasons |= {"PERIOD_OUT_OF_ORDER"}
        if not reasons:
            self.soft, self.closed_on = month, when.on
            while month > max(self.hard, FIRST_MONTH) and month not in self.soft_closers:
                self.soft_closers[month] = actor
                month = month_before(month)
        return reasons

    def approve_entry(self, actor: str, when: When, entry: Approved) -> Reasons:
        reasons = self._unless(when, entry.month, "soft")
        if not reasons:
            self.approvals.append((entry, actor))
            self.closed_on = when.on
        return reasons

    def request_reopening(self, actor: str, when: When, month: str) -> Reasons:
        reasons = self._unless(when, month, "soft")
        if not reasons:
            self.reopening, self.closed_on = (month, actor), when.on
        return reasons

    def reopen(self, actor: str, when: When, month: str) -> Reasons:
        reasons = self._unless(when, month, "soft") | _unless_asked(self.reopening, actor, month)
        if not reasons:
            self.soft = month_before(month)
            self.soft_closers = {m: who for m, who in self.soft_closers.items() if m < month}
            self.reopening = self.hard_closing = None
            self.closed_on = when.on
            self.approvals = [each for each in self.approvals if each[0].month < month]
        return reasons

    def request_hard_close(self, actor: str, when: When, month: str) -> Reasons:
        reasons = self._unless(when, month, "soft")
        if not reasons:
            self.hard_closing, self.closed_on = (month, actor), when.on
        return reasons

    def hard_close(self, actor: str, when: When, month: str) -> Reasons:
        reasons = self._unless(when, month, "soft")
        asked = self.hard_closing if self.hard_closing and self.hard_closing[0] == month else None
        first = asked[1] if asked else self.soft_closers.get(month)
        reasons |= {"SAME_PERSON"} if first == actor else set()
        if any(
            each == month and sums.lines
            for account in self.accounts.values()
            for each, sums in account.months.items()
        ):
            reasons |= {"PROOF_FAILED"}
        if not reasons:
            self.hard, self.hard_closing, self.closed_on = month, None, when.on
            self.approvals = [each for each in self.approvals if each[0].month > month]
        return reasons

    def _unless(self, when: When, month: str, state: str) -> Reasons:
        reasons = frozenset({"FUTURE_DATE"}) if when.on > TODAY else frozenset()
        reasons |= {"OUT_OF_SEQUENCE"} if when.on < self.closed_on else set()
        return reasons | ({"NOT_ALLOWED_IN_STATE"} if self.state_of(month) != state else set())


def month_before(month: str) -> str:
    return month_of(date.fromisoformat(f"{month}-01") - timedelta(days=1))


def _unless_asked(request: tuple[str, str] | None, actor: str, month: str) -> Reasons:
    """What takes two people: one asks, another does it."""
    if request is None or request[0] != month:
        return frozenset({"NOT_ALLOWED_IN_STATE"})
    return frozenset({"SAME_PERSON"} if request[1] == actor else ())
