"""The dealer's monthly statement 对账单: opening and closing balance, lines, open items by age.

A line stands on the statement that its fact names, and not on that of its date: what comes late for
a month already stated is on the next statement, and marked. So a stated month never changes, and
every statement opens with the closing balance of the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from domain.months import first_day, last_day
from domain.statement import StatedRow, Statement, content_hash, row_hash
from projections.claims.pending_claims import PendingClaim, pending_claims
from projections.dealers.account_rows import STATEMENT_MONTHS
from projections.dealers.open_items import LAST_STATED, OpenByAge, OpenItem, by_age, items_of_month
from projections.engine.reading import Reading

# The account, what it opened with, and the statement as it was issued: one row, of one question.
_HEAD: Final = f"""
    SELECT currency, {LAST_STATED}, (
        SELECT coalesce(sum(net_minor), 0) FROM {{months}} AS m
        WHERE dealer = %(dealer)s AND statement_month < %(month)s
    ), i.*
    FROM {{views}}.dealer_accounts AS d
    LEFT JOIN LATERAL (
        SELECT position AS issued_at, recorded_at, month, opening_minor, debit_minor, credit_minor,
               closing_minor, line_count, first_version, last_version, content_hash,
               sales_line_count, sales_tax_minor, claims_line_count, claims_minor, claims_tax_minor
        FROM {{views}}.issued_statements
        WHERE dealer = %(dealer)s AND month = %(month)s AND {{seen}}
    ) AS i ON true
    WHERE dealer = %(dealer)s AND {{seen}}
"""
_ROWS: Final = """
    SELECT position, version, split_part(topic, '.', 2), effective_on, occurred_on, document,
           net_minor, encode(items_hash, 'hex'), occurred_on < %(begins)s
    FROM {views}.statement_rows
    WHERE dealer = %(dealer)s AND statement_month = %(month)s AND {seen}
    ORDER BY version
"""


class StatementRow(NamedTuple):
    """One fact of the account, with the document it came from. Version orders the rows."""

    position: int
    version: int
    fact: str  # SaleInvoiced, PaymentReceived, …
    effective_on: date
    occurred_on: date
    document: str
    net_minor: int  # Debit positive: the dealer owes more.
    items_hash: str  # Of the open items that it raises or clears.
    prior_period: bool  # It happened in a month that was already stated or closed.

    @property
    def stated(self) -> StatedRow:
        """What the statement's hash covers of it."""
        return StatedRow(
            self.version, self.fact, self.occurred_on, self.effective_on, self.document,
            self.net_minor, self.items_hash,
        )  # fmt: skip

    @property
    def debit_minor(self) -> int:
        return max(self.net_minor, 0)

    @property
    def credit_minor(self) -> int:
        return max(-self.net_minor, 0)


class IssuedStatement(NamedTuple):
    """The statement as the ledger closed it, and where that stands in the log."""

    position: int
    recorded_at: datetime
    statement: Statement


class StatementDiffers(Exception):  # noqa: N818 - Named after what is the matter.
    """The rows of an issued statement, as they are read now, have not the hash it was issued under.

    An issued statement never changes, so a view or the log does not hold what it held.
    """

    def __init__(self, dealer: str, month: str, issued: IssuedStatement, shown: str) -> None:
        super().__init__(
            f"the statement of {dealer} for {month} was issued at position {issued.position} as"
            f" {issued.statement.content_hash}, but what is read now has {shown}"
        )
        self.dealer, self.month, self.position = dealer, month, issued.position
        self.issued, self.shown = issued.statement.content_hash, shown


@dataclass(frozen=True, slots=True)
class DealerStatement:
    """Amounts in minor units of `currency`; positive is owed by the dealer."""

    dealer: str
    month: str
    currency: str
    as_of_position: int
    opening_minor: int
    rows: tuple[StatementRow, ...]
    open_items: tuple[OpenItem, ...]  # They sum to the closing balance.
    pending_claims: tuple[PendingClaim, ...]  # Posted to no account. As of its issue, if issued.
    issued: IssuedStatement | None

    @property
    def debit_minor(self) -> int:
        return sum(row.debit_minor for row in self.rows)

    @property
    def credit_minor(self) -> int:
        return sum(row.credit_minor for row in self.rows)

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.debit_minor - self.credit_minor

    @property
    def open_by_age(self) -> OpenByAge:
        """By days past the due date at the end of the month."""
        return by_age(self.open_items, last_day(self.month))

    @property
    def content_hash(self) -> str:
        """Hash of head and rows as shown here: what it is, or would be, issued under."""
        rows_hash = ""
        for row in self.rows:
            rows_hash = row_hash(rows_hash, row.stated)
        return content_hash(
            self.dealer, self.month, self.currency, self.opening_minor, self.closing_minor,
            rows_hash,
        )  # fmt: skip


def dealer_statement(now: Reading, dealer: str, month: str) -> DealerStatement | None:
    """The statement of a dealer and a month (`2025-07`), issued or not; None without an account.

    A month that is not yet stated may still change, up to the position it is read at. One that was
    issued shows what was issued, at every position since. Raises `StatementDiffers` where it does
    not: then a view is not what the log says.
    """
    shown = statement_as_read(now, dealer, month)
    if shown is None or shown.issued is None:
        return shown
    if shown.issued.statement.content_hash != shown.content_hash:
        raise StatementDiffers(dealer, month, shown.issued, shown.content_hash)
    return shown


def statement_as_read(now: Reading, dealer: str, month: str) -> DealerStatement | None:
    """What `dealer_statement` compares with what was issued."""
    question = _HEAD.replace("{months}", STATEMENT_MONTHS.at(now))
    heads = now.select(question, {"dealer": dealer, "month": month}, often=True)
    if not heads:
        return None
    [(currency, last_stated, opening, *as_issued)] = heads
    issued = _issued(as_issued)
    return DealerStatement(
        dealer=dealer,
        month=month,
        currency=currency,
        as_of_position=now.position,
        opening_minor=int(opening),
        rows=_rows(now, dealer, month),
        open_items=items_of_month(now, dealer, month, last_stated),
        pending_claims=pending_claims(
            now if issued is None else now.as_of(issued.position), dealer, last_day(month)
        ),
        issued=issued,
    )


def _issued(read: Sequence[Any]) -> IssuedStatement | None:
    """The statement as it was issued, if it was."""
    position, recorded_at, *fields = read
    if position is None:
        return None
    statement: dict[str, Any] = {
        name: int(value) if isinstance(value, Decimal) else value
        for name, value in zip(_STATEMENT_FIELDS, fields, strict=True)
    }
    return IssuedStatement(position, recorded_at, Statement(**statement))


_STATEMENT_FIELDS: Final[Sequence[str]] = (
    "month", "opening_minor", "debit_minor", "credit_minor", "closing_minor", "line_count",
    "first_version", "last_version", "content_hash", "sales_line_count", "sales_tax_minor",
    "claims_line_count", "claims_minor", "claims_tax_minor",
)  # fmt: skip


def _rows(now: Reading, dealer: str, month: str) -> tuple[StatementRow, ...]:
    values = {"dealer": dealer, "month": month, "begins": first_day(month)}
    rows = now.select(_ROWS, values, often=True)
    return tuple(StatementRow(*row)._replace(net_minor=int(row[6])) for row in rows)
