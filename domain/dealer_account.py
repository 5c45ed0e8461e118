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
from typing import Any, Self

from domain import accounts
from domain.account_facts import AccountFact, AccountState, ClaimsFact
from domain.clearing import (
    MOST_ITEMS,
    Allocation,
    Amounts,
    Netting,
    allocated,
    in_facts,
    nettings,
    with_difference,
)  # fmt: skip
from domain.conversion import Conversion, Worth, worth
from domain.errors import StatementOutOfOrder
from domain.facts import Aggregate, Booking, Cause, CausedFact, Command, FirstCausedFact, fact_name
from domain.lines import Posting
from domain.months import month_of, next_month
from domain.open_items import OpenItems
from domain.statement import MonthSums, StatedRow, Statement, items_hash, stated


class DealerAccount(Aggregate):
    """The receivable (1122) and the claims payable (2241) of one dealer, in its one currency."""

    TOPIC = "partsledger:DealerAccount"
    KIND = "accounts"
    STATE = AccountState

    class Opened(FirstCausedFact):
        TOPIC = "partsledger:DealerAccount.Opened"
        dealer: str
        currency: str
        book_currency: str = ""  # Where that is another one.

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
        currency: str
        statement: Statement

        def apply(self, aggregate: "DealerAccount") -> None:
            aggregate.stated_through = self.statement.month
            aggregate.stated_minor = self.statement.closing_minor
            aggregate.months.pop(self.statement.month, None)

    def __init__(self, dealer: str, currency: str, book_currency: str) -> None:
        self.dealer = dealer
        self.currency = currency
        self.book_currency = book_currency
        self.items = OpenItems()
        self.months: dict[str, MonthSums] = {}
        self.stated_through = ""
        self.stated_minor = 0

    @classmethod
    def open(
        cls, command: Command, cause: Cause, dealer: str, currency: str, book_currency: str
    ) -> Self:
        other = book_currency if book_currency != currency else ""
        return cls._first(
            cls.Opened, dealer, command, dealer=dealer, currency=currency, book_currency=other,
            caused_by=cause.stream, caused_by_version=cause.version,
        )  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state | {"items": OpenItems(state["items"])})

    @property
    def party(self) -> str:
        return f"dealers/{self.dealer}"

    def post(
        self,
        command: Command,
        fact: type[AccountFact],
        booking: Booking,
        postings: tuple[Posting, ...],
        conversion: Conversion | None = None,
        **more: int,
    ) -> None:
        """Records a line of the account with its balanced postings, and what else the fact has."""
        month = max(month_of(booking.effective_on), self._first_unstated)
        said: dict[str, object] = {"statement_month": month, "conversion": conversion, **more}
        if issubclass(fact, ClaimsFact):
            said["currency"] = self.currency
        self._record(
            fact, command, booking, postings=postings, book_currency=self.book_currency, **said
        )

    def raise_item(
        self, item: str, due_on: date, raised: Worth, *against: Worth
    ) -> tuple[Posting, ...]:
        """Postings that raise an open item, or add to it, against amounts that balance it.

        What ends an item ends it in the book's currency, too.
        """
        others = [self._beside(*other) for other in against if any(other[1:])]
        known = self.items.get(item)
        if not known or known.amount_minor + raised.amount_minor:
            return (self._on_dealer(raised, item, due_on), *others)
        raised = raised._replace(functional_minor=known.functional_of(raised.amount_minor))
        return with_difference([self._on_dealer(raised, item, due_on), *others])

    def pay(
        self,
        command: Command,
        booking: Booking,
        payment: str,
        amount_minor: int,
        allocations: tuple[Allocation, ...],
        open_from: date,
        conversion: Conversion | None,
    ) -> None:
        """Takes a payment: as allocated, or without allocations against the oldest items due.

        What it pays of items that are younger, and what is left over, is an item of its own in the
        dealer's favour: until those items count, and for good. No month is closed from `open_from`.
        What it pays leaves at the rate it was raised at; the bank and what is left over are at the
        rate of the payment.
        """
        chosen = allocated(self.items, payment, amount_minor, self.currency, allocations)
        day, credit = booking.effective_on, f"payments/{payment}"
        there = (item for item in chosen if self.items[item].effective_on <= day)
        at_once = {item: chosen.pop(item) for item in list(islice(there, MOST_ITEMS))}
        paid = sum(at_once.values())
        bank, *rest = worth(
            conversion, (accounts.BANK, amount_minor),
            (accounts.RECEIVABLE, paid - amount_minor), (accounts.RECEIVABLE, -paid),
        )  # fmt: skip
        postings = [self._beside(*bank)]
        postings += [self._clearing(item, -part) for item, part in at_once.items()]
        if paid != amount_minor:
            postings.append(self._on_dealer(rest[0], credit, day))
        self.post(command, self.PaymentReceived, booking, with_difference(postings), conversion)
        later = [Netting(credit, item, part) for item, part in chosen.items()]
        self._set_off(command, self.CreditAllocated, booking, later, open_from)

    def pay_out(
        self, command: Command, booking: Booking, chosen: Amounts, conversion: Conversion | None
    ) -> None:
        """Pays so much of each of these credits, in several facts where one would be too long."""
        paid = list(chosen)
        for start in range(0, len(paid), MOST_ITEMS):
            some = {item: chosen[item] for item in paid[start : start + MOST_ITEMS]}
            out = sum(some.values())
            bank, _ = worth(conversion, (accounts.BANK, -out), (accounts.RECEIVABLE, out))
            debits = (self._clearing(item, part) for item, part in some.items())
            postings = with_difference([*debits, self._beside(*bank)])
            self.post(command, self.PaidOut, booking, postings, conversion)

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
        statement = stated(self.dealer, self.currency, month, self.stated_minor, sums)
        self._record(
            self.StatementClosed, command, booking,
            currency=self.currency, book_currency=self.book_currency, statement=statement,
        )  # fmt: skip
        return statement

    def apply_postings(self, fact: AccountFact, claims_tax_minor: int) -> None:
        """Carries the fact's postings on dealer accounts to the items and to its month."""
        sums = self.months.get(fact.statement_month)
        if sums is None:
            sums = self.months[fact.statement_month] = MonthSums()
        net = 0
        for posting in fact.postings:
            if posting.account in accounts.DEALER_ACCOUNTS:
                self.items.carry(posting, fact.effective_on)
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

    def _beside(self, account: str, amount: int, functional: int | None) -> Posting:
        """A posting on an account that is not the dealer's."""
        return Posting(
            account=account, amount_minor=amount, currency=self.currency,
            functional_minor=functional,
        )  # fmt: skip

    def _on_dealer(self, posted: Worth, item: str, due_on: date | None) -> Posting:
        return Posting(
            account=posted.account, party=self.party, amount_minor=posted.amount_minor,
            currency=self.currency, functional_minor=posted.functional_minor,
            item=item, due_on=due_on,
        )  # fmt: skip

    def _clearing(self, item: str, amount_minor: int) -> Posting:
        """Takes off an item, which leaves with what it was worth when it was raised."""
        known = self.items[item]
        cleared = Worth(known.account, amount_minor, known.functional_of(amount_minor))
        return self._on_dealer(cleared, item, None)

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
            cleared_now = (self._clearing(item, amount) for item, amount in amounts.items())
            self.post(command, fact, day, with_difference(cleared_now))
            cleared += [(item, day) for item in amounts if item not in self.items]
        return cleared
