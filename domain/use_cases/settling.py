"""Settles with a dealer, month by month 结算: issue, review, confirm or dispute, invoice, close."""

from domain import accounts
from domain.account_facts import AccountFact
from domain.conversion import worth
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement, settlement_key
from domain.errors import StatementTooEarly
from domain.facts import Booking, Command, Fact
from domain.ledger import Ledger
from domain.lines import transferred
from domain.memos import correction
from domain.months import first_day, next_month
from domain.use_cases.booking import Occurrence, book, open_from
from domain.use_cases.converting import conversion_on
from domain.use_cases.crediting import settle_cleared


def issue_statement(
    ledger: Ledger, command: Command, *, dealer: str, month: str, occurrence: Occurrence
) -> DealerSettlement:
    """States a month that is over. Months are stated in order: opening = the last closing."""
    number = settlement_key(dealer, month)
    ledger.require_new(DealerSettlement, number)
    account = ledger.get(DealerAccount, dealer)
    booking = book(ledger, command, occurrence, number)
    if booking.occurred_on < first_day(next_month(month)):
        raise StatementTooEarly(
            f"{month} is not over on {booking.occurred_on}", month=month, on=booking.occurred_on
        )
    issued = booking.caused_by(DealerSettlement.first_step(settlement_key(dealer, month)))
    statement = account.close_statement(command, issued, month)
    return ledger.add(DealerSettlement.issue(command, booking, dealer, account.currency, statement))


def review_statement(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence
) -> DealerSettlement:
    settlement = ledger.get(DealerSettlement, number)
    settlement.require("review")
    settlement.review(command, book(ledger, command, occurrence, number))
    return settlement


def dispute_line(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    line_version: int,
    because: str,
) -> DealerSettlement:
    settlement = ledger.get(DealerSettlement, number)
    settlement.require("dispute")
    booking = book(ledger, command, occurrence, number)
    stated_in = _stated_in(ledger, settlement.dealer, line_version)
    settlement.dispute(command, booking, line_version, stated_in, because)
    return settlement


def resolve_dispute(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    line_version: int,
    memo_minor: int,
    because: str,
) -> DealerSettlement:
    """Resolves a disputed line by a memo in an open period; the statement stays as issued.

    The memo takes its accounts and its tax from the line.
    """
    settlement = ledger.get(DealerSettlement, number)
    settlement.require("resolve a dispute")
    before = settlement.memos.get(line_version, 0)
    booking = book(ledger, command, occurrence, number)
    settlement.resolve_dispute(command, booking, line_version, memo_minor, because)
    if memo_minor:
        account = ledger.get(DealerAccount, settlement.dealer)
        line = ledger.fact(AccountFact, account.id, line_version)
        found = correction(line, before, memo_minor)
        item = f"{settlement.id}/memo-{line_version}"
        account.post(
            command, DealerAccount.MemoPosted, booking.caused_by(settlement.last_step),
            account.raise_item(item, booking.effective_on, found.raised, *found.against),
            claims_tax_minor=found.claims_tax_minor, line_version=line_version,
        )  # fmt: skip
    return settlement


def confirm_statement(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence, content_hash: str
) -> DealerSettlement:
    settlement = ledger.get(DealerSettlement, number)
    settlement.require("confirm")
    settlement.confirm(command, book(ledger, command, occurrence, number), content_hash)
    return settlement


def invoice_settlement(
    ledger: Ledger,
    command: Command,
    *,
    number: str,
    occurrence: Occurrence,
    sales_invoice: str = "",
    claims_invoice: str = "",
) -> DealerSettlement:
    """Matches both sides' tax invoices: the maker's for the sales, the dealer's for its claims.

    The tax of the claims is what their credits carried, less what was taken back of it. That of the
    sales leaves the pending tax with what it was worth when they were made.
    """
    settlement = ledger.get(DealerSettlement, number)
    settlement.require("invoice")
    booking = book(ledger, command, occurrence, number)
    statement = settlement.statement
    foreign = settlement.currency != ledger.currency
    postings = transferred(
        (accounts.VAT_PENDING, ""), (accounts.VAT_OUT, ""),
        statement.sales_tax_minor, settlement.currency,
        statement.sales_tax_functional_minor if foreign else None,
    )  # fmt: skip
    settlement.invoice(command, booking, sales_invoice, claims_invoice, postings)
    tax = statement.claims_tax_minor
    if tax:
        account = ledger.get(DealerAccount, settlement.dealer)
        conversion = conversion_on(ledger, account.currency, booking.occurred_on)
        amounts = worth(conversion, (accounts.CLAIMS_PAYABLE, -tax), (accounts.VAT_IN, tax))
        postings = account.raise_item(f"{settlement.id}/claims-tax", booking.effective_on, *amounts)
        invoiced = booking.caused_by(settlement.last_step)
        account.post(command, DealerAccount.ClaimsInvoiced, invoiced, postings, conversion)
    return settlement


def close_settlement(
    ledger: Ledger, command: Command, *, number: str, occurrence: Occurrence
) -> DealerSettlement:
    """Nets claims and other credits against what is owed, and settles the claims this clears."""
    settlement = ledger.get(DealerSettlement, number)
    settlement.require("close")
    booking = book(ledger, command, occurrence, number)
    settlement.close(command, booking)
    _net(ledger, command, booking.caused_by(settlement.last_step), settlement.dealer)
    return settlement


def _stated_in(ledger: Ledger, dealer: str, version: int) -> str:
    """The month on whose statement the entry of this version of the account stands; empty where
    there is no such entry, or it is not a line."""
    account = ledger.get(DealerAccount, dealer)
    if not 1 <= version <= account.version:
        return ""
    fact = ledger.fact(Fact, account.id, version)
    return fact.statement_month if isinstance(fact, AccountFact) else ""


def _net(ledger: Ledger, command: Command, booking: Booking, dealer: str) -> None:
    account = ledger.get(DealerAccount, dealer)
    settle_cleared(ledger, command, account, account.net(command, booking, open_from(ledger)))
