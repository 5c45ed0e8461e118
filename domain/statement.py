"""A dealer's monthly statement 对账单 as it is issued: its sums, and the hash of its rows."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from msgspec import Struct

from domain import accounts
from domain.lines import Posting
from domain.stored import Stored


class StatedRow(NamedTuple):
    """One line of the account, as the statement's hash covers it."""

    version: int  # In the account's stream.
    kind: str  # SaleInvoiced, PaymentReceived, …
    occurred_on: date
    effective_on: date
    document: str
    net_minor: int
    items_hash: str


class MonthSums(Struct, forbid_unknown_fields=True):
    """What stands on a month's statement so far. `rows_hash` chains its rows in order."""

    debit_minor: int = 0
    credit_minor: int = 0
    sales_line_count: int = 0
    sales_tax_minor: int = 0
    sales_tax_functional_minor: int = 0
    claims_line_count: int = 0
    claims_minor: int = 0
    claims_tax_minor: int = 0
    line_count: int = 0
    first_version: int = 0
    last_version: int = 0
    rows_hash: str = ""

    def add_row(self, row: StatedRow) -> None:
        """Takes the next line in."""
        if row.net_minor > 0:
            self.debit_minor += row.net_minor
        else:
            self.credit_minor -= row.net_minor
        self.line_count += 1
        self.first_version = self.first_version or row.version
        self.last_version = row.version
        self.rows_hash = row_hash(self.rows_hash, row)

    def add_to_invoices(self, postings: Iterable[Posting], claims_tax_minor: int) -> None:
        """Takes in what a line adds to the month's two invoices: the maker's for what it sold, and
        the dealer's for its claims."""
        of_sales = of_claims = False
        for posting in postings:
            account = posting.account
            if account == accounts.PARTS_REVENUE:
                of_sales = True
            elif account == accounts.VAT_PENDING:
                of_sales = True
                self.sales_tax_minor -= posting.amount_minor
                self.sales_tax_functional_minor -= posting.functional_minor or 0
            elif account == accounts.WARRANTY_PROVISION:
                of_claims = True
                self.claims_minor += posting.amount_minor
        if of_sales:
            self.sales_line_count += 1
        if of_claims:
            self.claims_line_count += 1
            self.claims_tax_minor += claims_tax_minor


class Statement(Stored):
    """A month as stated: `closing = opening + debit − credit`, in minor units.

    What is to be invoiced of it: the tax of so many lines of sales, by the maker, and the net
    amount of so many lines of claims with their tax, by the dealer. Where the book is in another
    currency than the dealer, the tax of the sales has what it was worth when it was raised, too.

    Its lines are the entries from `first_version` to `last_version` of the account whose
    `statement_month` is this month, `line_count` of them; between them may stand lines of the next
    month that were recorded before this one was stated.
    """

    month: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int
    line_count: int
    first_version: int
    last_version: int
    content_hash: str
    sales_line_count: int
    sales_tax_minor: int
    claims_line_count: int
    claims_minor: int
    claims_tax_minor: int
    sales_tax_functional_minor: int = 0


def stated(
    dealer: str, currency: str, month: str, opening_minor: int, sums: MonthSums
) -> Statement:
    """The statement of a month that opens with the closing balance of the one before."""
    closing = opening_minor + sums.debit_minor - sums.credit_minor
    return Statement(
        month=month,
        opening_minor=opening_minor,
        closing_minor=closing,
        content_hash=content_hash(dealer, month, currency, opening_minor, closing, sums.rows_hash),
        debit_minor=sums.debit_minor,
        credit_minor=sums.credit_minor,
        sales_line_count=sums.sales_line_count,
        sales_tax_minor=sums.sales_tax_minor,
        sales_tax_functional_minor=sums.sales_tax_functional_minor,
        claims_line_count=sums.claims_line_count,
        claims_minor=sums.claims_minor,
        claims_tax_minor=sums.claims_tax_minor,
        line_count=sums.line_count,
        first_version=sums.first_version,
        last_version=sums.last_version,
    )


def items_hash(postings: Iterable[Posting]) -> str:
    """SHA-256 over the open items that a line raises or clears, with their due days.

    The hashes are of texts that anyone can write down again: docs/facts/rules.md says how.
    """
    lines = [
        f"{each.account}\t{each.item}\t{each.due_on or ''}\t{each.amount_minor}\n"
        for each in postings
        if each.account in accounts.DEALER_ACCOUNTS
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def row_hash(before: str, row: StatedRow) -> str:
    """SHA-256 over the hash of the rows before and this row."""
    return _hash(before, *row)


def content_hash(
    dealer: str, month: str, currency: str, opening: int, closing: int, rows_hash: str
) -> str:
    """SHA-256 over the statement's head and its rows: what the dealer confirms."""
    return _hash(dealer, month, currency, opening, closing, rows_hash)


def _hash(*fields: object) -> str:
    """No text of a fact holds a tab, so that no two rows are written in the same way."""
    return hashlib.sha256("\t".join(map(str, fields)).encode()).hexdigest()
