"""A warranty claim 索赔, from submission to its credit, and the charge-back that may follow.

Guarantees: decided line by line, by someone other than the submitter; approved ≤ claimed, and ≤ the
price of the parts with handling; what must come back is credited by the pieces that inspection
confirms, and each of them once.
"""

from datetime import date
from decimal import Decimal
from typing import Self

from domain import claim_states, people
from domain.claim_lines import ClaimItem, ItemAmount, ItemDecision, in_order
from domain.claim_states import ClaimState
from domain.conversion import Conversion
from domain.credit_progress import Credit, CreditFact, CreditProgress
from domain.days import Days, Done
from domain.document import Document
from domain.errors import ChargebackWindowOver, NotOverdueYet, SamePerson
from domain.facts import BookedFact, Booking, CausedFact, Command, FirstBookedFact
from domain.months import months_after
from domain.parts_back import Finding, PartsBack, ReturnedPieces, owed_back
from domain.vat import VatRate


class Grant(BookedFact):
    """What is approved of each item, and when the replaced parts are due, if they must be back."""

    currency: str
    decisions: tuple[ItemDecision, ...]
    vat: VatRate
    return_due_on: date | None = None


class WarrantyClaim(Document):
    TOPIC = "partsledger:WarrantyClaim"
    KIND = "claims"
    NOUN = "claim"
    ALLOWED, LEAVES = claim_states.ALLOWED, claim_states.LEAVES

    class Submitted(FirstBookedFact):
        TOPIC = "partsledger:WarrantyClaim.Submitted"
        dealer: str
        machine: str
        user: str
        failed_on: date
        causal_part: str
        fault_code: str
        pre_inspection: str
        work_order: str
        settlement_sheet: str
        currency: str
        items: tuple[ClaimItem, ...]
        policy: str  # The model of the machine.
        policy_version: int  # In the stream of that policy.
        return_days: int
        chargeback_months: int

    class Approved(Grant):
        TOPIC = "partsledger:WarrantyClaim.Approved"

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate._decide(self, ClaimState.APPROVED, self.return_due_on)

    class PartlyApproved(Grant):
        TOPIC = "partsledger:WarrantyClaim.PartlyApproved"

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate._decide(self, ClaimState.PARTLY_APPROVED, self.return_due_on)

    class Rejected(BookedFact):
        TOPIC = "partsledger:WarrantyClaim.Rejected"
        currency: str
        decisions: tuple[ItemDecision, ...]

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate._decide(self, ClaimState.REJECTED, None)

    class ReturnOverdue(BookedFact):
        """On the day they were due, some replaced pieces had not even been announced."""

        TOPIC = "partsledger:WarrantyClaim.ReturnOverdue"

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.overdue = True

    class ReturnRequested(BookedFact):
        """Pieces of a replaced part are on their way back under a return."""

        TOPIC = "partsledger:WarrantyClaim.ReturnRequested"
        parts_return: str
        part: str
        pieces: tuple[ReturnedPieces, ...]

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.progress = aggregate.progress.announced(self.parts_return, self.pieces)

    class ReturnInspected(BookedFact):
        """Pieces came back and were looked at; `approved` is what that leaves of each item."""

        TOPIC = "partsledger:WarrantyClaim.ReturnInspected"
        parts_return: str
        part: str
        pieces: tuple[ReturnedPieces, ...]
        finding: Finding
        currency: str
        approved: tuple[ItemAmount, ...]

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.progress = aggregate.progress.inspected(
                self.parts_return, self.finding is Finding.CONFIRMED, self.approved, self.days
            )

    class CreditDenied(BookedFact):
        """Inspection of the returned parts leaves nothing of the claim to credit."""

        TOPIC = "partsledger:WarrantyClaim.CreditDenied"
        parts_return: str
        because: str

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.state = ClaimState.REJECTED

    class Credited(CreditFact):
        """What was waited for is there. A piece that is confirmed later is credited later."""

        TOPIC = "partsledger:WarrantyClaim.Credited"
        vat_rate: Decimal
        credited: tuple[ItemAmount, ...]

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.progress = aggregate.progress.after_credit(self.credited, self)
            aggregate.credited_on = self.occurred_on
            aggregate.last = Done("credited", self.days)
            aggregate.state = ClaimState.CREDITED

    class Settled(CausedFact):
        """The credit was netted or paid in full."""

        TOPIC = "partsledger:WarrantyClaim.Settled"

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.state = ClaimState.SETTLED

    class ChargedBack(CreditFact):
        TOPIC = "partsledger:WarrantyClaim.ChargedBack"
        because: str

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.state = ClaimState.CHARGED_BACK

    def __init__(
        self, dealer: str, machine: str, user: str, failed_on: date, causal_part: str,
        fault_code: str, pre_inspection: str, work_order: str, settlement_sheet: str,
        currency: str, items: tuple[ClaimItem, ...], policy: str, policy_version: int,
        return_days: int, chargeback_months: int, occurred_on: date, effective_on: date, actor: str,
    ) -> None:  # fmt: skip
        self.last = Done("submitted", Days(occurred_on, effective_on))
        self.dealer, self.machine, self.user = dealer, machine, user
        self.failed_on, self.causal_part, self.fault_code = failed_on, causal_part, fault_code
        self.pre_inspection, self.work_order = pre_inspection, work_order
        self.settlement_sheet, self.currency, self.items = settlement_sheet, currency, items
        self.policy, self.policy_version = policy, policy_version
        self.return_days, self.chargeback_months = return_days, chargeback_months
        self.submitter = actor
        self.state = ClaimState.SUBMITTED
        self.return_due_on: date | None = None
        self.overdue = False
        self.progress = CreditProgress(self.last, self.last)
        self.credited_on: date | None = None

    @classmethod
    def submit(cls, command: Command, number: str, booking: Booking, **fields: object) -> Self:
        """Takes a claim whose machine, term, cause and documents were found in order."""
        return cls._first(cls.Submitted, number, command, booking, **fields)

    def adjudicate(
        self, command: Command, booking: Booking, decisions: tuple[ItemDecision, ...],
        due_on: date | None, vat: VatRate | None,
    ) -> None:  # fmt: skip
        """Decides every line: at which rate what is approved is taxed, where something is; and by
        which day replaced parts must be back, where they must."""
        self.require("adjudicate")
        if people.is_same(command.actor, self.submitter):
            raise SamePerson(command.actor, "submitted", "adjudicate")
        booking.require_after(self.last)
        decided = in_order(self.key, self.currency, self.items, decisions)
        approved = sum(decision.approved_minor for decision in decided)
        said = {"currency": self.currency, "decisions": decided}
        if approved == 0:
            self._record(self.Rejected, command, booking, **said)
        else:
            fact = self.Approved if approved == self.claimed_minor else self.PartlyApproved
            owed = due_on if owed_back(self.items, decided).items else None
            self._record(fact, command, booking, **said, vat=vat, return_due_on=owed)

    def mark_overdue(self, command: Command, booking: Booking) -> None:
        """States that the day has passed, and that pieces were not announced; once only."""
        self.require("mark overdue")
        due_on, missing = self.return_due_on, self.progress.parts_back.missing
        assert due_on is not None
        if self.overdue or not missing or booking.occurred_on <= due_on:
            raise NotOverdueYet(
                f"claim {self.key} is due back on {due_on}, with {missing} pieces not announced"
                + (", and marked overdue already" if self.overdue else ""),
                claim=self.key, due_on=due_on, on=booking.occurred_on,
            )  # fmt: skip
        booking.require_after(self.progress.decided)
        self._record(self.ReturnOverdue, command, booking)

    def request_return(
        self, command: Command, booking: Booking, parts_return: str, part: str, quantity: int,
        item: int | None,
    ) -> tuple[ReturnedPieces, ...]:  # fmt: skip
        """Refuses more pieces than the claim replaced; returns which of its items they are of."""
        self.require("request a return")
        booking.require_after(self.progress.decided)
        pieces = self.progress.parts_back.taken(self.key, part, quantity, item)
        if self.progress.refused and any(each.again for each in pieces):
            booking.require_after(self.progress.refused)
        self._record(
            self.ReturnRequested, command, booking,
            parts_return=parts_return, part=part, pieces=pieces,
        )  # fmt: skip
        return pieces

    def inspect_return(
        self, command: Command, booking: Booking, parts_return: str, part: str, finding: Finding
    ) -> None:
        """Takes the finding on the pieces of a return. A charged-back claim stays as it is."""
        self.require("inspect a return")
        if self.state is ClaimState.CHARGED_BACK:
            return
        left = self.progress.left_after(self.items, parts_return, finding is Finding.CONFIRMED)
        self._record(
            self.ReturnInspected, command, booking, parts_return=parts_return, part=part,
            pieces=self.progress.parts_back.under_way[parts_return], finding=finding,
            currency=self.currency, approved=left,
        )  # fmt: skip

    def credit(self, command: Command, booking: Booking, conversion: Conversion | None) -> Credit:
        """Credits what is due, at the VAT rate of the day it was decided."""
        self.require("credit")
        assert self.progress.vat is not None
        credit = self.progress.next_credit(conversion)
        self._record(
            self.Credited, command, booking, book_currency=self._other_currency(command),
            currency=self.currency, vat_rate=self.progress.vat.rate, credited=self.progress.due,
            **credit._asdict(),
        )  # fmt: skip
        return credit

    def deny(self, command: Command, booking: Booking, parts_return: str, because: str) -> None:
        self.require("deny the credit")
        self._record(
            self.CreditDenied, command, booking, parts_return=parts_return, because=because
        )

    def settle(self, command: Command, booking: Booking) -> None:
        self.require("settle")
        self._record(self.Settled, command, booking)

    def charge_back(self, command: Command, booking: Booking, because: str) -> Credit:
        """Takes all credit back after a failed audit, inside the window, with exactly its tax."""
        self.require("charge back")
        assert self.credited_on is not None
        booking.require_after(self.last)
        until = months_after(self.credited_on, self.chargeback_months)
        if booking.occurred_on > until:
            raise ChargebackWindowOver(
                f"claim {self.key} could be charged back until {until}",
                claim=self.key, until=until, on=booking.occurred_on,
            )  # fmt: skip
        back = self.progress.total
        self._record(
            self.ChargedBack, command, booking, book_currency=self._other_currency(command),
            currency=self.currency, because=because, **back._asdict(),
        )  # fmt: skip
        return back

    def _other_currency(self, command: Command) -> str:
        """The book's, if the claim is in another one."""
        return command.book_currency if command.book_currency != self.currency else ""

    @property
    def claimed_minor(self) -> int:
        return sum(item.claimed_minor for item in self.items)

    def _decide(
        self, fact: Approved | PartlyApproved | Rejected, outcome: ClaimState, due_on: date | None
    ) -> None:
        owed = owed_back(self.items, fact.decisions) if due_on else PartsBack()
        self.last = Done("approved", fact.days)
        vat = None if isinstance(fact, self.Rejected) else fact.vat
        self.progress = CreditProgress.after(self.last, fact.decisions, vat, owed)
        self.return_due_on = due_on
        self.state = ClaimState.AWAITING_PARTS if due_on else outcome
