"""A dealer's account: every item owed either way, and the months it is stated in.

Guarantees: the balance is the sum of the open items, on every day; a line stands on exactly one
statement; a stated month never changes, what comes later for it stands on the next statement; on no
day is an item cleared that is not there yet (domain/clearing.py). Its stream is chained in the log,
so an entry that is missing between two others is noticed (docs/promises.md, "The exact bytes are
hashed, and account streams are chained").
"""

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Self

from domain import accounts
from domain.clearing import Allocation, Netting, OpenBalance, allocated, in_facts, nettings
from domain.errors import StatementOutOfOrder
from domain.facts import Aggregate, Booking, Cause, CausedFact, Command, FirstCausedFact, fact_name
from domain.lines import MOST_POSTINGS, Posting
from domain.months import month_of, next_month
from domain.statement import MonthSums, StatedRow, Statement, content_hash, items_hash
from domain.stored import Stored


class AccountState(Stored):
    """What a snapshot of a dealer account holds."""

    dealer: str
    currency: str
    items: dict[str, OpenBalance]
    months: dict[str, MonthSums]
    stated_through: str
    stated_minor: int


class AccountFact(CausedFact):
    """A line of the account; `statement_month` is the statement it stands on."""

    statement_month: str

    def apply(self, aggregate: "DealerAccount") -> None:
        aggregate.apply_postings(self, claims_tax_minor=0)


class ClaimsFact(AccountFact):
    """A line whose tax is on no account before the dealer has invoiced its claims.

    `claims_tax_minor` is by how much this line raises the tax of the month's invoice for claims.
    """

    claims_tax_minor: int

    def apply(self, aggregate: "DealerAccount") -> None:
        aggregate.apply_postings(self, self.claims_tax_minor)


class DealerAccount(Aggregate):
    """The receivable (1122) and the claims payable (2241) of one dealer, in its one currency."""

    TOPIC = "partsledger:DealerAccount"
    KIND = "accounts"
    STATE = AccountState

    class Opened(FirstCausedFact):
        TOPIC = "partsledger:DealerAccount.Opened"
        dealer: str
        currency: str

    class SaleInvoiced(AccountFact):
        TOPIC = "partsledger:DealerAccount.SaleInvoiced"

    class ClaimCredited(ClaimsFact):
        TOPIC = "partsledger:DealerAccount.ClaimCredited"

    class ClaimChargedBack(ClaimsFact):
        TOPIC = "partsledger:DealerAccount.ClaimChargedBack"

    class ReturnCredited(AccountFact):
        TOPIC = "partsledger:DealerAccount.ReturnCredited"

    class PaymentReceived(AccountFact):
        TOPIC = "partsledger:DealerAccount.PaymentReceived"

    class PaidOut(AccountFact):
        TOPIC = "partsledger:DealerAccount.PaidOut"

    class CreditAllocated(AccountFact):
        """A payment is set against an item that is younger, on the day that one counts from."""

        TOPIC = "partsledger:DealerAccount.CreditAllocated"

    class ItemsNetted(AccountFact):
        TOPIC = "partsledger:DealerAccount.ItemsNetted"

    class ClaimsInvoiced(AccountFact):
        """The dealer's own invoice for its credited claims: the tax on top."""

        TOPIC = "partsledger:DealerAccount.ClaimsInvoiced"

    class MemoPosted(ClaimsFact):
        """A credit or debit memo that corrects the line of a version of this account."""

        TOPIC = "partsledger:DealerAccount.MemoPosted"
        line_version: int

    class StatementClosed(CausedFact):
        TOPIC = "partsledger:DealerAccount.StatementClosed"
        statement: Statement

        def apply(self, aggregate: "DealerAccount") -> None:
            aggregate.stated_through = self.statement.month
            aggregate.stated_minor = self.statement.closing_minor
            aggregate.months.pop(self.statement.month, None)

    def __init__(self, dealer: str, currency: str) -> None:
        self.dealer = dealer
        self.currency = currency
        self.items: dict[str, OpenBalance] = {}
        self.months: dict[str, MonthSums] = {}
        self.stated_through = ""
        self.stated_minor = 0

    @classmethod
    def open(cls, command: Command, cause: Cause, dealer: str, currency: str) -> Self:
        return cls._first(
            cls.Opened, dealer, command, dealer=dealer, currency=currency,
            caused_by=cause.stream, caused_by_version=cause.version,
        )  # fmt: skip

    @property
    def party(self) -> str:
        return f"dealers/{self.dealer}"

    def post(
        self,
        command: Command,
        fact: type[AccountFact],
        booking: Booking,
        postings: tuple[Posting, ...],
        **more: int,
    ) -> None:
        """Records a line of the account with its balanced postings, and what else the fact has."""
        month = max(month_of(booking.effective_on), self._first_unstated)
        self._record(fact, command, booking, postings=postings, statement_month=month, **more)

    def raise_item(
        self,
        account: str,
        item: str,
        amount_minor: int,
        due_on: date,
        against: Iterable[tuple[str, int]],
    ) -> tuple[Posting, ...]:
        """Postings that raise an open item, against (account, amount) pairs that balance it."""
        return (
            self._posting(account, amount_minor, item, due_on),
            *(
                Posting(account=other, amount_minor=amount, currency=self.currency)
                for other, amount in against
                if amount
            ),
        )

    def pay(
        self,
        command: Command,
        booking: Booking,
        payment: str,
        amount_minor: int,
        allocations: tuple[Allocation, ...],
        open_from: date,
    ) -> None:
        """Takes a payment: as allocated, or without allocations against the oldest items due.

        What it pays of items that are younger, and what is left over, is an item of its own in the
        dealer's favour: until those items count, and for good. No month is closed from `open_from`.
        """
        chosen = allocated(self.items, payment, amount_minor, allocations)
        day, credit = booking.effective_on, f"payments/{payment}"
        there = (item for item in chosen if self.items[item].effective_on <= day)
        at_once = list(islice(there, MOST_POSTINGS - 2))  # The bank and the rest are two more.
        postings = [
            Posting(account=accounts.BANK, amount_minor=amount_minor, currency=self.currency)
        ]
        postings += [self._clearing(item, -chosen.pop(item)) for item in at_once]
        rest = sum(posting.amount_minor for posting in postings)
        if rest:
            postings.append(self._posting(accounts.RECEIVABLE, -rest, credit, day))
        self.post(command, self.PaymentReceived, booking, tuple(postings))
        later = [Netting(credit, item, part) for item, part in chosen.items()]
        self._set_off(command, self.CreditAllocated, booking, later, open_from)

    def net(self, command: Command, booking: Booking, open_from: date) -> dict[str, Booking]:
        """Sets what is owed to the dealer against what it owes, oldest due first on both sides.

        Returns the items that this clears in full, in the order of their names, and when each is.
        Records nothing when there is nothing to net.
        """
        pairs = nettings(self.items)
        return dict(sorted(self._set_off(command, self.ItemsNetted, booking, pairs, open_from)))

    def close_statement(self, command: Command, booking: Booking, month: str) -> Statement:
        """States a month: nothing is added to it afterwards."""
        earlier = [other for other in self.months if other < month]
        if earlier or month < self._first_unstated:
            raise StatementOutOfOrder(
                f"{self.dealer}: {month} cannot be stated: the last stated month is"
                f" {self.stated_through or 'none'}, and the first earlier month that has lines"
                f" and is not stated is {min(earlier, default='none')}",
                dealer=self.dealer, month=month, stated_through=self.stated_through,
                first_open=min(earlier, default=""),
            )  # fmt: skip
        sums = self.months.get(month, MonthSums())
        closing = self.stated_minor + sums.debit_minor - sums.credit_minor
        statement = Statement(
            month=month,
            opening_minor=self.stated_minor,
            closing_minor=closing,
            content_hash=content_hash(
                self.dealer, month, self.currency, self.stated_minor, closing, sums.rows_hash
            ),
            debit_minor=sums.debit_minor,
            credit_minor=sums.credit_minor,
            sales_line_count=sums.sales_line_count,
            sales_tax_minor=sums.sales_tax_minor,
            claims_line_count=sums.claims_line_count,
            claims_minor=sums.claims_minor,
            claims_tax_minor=sums.claims_tax_minor,
            line_count=sums.line_count,
            first_version=sums.first_version,
            last_version=sums.last_version,
        )
        self._record(self.StatementClosed, command, booking, statement=statement)
        return statement

    def apply_postings(self, fact: AccountFact, claims_tax_minor: int) -> None:
        """Carries the fact's postings on dealer accounts to the items and to its month."""
        sums = self.months.get(fact.statement_month)
        if sums is None:
            sums = self.months[fact.statement_month] = MonthSums()
        net = 0
        for posting in fact.postings:
            if posting.account in accounts.DEALER_ACCOUNTS:
                self._carry(posting, fact.effective_on)
                net += posting.amount_minor
        sums.add_to_invoices(fact.postings, claims_tax_minor)
        sums.add_row(
            StatedRow(
                fact.originator_version, fact_name(fact.TOPIC), fact.occurred_on,
                fact.effective_on, fact.document, net, items_hash(fact.postings),
            )
        )  # fmt: skip

    @property
    def _first_unstated(self) -> str:
        return next_month(self.stated_through) if self.stated_through else ""

    def _posting(self, account: str, amount: int, item: str, due_on: date | None) -> Posting:
        return Posting(
            account=account, party=self.party, amount_minor=amount,
            currency=self.currency, item=item, due_on=due_on,
        )  # fmt: skip

    def _clearing(self, item: str, amount_minor: int) -> Posting:
        return self._posting(self.items[item].account, amount_minor, item, None)

    def _set_off(
        self,
        command: Command,
        fact: type[AccountFact],
        booking: Booking,
        pairs: Iterable[Netting],
        open_from: date,
    ) -> list[tuple[str, Booking]]:
        """Records the facts of these pairs; returns the items that they clear, and when."""
        cleared = []
        for day, amounts in in_facts(self.items, pairs, booking, open_from):
            postings = tuple(self._clearing(item, amount) for item, amount in amounts.items())
            self.post(command, fact, day, postings)
            cleared += [(item, day) for item in amounts if item not in self.items]
        return cleared

    def _carry(self, posting: Posting, effective_on: date) -> None:
        """An item that is raised once more is as young as what was added to it last."""
        account, due_on, since = posting.account, posting.due_on, effective_on
        amount = posting.amount_minor
        if item := self.items.get(posting.item):
            account, amount = item.account, amount + item.amount_minor
            since = item.effective_on if due_on is None else max(since, item.effective_on)
            due_on = item.due_on
        if amount == 0:
            del self.items[posting.item]
            return
        assert due_on is not None
        self.items[posting.item] = OpenBalance(account, amount, due_on, since)
