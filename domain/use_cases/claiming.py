"""Takes warranty claims 索赔, decides them, and charges them back."""

from datetime import timedelta

from domain import accounts
from domain.claim_lines import ItemDecision
from domain.claim_states import ClaimState
from domain.conversion import Worth, balancing
from domain.dated import Version
from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.errors import (
    CauseNotCovered,
    DocumentsDisagree,
    ForeignMachine,
    LateSubmission,
    NoPolicy,
    OutOfWarranty,
    UserMissing,
    WrongCurrency,
)
from domain.facts import Booking, Command
from domain.ledger import Ledger
from domain.machine import Machine, MachineCard
from domain.months import months_after
from domain.use_cases.booking import Occurrence, book
from domain.use_cases.claim_form import ClaimForm, numbered_items
from domain.use_cases.converting import conversion_on
from domain.use_cases.crediting import credit_what_is_due, release_failure
from domain.use_cases.taxing import rate_of_claims
from domain.values import money_text
from domain.warranty_claim import WarrantyClaim
from domain.warranty_policy import PolicyTerms, WarrantyPolicy


def submit_claim(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence, form: ClaimForm
) -> WarrantyClaim:
    """Takes a claim that is in order. Each broken rule has a reason (docs/domain.md, "Claim")."""
    ledger.require_new(WarrantyClaim, number)
    dealer = ledger.get(Dealer, form.dealer)
    if form.currency != dealer.currency:
        raise WrongCurrency(
            f"{form.dealer} settles in {dealer.currency}, not {form.currency}",
            dealer=form.dealer, currency=form.currency, expected=dealer.currency,
        )  # fmt: skip
    machine = ledger.get(Machine, form.machine)
    card = machine.on(occurrence.on)
    _require_own_machine(machine.key, card, form)
    for part in [form.causal_part, *(item.part for item in form.items if item.part)]:
        ledger.require_unrestricted(part, occurrence.on, "claimed")
    booking = book(ledger, command, occurrence, number)
    version = _policy(ledger, card)
    terms = version.value
    _require_covered(machine.key, card, terms, form, booking)
    _require_agreement(ledger, form, terms.tolerance_minor, booking)
    items = numbered_items(ledger, form, terms.handling_rate, booking.occurred_on)
    machine.take_claim(command, number, form.failed_on, form.causal_part)
    return ledger.add(
        WarrantyClaim.submit(
            command, number, booking, **(form._asdict() | {"items": items}),
            policy=machine.model, policy_version=version.number,
            return_days=terms.return_days, chargeback_months=terms.chargeback_months,
        )
    )  # fmt: skip


def adjudicate_claim(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    decisions: tuple[ItemDecision, ...],
) -> WarrantyClaim:
    """Decides every line; credits at once unless the replaced parts must come back first.

    What is approved is taxed at the rate in force on the day of the decision.
    """
    claim = ledger.get(WarrantyClaim, number)
    claim.require("adjudicate")
    booking = book(ledger, command, occurrence, number)
    due_on = None
    if claim.return_days:
        due_on = booking.occurred_on + timedelta(days=claim.return_days)
    vat = None
    if any(decision.approved_minor for decision in decisions):
        vat = rate_of_claims(ledger, ledger.get(Dealer, claim.dealer), booking.occurred_on)
    claim.adjudicate(command, booking, decisions, due_on, vat)
    if claim.state is ClaimState.REJECTED:
        release_failure(ledger, command, claim)
    credit_what_is_due(ledger, command, booking, claim)
    return claim


def mark_claim_overdue(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence
) -> WarrantyClaim:
    """States that replaced parts were due, and not even announced."""
    claim = ledger.get(WarrantyClaim, number)
    claim.require("mark overdue")
    claim.mark_overdue(command, book(ledger, command, occurrence, number))
    return claim


def charge_back_claim(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    because: str,
) -> WarrantyClaim:
    """Takes the credit of a claim back after a failed audit."""
    claim = ledger.get(WarrantyClaim, number)
    claim.require("charge back")
    booking = book(ledger, command, occurrence, number)
    back = claim.charge_back(command, booking, because)
    account = ledger.get(DealerAccount, claim.dealer)
    used = Worth(accounts.WARRANTY_PROVISION, back.net_minor, back.net_functional_minor).negated
    owed = balancing(accounts.CLAIMS_PAYABLE, used)
    item = f"{claim.id}/chargeback"
    postings = account.raise_item(item, booking.effective_on, owed, used)
    account.post(
        command, DealerAccount.ClaimChargedBack, booking.caused_by(claim.last_step), postings,
        claims_tax_minor=-back.tax_minor,
    )  # fmt: skip
    return claim


def _require_own_machine(serial: str, card: MachineCard, form: ClaimForm) -> None:
    if card.dealer != form.dealer:
        raise ForeignMachine(
            f"machine {serial} is {card.dealer}'s, not {form.dealer}'s",
            machine=serial, dealer=form.dealer, registered_dealer=card.dealer,
        )  # fmt: skip
    if not form.user or form.user != card.user:
        raise UserMissing(
            f"machine {serial} has user {card.user or '(none)'},"
            f" the claim names {form.user or '(none)'}",
            machine=serial, user=form.user, registered_user=card.user,
        )  # fmt: skip


def _policy(ledger: Ledger, card: MachineCard) -> Version[PolicyTerms]:
    """The version of the model's policy that was in force when the machine was sold."""
    policy = ledger.find(WarrantyPolicy, card.model)
    version = policy.on(card.sold_on) if policy else None
    if version is None:
        raise NoPolicy(
            f"no warranty policy for {card.model} sold on {card.sold_on}",
            model=card.model, sold_on=card.sold_on,
        )  # fmt: skip
    return version


def _require_covered(
    serial: str, card: MachineCard, terms: PolicyTerms, form: ClaimForm, booking: Booking
) -> None:
    until = months_after(card.sold_on, terms.term_months)
    if not card.sold_on <= form.failed_on <= until:
        raise OutOfWarranty(
            f"machine {serial} failed on {form.failed_on}, covered from {card.sold_on}"
            f" to {until}",
            machine=serial, failed_on=form.failed_on, covered_from=card.sold_on,
            covered_until=until,
        )  # fmt: skip
    submitted_on = booking.occurred_on
    latest = form.failed_on + timedelta(days=terms.submission_days)
    if not form.failed_on <= submitted_on <= latest:
        raise LateSubmission(
            f"failed on {form.failed_on}, to be submitted by {latest}, was on {submitted_on}",
            failed_on=form.failed_on, latest=latest, submitted_on=submitted_on,
        )  # fmt: skip
    if terms.covered_causes and form.fault_code not in terms.covered_causes:
        raise CauseNotCovered(
            f"fault {form.fault_code} is not covered for {card.model}",
            fault_code=form.fault_code, model=card.model,
        )  # fmt: skip


def _require_agreement(
    ledger: Ledger, form: ClaimForm, tolerance_minor: int, booking: Booking
) -> None:
    """The three-document match 三单对比: line by line, within the policy's tolerance.

    The tolerance is in the book's currency: what a claim in another one differs by is converted at
    the rate of its day.
    """
    for number, item in enumerate(form.items, start=1):
        amounts = (item.inspected_minor, item.ordered_minor, item.claimed_minor)
        differ_by = max(amounts) - min(amounts)
        if not differ_by:
            continue
        conversion = conversion_on(ledger, form.currency, booking.occurred_on)
        if (conversion.of(differ_by) if conversion else differ_by) > tolerance_minor:
            shown = [money_text(amount, form.currency) for amount in amounts]
            raise DocumentsDisagree(
                f"item {number}: pre-inspection {shown[0]}, work order {shown[1]}, settlement sheet"
                f" {shown[2]} differ by more than {money_text(tolerance_minor, ledger.currency)}",
                item=number, inspected_minor=amounts[0], ordered_minor=amounts[1],
                claimed_minor=amounts[2], tolerance_minor=tolerance_minor,
            )  # fmt: skip
