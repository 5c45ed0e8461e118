"""A dealer's monthly statement 对账单 as it is issued: its sums, and the hash of its rows."""

import hashlib
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel


@dataclass(slots=True)
class MonthSums:
    """What stands on a month's statement so far. `rows_hash` chains its rows in order."""

    debit_minor: int = 0
    credit_minor: int = 0
    sales_tax_minor: int = 0
    claims_minor: int = 0
    line_count: int = 0
    first_version: int = 0
    last_version: int = 0
    rows_hash: str = ""


class Statement(BaseModel):
    """A month as stated: `closing = opening + debit − credit`, in minor units."""

    month: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int
    line_count: int
    first_version: int
    last_version: int
    content_hash: str
    sales_tax_minor: int
    claims_minor: int


def row_hash(before: str, version: int, effective_on: date, document: str, amount: int) -> str:
    """SHA-256 over the hash of the rows before and this row, as the statement shows it."""
    row = f"{before}|{version}|{effective_on}|{document}|{amount}"
    return hashlib.sha256(row.encode()).hexdigest()


def content_hash(
    dealer: str, month: str, currency: str, opening: int, closing: int, rows_hash: str
) -> str:
    """SHA-256 over the statement's head and its rows: what the dealer confirms."""
    head = f"{dealer}|{month}|{currency}|{opening}|{closing}|{rows_hash}"
    return hashlib.sha256(head.encode()).hexdigest()
