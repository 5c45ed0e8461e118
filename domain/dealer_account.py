"""A dealer's account: every item owed either way, and the months it is stated in.

Guarantees: the balance is the sum of the open items, on every day; a line stands on exactly one
statement; a stated month never changes, what comes later for it stands on the next statement. Its
stream is chained in the log, so an entry that is missing between two others is noticed
(docs/promises.md, "The exact bytes are hashed, and account streams are chained").
"""

from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import BaseModel

from domain import accounts
from domain.clearing import Allocation, OpenBalance, nettings, oldest_due
from domain.errors import OverAllocation, StatementOutOfOrder
from domain.facts import Aggregate, BookedFact, Booking, Command, FirstFact
from domain.lines import Posting
from domain.months import month_of, next_month
from domain.statement import MonthSums, Statement, content_hash, row_hash


class AccountState(BaseModel):
    """What a snapshot of a dealer account holds."""

    dealer: str
    currency: str
    items: dict[str, OpenBalance]
    months: dict[str, MonthSums]
    stated_through: str
    stated_minor: int


class AccountFact(BookedFact):
    """A line of the account; `statement_month` is the statement it stands on."""

    statement_month: str

    def apply(self, aggregate: "DealerAccount") -> None:
        aggregate.apply_postings(self)


class DealerAccount(Aggregate):
    """The receivable (1122) and the claims payable (2241) of one dealer, in its one currency."""

    TOPIC = "partsledger:DealerAccount"
    KIND = "accounts"
    STATE = AccountState

    class Opened(FirstFact):
        TOPIC = "partsledger:DealerAccount.Opened"
        dealer: str
        currency: str

    class SaleInvoiced(AccountFact):
        TOPIC = "partsledger:DealerAccount.SaleInvoiced"

    class ClaimCredited(AccountFact):
        TOPIC = "partsledger:DealerAccount.ClaimCredited"

    class ClaimChargedBack(AccountFact):
        TOPIC = "partsledger:DealerAccount.ClaimChargedBack"

    class ReturnCredited(AccountFact):
        TOPIC = "partsledger:DealerAccount.ReturnCredited"

    class PaymentReceived(AccountFact):
        TOPIC = "partsledger:DealerAccount.PaymentReceived"

    class ItemsNetted(AccountFact):
        TOPIC = "partsledger:DealerAccount.ItemsNetted"

    class ClaimsInvoiced(AccountFact):
        """The dealer's own invoice for its credited claims: the tax on top."""

        TOPIC = "partsledger:DealerAccount.ClaimsInvoiced"

    class MemoPosted(AccountFact):
        """A credit or debit memo that resolves a dispute."""

        TOPIC = "partsledger:DealerAccount.MemoPosted"

    class StatementClosed(BookedFact):
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
    def open(cls, command: Command, dealer: str, currency: str) -> Self:
        return cls._first(cls.Opened, dealer, command, dealer=dealer, currency=currency)

    @property
    def party(self) -> str:
        return f"dealers/{self.dealer}"

    def post(
        self,
        command: Command,
        fact: type[AccountFact],
        booking: Booking,
        postings: tuple[Posting, ...],
    ) -> None:
        """Records a line of the account with its balanced postings."""
        month = max(month_of(booking.effective_on), self._first_unstated)
        self._record(fact, command, booking, postings=postings, statement_month=month)

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
    ) -> None:
        """Takes a payment: as allocated, or without allocations against the oldest items due.

        What is not allocated stays open as an item of its own, in the dealer's favour.
        """
        chosen = allocations or oldest_due(self.items, amount_minor)
        for item in {allocation.item: None for allocation in chosen}:
            self._require_open(item, sum(a.amount_minor for a in chosen if a.item == item))
        rest = amount_minor - sum(allocation.amount_minor for allocation in chosen)
        if rest < 0:
            raise OverAllocation(
                f"{payment}: {amount_minor - rest} allocated of {amount_minor}",
                payment=payment, amount_minor=amount_minor, allocated_minor=amount_minor - rest,
            )  # fmt: skip
        postings = [
            Posting(account=accounts.BANK, amount_minor=amount_minor, currency=self.currency)
        ]
        postings += [self._clearing(a.item, -a.amount_minor) for a in chosen]
        if rest:
            item = f"payments/{payment}"
            due_on = booking.effective_on
            postings.append(self._posting(accounts.RECEIVABLE, -rest, item, due_on))
        self.post(command, self.PaymentReceived, booking, tuple(postings))

    def net(self, command: Command, booking: Booking) -> list[str]:
        """Sets what is owed to the dealer against what it owes, oldest due first on both sides.

        Returns the items that this clears in full; records nothing when there is nothing to net.
        """
        amounts: dict[str, int] = {}
        for netting in nettings(self.items):
            credit, debit, amount = netting
            amounts[credit] = amounts.get(credit, 0) + amount
            amounts[debit] = amounts.get(debit, 0) - amount
        if not amounts:
            return []
        before = set(self.items)
        postings = tuple(self._clearing(item, amount) for item, amount in amounts.items())
        self.post(command, self.ItemsNetted, booking, postings)
        return sorted(before - set(self.items))

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
            sales_tax_minor=sums.sales_tax_minor,
            claims_minor=sums.claims_minor,
            line_count=sums.line_count,
            first_version=sums.first_version,
            last_version=sums.last_version,
            versions=tuple(sums.versions),
        )
        self._record(self.StatementClosed, command, booking, statement=statement)
        return statement

    def apply_postings(self, fact: AccountFact) -> None:
        """Carries the fact's postings on dealer accounts to the items and to its month."""
        sums = self.months.get(fact.statement_month)
        if sums is None:
            sums = self.months[fact.statement_month] = MonthSums()
        net = 0
        for posting in fact.postings:
            if posting.account in accounts.DEALER_ACCOUNTS:
                self._carry(posting)
                net += posting.amount_minor
            elif posting.account == accounts.VAT_PENDING:
                sums.sales_tax_minor -= posting.amount_minor
        if net > 0:
            sums.debit_minor += net
        else:
            sums.credit_minor -= net
        if isinstance(fact, DealerAccount.ClaimCredited | DealerAccount.ClaimChargedBack):
            sums.claims_minor -= net
        sums.line_count += 1
        sums.first_version = sums.first_version or fact.originator_version
        sums.last_version = fact.originator_version
        sums.add_version(fact.originator_version)
        sums.rows_hash = row_hash(
            sums.rows_hash, fact.originator_version, fact.effective_on, fact.document, net
        )

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

    def _carry(self, posting: Posting) -> None:
        item = self.items.get(posting.item)
        amount = posting.amount_minor + (item.amount_minor if item else 0)
        if amount == 0:
            del self.items[posting.item]
        elif item:
            self.items[posting.item] = OpenBalance(
                account=item.account, amount_minor=amount, due_on=item.due_on
            )
        else:
            assert posting.due_on is not None
            self.items[posting.item] = OpenBalance(
                account=posting.account, amount_minor=amount, due_on=posting.due_on
            )

    def _require_open(self, key: str, allocated_minor: int) -> None:
        item = self.items.get(key)
        open_minor = max(0, item.amount_minor) if item else 0
        if allocated_minor > open_minor:
            raise OverAllocation(
                f"{key}: {open_minor} open, {allocated_minor} allocated",
                item=key, open_minor=open_minor, allocated_minor=allocated_minor,
            )  # fmt: skip
