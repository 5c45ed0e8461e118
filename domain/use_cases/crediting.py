"""Credits what is approved of a claim once nothing is waited for, and settles what was paid."""

from collections.abc import Mapping

from domain import accounts
from domain.claim_states import ClaimState
from domain.conversion import Worth, balancing
from domain.dealer_account import DealerAccount
from domain.facts import Booking, Command
from domain.ledger import Ledger
from domain.machine import Machine
from domain.months import month_of
from domain.parts_back import Finding
from domain.use_cases.booking import Occurrence, book
from domain.use_cases.converting import conversion_on
from domain.warranty_claim import WarrantyClaim


def credit_what_is_due(
    ledger: Ledger, command: Command, booking: Booking, claim: WarrantyClaim
) -> None:
    """Posts to the dealer's account what is approved and not credited yet, if nothing is waited
    for any more.

    Its tax is on no account before the dealer has invoiced the month's claims.
    """
    if claim.state not in claim.ALLOWED["credit"] or not claim.progress.due:
        return
    latest = _latest(ledger, command, booking, claim)
    conversion = conversion_on(ledger, claim.currency, latest.occurred_on)
    credit = claim.credit(command, latest, conversion)
    item = claim.progress.open_items(claim.id)[-1]
    account = ledger.get(DealerAccount, claim.dealer)
    used = Worth(accounts.WARRANTY_PROVISION, credit.net_minor, credit.net_functional_minor)
    owed = balancing(accounts.CLAIMS_PAYABLE, used)
    postings = account.raise_item(item, latest.effective_on, owed, used)
    credited = latest.caused_by(claim.last_step)
    account.post(
        command, DealerAccount.ClaimCredited, credited, postings, conversion,
        claims_tax_minor=credit.tax_minor,
    )  # fmt: skip


def deny_if_nothing_is_left(
    ledger: Ledger,
    command: Command,
    booking: Booking,
    claim: WarrantyClaim,
    parts_return: str,
    finding: Finding,
) -> None:
    """Rejects a claim of which inspection has refused everything."""
    if claim.state in claim.ALLOWED["deny the credit"] and claim.progress.nothing_left:
        claim.deny(command, _latest(ledger, command, booking, claim), parts_return, str(finding))
        release_failure(ledger, command, claim)


def release_failure(ledger: Ledger, command: Command, claim: WarrantyClaim) -> None:
    """A rejected claim does not stand in the way of a new one for the same failure."""
    machine = ledger.get(Machine, claim.machine)
    machine.release_claim(command, claim.key, claim.failed_on, claim.causal_part)


def settle_cleared(
    ledger: Ledger, command: Command, account: DealerAccount, cleared: Mapping[str, Booking]
) -> None:
    """Settles the claims of which no item is open any more: what was cleared, all of it or some,
    and when each was."""
    claims: dict[str, Booking] = {}
    for item, booking in cleared.items():
        kind, _, key = item.partition("/")
        if kind == WarrantyClaim.KIND:
            number = key.partition("/")[0]
            claims[number] = max(claims.get(number, booking), booking)
    ledger.have(WarrantyClaim, claims)
    for number, booking in claims.items():
        claim = ledger.get(WarrantyClaim, number)
        still_open = account.items.keys() & set(claim.progress.open_items(claim.id))
        if claim.state is ClaimState.CREDITED and not still_open:
            claim.settle(command, booking)


def _latest(ledger: Ledger, command: Command, booking: Booking, claim: WarrantyClaim) -> Booking:
    """On the latest day among the steps it waited for, which may be later than the last one's."""
    days = claim.progress.latest.days
    if month_of(days.effective_on) != month_of(booking.effective_on):
        # That month may be soft-closed, and the paper of this step not approved for it.
        book(ledger, command, Occurrence(days.effective_on), booking.document)
    return Booking(days, booking.document)
