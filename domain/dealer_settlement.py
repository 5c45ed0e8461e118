"""The settlement 结算 of one dealer and month: issued, reviewed, confirmed, invoiced, closed.

Guarantees: the dealer confirms the content hash of exactly what was issued; a confirmed statement
is never issued again; who issues does not review (输出单结算员 / 审单结算员).
"""

from datetime import date
from typing import NamedTuple, Self

from domain import people, settlement_states
from domain.days import Days, Done
from domain.document import Document
from domain.errors import (
    ContentHashMismatch,
    InvalidValue,
    OpenDispute,
    SamePerson,
)
from domain.facts import BookedFact, Booking, Command, FirstBookedFact
from domain.lines import Posting
from domain.settlement_states import SettlementState
from domain.statement import Statement


class Dispute(NamedTuple):
    """Why a line is not accepted, and by whom: none of them resolves it."""

    because: str
    actors: frozenset[str]


class DealerSettlement(Document):
    TOPIC = "partsledger:DealerSettlement"
    KIND = "settlements"
    NOUN = "settlement"
    ALLOWED, LEAVES = settlement_states.ALLOWED, settlement_states.LEAVES

    class Issued(FirstBookedFact):
        TOPIC = "partsledger:DealerSettlement.Issued"
        dealer: str
        currency: str
        statement: Statement

    class Reviewed(BookedFact):
        TOPIC = "partsledger:DealerSettlement.Reviewed"

        def apply(self, aggregate: "DealerSettlement") -> None:
            aggregate.last = Done("reviewed", self.days)
            aggregate.state = SettlementState.REVIEWED

    class Disputed(BookedFact):
        """One line, named by its version in the account's stream."""

        TOPIC = "partsledger:DealerSettlement.Disputed"
        line_version: int
        because: str

        def apply(self, aggregate: "DealerSettlement") -> None:
            known = aggregate.disputes.get(self.line_version)
            actors = known.actors if known else frozenset[str]()
            aggregate.disputes[self.line_version] = Dispute(self.because, actors | {self.actor})
            aggregate.last = aggregate.last.later(Done("disputed", self.days))
            aggregate.state = SettlementState.DISPUTED

    class DisputeResolved(BookedFact):
        TOPIC = "partsledger:DealerSettlement.DisputeResolved"
        line_version: int
        currency: str
        memo_minor: int  # Debit positive, credit negative, zero if the line stands.
        because: str

        def apply(self, aggregate: "DealerSettlement") -> None:
            del aggregate.disputes[self.line_version]
            before = aggregate.memos.get(self.line_version, 0)
            aggregate.memos[self.line_version] = before + self.memo_minor
            aggregate.last = aggregate.last.later(Done("resolved", self.days))

    class Confirmed(BookedFact):
        TOPIC = "partsledger:DealerSettlement.Confirmed"
        content_hash: str

        def apply(self, aggregate: "DealerSettlement") -> None:
            aggregate.last = Done("confirmed", self.days)
            aggregate.state = SettlementState.CONFIRMED

    class Invoiced(BookedFact):
        TOPIC = "partsledger:DealerSettlement.Invoiced"
        sales_invoice: str = ""
        claims_invoice: str = ""

        def apply(self, aggregate: "DealerSettlement") -> None:
            aggregate.last = Done("invoiced", self.days)
            aggregate.state = SettlementState.INVOICED

    class Closed(BookedFact):
        TOPIC = "partsledger:DealerSettlement.Closed"

        def apply(self, aggregate: "DealerSettlement") -> None:
            aggregate.state = SettlementState.CLOSED

    def __init__(
        self, dealer: str, currency: str, statement: Statement,
        occurred_on: date, effective_on: date, actor: str,
    ) -> None:  # fmt: skip
        self.last = Done("issued", Days(occurred_on, effective_on))
        self.dealer = dealer
        self.currency = currency
        self.statement = statement
        self.issuer = actor
        self.state = SettlementState.ISSUED
        self.disputes: dict[int, Dispute] = {}
        self.memos: dict[int, int] = {}  # Of each line that was disputed, what corrects it so far.

    @classmethod
    def issue(
        cls, command: Command, booking: Booking, dealer: str, currency: str, statement: Statement
    ) -> Self:
        key = settlement_key(dealer, statement.month)
        return cls._first(
            cls.Issued, key, command, booking,
            dealer=dealer, currency=currency, statement=statement,
        )  # fmt: skip

    def review(self, command: Command, booking: Booking) -> None:
        self.require("review")
        if people.is_same(command.actor, self.issuer):
            raise SamePerson(command.actor, "issued", "review")
        booking.require_after(self.last)
        self._record(self.Reviewed, command, booking)

    def dispute(
        self, command: Command, booking: Booking, line_version: int, stated_in: str, because: str
    ) -> None:
        """Disputes one line of the statement; the others stand.

        `stated_in` is the month on whose statement the account's entry of this version stands.
        """
        self.require("dispute")
        booking.require_after(self.last)
        if stated_in != self.statement.month:
            rule = f"must be the account version of a line of statement {self.key}"
            raise InvalidValue("line_version", line_version, rule)
        self._record(self.Disputed, command, booking, line_version=line_version, because=because)

    def resolve_dispute(
        self, command: Command, booking: Booking, line_version: int, memo_minor: int, because: str
    ) -> None:
        """Ends a dispute, by somebody else than who disputed; others of its line may follow."""
        self.require("resolve a dispute")
        if line_version not in self.disputes:
            raise InvalidValue("line_version", line_version, "must be a disputed line")
        disputers = self.disputes[line_version].actors
        if any(people.is_same(command.actor, disputer) for disputer in disputers):
            raise SamePerson(command.actor, "disputed", "resolve")
        booking.require_after(self.last)
        self._record(
            self.DisputeResolved, command, booking,
            line_version=line_version, currency=self.currency, memo_minor=memo_minor,
            because=because,
        )  # fmt: skip

    def confirm(self, command: Command, booking: Booking, content_hash: str) -> None:
        """The dealer confirms what it was shown: the hash has to be the issued one."""
        self.require("confirm")
        if self.disputes:
            lines = ", ".join(str(version) for version in sorted(self.disputes))
            raise OpenDispute(
                f"settlement {self.key}: lines {lines} are disputed",
                settlement=self.key, lines=lines,
            )  # fmt: skip
        if content_hash != self.statement.content_hash:
            raise ContentHashMismatch(
                f"settlement {self.key} was issued as {self.statement.content_hash}",
                settlement=self.key, issued=self.statement.content_hash, confirmed=content_hash,
            )  # fmt: skip
        booking.require_after(self.last)
        self._record(self.Confirmed, command, booking, content_hash=content_hash)

    def invoice(
        self,
        command: Command,
        booking: Booking,
        sales_invoice: str,
        claims_invoice: str,
        postings: tuple[Posting, ...],
    ) -> None:
        """Takes the number of each tax invoice that there has to be."""
        self.require("invoice")
        booking.require_after(self.last)
        self._require_number("sales_invoice", sales_invoice, self.statement.sales_line_count)
        self._require_number("claims_invoice", claims_invoice, self.statement.claims_line_count)
        self._record(
            self.Invoiced, command, booking,
            sales_invoice=sales_invoice, claims_invoice=claims_invoice, postings=postings,
        )  # fmt: skip

    def close(self, command: Command, booking: Booking) -> None:
        self.require("close")
        booking.require_after(self.last)
        self._record(self.Closed, command, booking)

    def _require_number(self, field: str, number: str, lines: int) -> None:
        if lines and not number.strip():
            rule = f"is required: lines of statement {self.key} are to be invoiced"
            raise InvalidValue(field, number, rule)


def settlement_key(dealer: str, month: str) -> str:
    """`D01/2026-09`: the number of a dealer's settlement of a month."""
    return f"{dealer}/{month}"
