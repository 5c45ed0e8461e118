"""A warranty claim 索赔, from submission to its credit, and the charge-back that may follow.

Guarantees: decided line by line, by someone other than the submitter; approved ≤ claimed; credited
once; where the part must come back, not before it has arrived and been inspected.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from domain import claim_states
from domain.claim_lines import ClaimItem, ItemDecision, replaced, require_decided, tax_of
from domain.claim_states import ClaimState
from domain.days import Days, Done
from domain.document import Document
from domain.errors import ChargebackWindowOver, SamePerson
from domain.facts import BookedFact, Booking, Command, FirstBookedFact
from domain.months import months_after
from domain.parts_back import PartsBack
from domain.vat import VatRate


class Credit(NamedTuple):
    """What is credited of a claim, or taken back, in minor units of its currency."""

    net_minor: int
    tax_minor: int


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
        return_days: int = 0
        chargeback_months: int = 0

    class Approved(BookedFact):
        TOPIC = "partsledger:WarrantyClaim.Approved"
        decisions: tuple[ItemDecision, ...]
        vat: VatRate
        return_due_on: date | None = None

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate._decide(self, ClaimState.APPROVED, self.return_due_on)

    class PartlyApproved(BookedFact):
        TOPIC = "partsledger:WarrantyClaim.PartlyApproved"
        decisions: tuple[ItemDecision, ...]
        vat: VatRate
        return_due_on: date | None = None

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate._decide(self, ClaimState.PARTLY_APPROVED, self.return_due_on)

    class Rejected(BookedFact):
        TOPIC = "partsledger:WarrantyClaim.Rejected"
        decisions: tuple[ItemDecision, ...]

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate._decide(self, ClaimState.REJECTED, None)

    class ReturnRequested(BookedFact):
        """Pieces of a replaced part are on their way back under a return."""

        TOPIC = "partsledger:WarrantyClaim.ReturnRequested"
        parts_return: str
        part: str
        quantity: int

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.parts_back.request(self.part, self.quantity)

    class ReturnInspected(BookedFact):
        """Pieces came back and were found to be what the claim says."""

        TOPIC = "partsledger:WarrantyClaim.ReturnInspected"
        parts_return: str
        part: str
        quantity: int

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.parts_back.confirm(self.part, self.quantity)

    class CreditDenied(BookedFact):
        """Inspection of a returned part does not confirm the claim: nothing is credited."""

        TOPIC = "partsledger:WarrantyClaim.CreditDenied"
        parts_return: str
        because: str

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.state = ClaimState.REJECTED

    class Credited(BookedFact):
        TOPIC = "partsledger:WarrantyClaim.Credited"
        currency: str
        net_minor: int
        vat_rate: Decimal
        tax_minor: int

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.given = Credit(self.net_minor, self.tax_minor)
            aggregate.credited_on = self.occurred_on
            aggregate.last = Done("credited", self.days)
            aggregate.state = ClaimState.CREDITED

    class Settled(BookedFact):
        """The credit was netted or paid in full."""

        TOPIC = "partsledger:WarrantyClaim.Settled"

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.state = ClaimState.SETTLED

    class ChargedBack(BookedFact):
        TOPIC = "partsledger:WarrantyClaim.ChargedBack"
        currency: str
        net_minor: int
        tax_minor: int
        because: str

        def apply(self, aggregate: "WarrantyClaim") -> None:
            aggregate.state = ClaimState.CHARGED_BACK

    def __init__(
        self, dealer: str, machine: str, user: str, failed_on: date, causal_part: str,
        fault_code: str, pre_inspection: str, work_order: str, settlement_sheet: str,
        currency: str, items: tuple[ClaimItem, ...], return_days: int, chargeback_months: int,
        occurred_on: date, effective_on: date, actor: str,
    ) -> None:  # fmt: skip
        self.last = Done("submitted", Days(occurred_on, effective_on))
        self.dealer = dealer
        self.machine = machine
        self.user = user
        self.failed_on = failed_on
        self.causal_part = causal_part
        self.fault_code = fault_code
        self.pre_inspection = pre_inspection
        self.work_order = work_order
        self.settlement_sheet = settlement_sheet
        self.currency = currency
        self.items = items
        self.return_days = return_days
        self.chargeback_months = chargeback_months
        self.submitter = actor
        self.state = ClaimState.SUBMITTED
        self.decisions: tuple[ItemDecision, ...] = ()
        self.return_due_on: date | None = None
        self.parts_back = PartsBack()  # Nothing has to come back until somebody decides.
        self.vat: VatRate | None = None  # Of the credit, from the day it is decided.
        self.given: Credit | None = None
        self.credited_on: date | None = None

    @classmethod
    def submit(cls, command: Command, number: str, booking: Booking, **fields: object) -> Self:
        """Takes a claim whose machine, term, cause and documents were found in order."""
        return cls._first(cls.Submitted, number, command, booking, **fields)

    def adjudicate(
        self,
        command: Command,
        booking: Booking,
        decisions: tuple[ItemDecision, ...],
        due_on: date | None,
        vat: VatRate | None,
    ) -> None:
        """Decides every line; `due_on` is the day replaced parts must be back, where they must.

        `vat` is at which rate what is approved is taxed; None where nothing is.
        """
        self.require("adjudicate")
        if command.actor == self.submitter:
            raise SamePerson(command.actor, "submitted", "adjudicate")
        booking.require_after(self.last)
        require_decided(self.key, self.items, decisions)
        approved = sum(decision.approved_minor for decision in decisions)
        if approved == 0:
            self._record(self.Rejected, command, booking, decisions=decisions)
        else:
            fact = self.Approved if approved == self.claimed_minor else self.PartlyApproved
            owed = due_on if replaced(self.items, decisions) else None
            self._record(fact, command, booking, decisions=decisions, vat=vat, return_due_on=owed)

    def request_return(
        self, command: Command, booking: Booking, parts_return: str, part: str, quantity: int
    ) -> None:
        """Refuses more pieces than the claim replaced."""
        self.require("request a return")
        booking.require_after(self.last)
        self.parts_back.require_replaced(self.key, part, quantity)
        self._record(
            self.ReturnRequested, command, booking,
            parts_return=parts_return, part=part, quantity=quantity,
        )  # fmt: skip

    def inspect_return(
        self, command: Command, booking: Booking, parts_return: str, part: str, quantity: int,
        refusal: str,
    ) -> None:  # fmt: skip
        """Takes the result of an inspection: `refusal` is empty if it confirms the claim."""
        self.require("inspect a return")
        if self.state is ClaimState.REJECTED:
            return  # Another part of the same claim has failed inspection before.
        if refusal:
            self._record(
                self.CreditDenied, command, booking, parts_return=parts_return, because=refusal
            )
        else:
            self._record(
                self.ReturnInspected, command, booking,
                parts_return=parts_return, part=part, quantity=quantity,
            )  # fmt: skip

    def credit(self, command: Command, booking: Booking) -> Credit:
        """Credits what is approved, at the VAT rate of the day it was decided."""
        self.require("credit")
        assert self.vat is not None
        net, rate = self.approved_minor, self.vat.rate
        credit = Credit(net, tax_of(self.decisions, rate))
        self._record(
            self.Credited, command, booking,
            currency=self.currency, vat_rate=rate, **credit._asdict(),
        )  # fmt: skip
        return credit

    def settle(self, command: Command, booking: Booking) -> None:
        self.require("settle")
        self._record(self.Settled, command, booking)

    def charge_back(self, command: Command, booking: Booking, because: str) -> Credit:
        """Takes a credit back after a failed audit, inside the window, with exactly its tax."""
        self.require("charge back")
        assert self.credited_on is not None
        assert self.given is not None
        booking.require_after(self.last)
        until = months_after(self.credited_on, self.chargeback_months)
        if booking.occurred_on > until:
            raise ChargebackWindowOver(
                f"claim {self.key} could be charged back until {until}",
                claim=self.key, until=until, on=booking.occurred_on,
            )  # fmt: skip
        self._record(
            self.ChargedBack, command, booking,
            currency=self.currency, because=because, **self.given._asdict(),
        )  # fmt: skip
        return self.given

    @property
    def claimed_minor(self) -> int:
        return sum(item.claimed_minor for item in self.items)

    @property
    def approved_minor(self) -> int:
        return sum(decision.approved_minor for decision in self.decisions)

    @property
    def ready_to_credit(self) -> bool:
        """Approved, and every replaced piece that must come back has come and was confirmed."""
        if self.state is ClaimState.AWAITING_PARTS:
            return self.parts_back.complete
        return self.state in (ClaimState.APPROVED, ClaimState.PARTLY_APPROVED)

    def _decide(
        self, fact: Approved | PartlyApproved | Rejected, outcome: ClaimState, due_on: date | None
    ) -> None:
        self.decisions = fact.decisions
        self.parts_back = PartsBack(replaced(self.items, fact.decisions))
        self.last = Done("approved", fact.days)
        self.vat = None if isinstance(fact, self.Rejected) else fact.vat
        self.return_due_on = due_on
        self.state = ClaimState.AWAITING_PARTS if due_on else outcome
