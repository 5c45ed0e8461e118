"""Statements, open items and the trial balance as the API shows them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from domain.accounts import NAMES
from domain.months import last_day
from partsledger.v1 import statement_service_pb2 as pb
from partsledger.v1.types_pb2 import Step
from projections.books.account_lines import AccountLine, Balance
from projections.books.trial_balance import AccountBalance, TrialBalance
from projections.claims.pending_claims import PendingClaim
from projections.dealers.dealer_statement import DealerStatement, StatementRow
from projections.dealers.open_items import OpenByAge, OpenItem
from projections.dealers.receivables import Receivable, Receivables
from server.api.conversions import money, names, times
from server.api.conversions.book import ShownBook


def statement_message(statement: DealerStatement, book: ShownBook) -> pb.Statement:
    currency, issued = statement.currency, statement.issued
    ends_on = last_day(statement.month)
    return pb.Statement(
        name=names.STATEMENT.format(book.name, f"{statement.dealer}/{statement.month}"),
        dealer=names.DEALER.format(book.name, statement.dealer),
        month=statement.month,
        currency=currency,
        opening=money.sum_message(statement.opening_minor, currency),
        debit=money.sum_message(statement.debit_minor, currency),
        credit=money.sum_message(statement.credit_minor, currency),
        closing=money.sum_message(statement.closing_minor, currency),
        lines=_lines(statement, book),
        open_by_age=_by_age(statement.open_by_age, currency),
        open_items=[open_item_message(item, ends_on, book) for item in statement.open_items],
        pending_claims=[_pending_claim(claim, book) for claim in statement.pending_claims],
        state=pb.STATEMENT_STATE_ISSUED if issued else pb.STATEMENT_STATE_PROVISIONAL,
        content_hash=statement.content_hash,
        issue_time=times.moment_message(issued.recorded_at) if issued else None,
    )


def open_item_message(item: OpenItem, on: date, book: ShownBook) -> pb.OpenItem:
    return pb.OpenItem(
        dealer=names.DEALER.format(book.name, item.dealer),
        account=item.account,
        item=item.item,
        amount=money.sum_message(item.amount_minor, item.currency),
        due_on=times.day_message(item.due_on),
        days_overdue=item.days_overdue(on),
        functional=(
            money.sum_message(item.functional_minor, book.currency)
            if item.currency != book.currency
            else None
        ),
    )


def receivables_message(found: Receivables, book: ShownBook) -> pb.GetReceivablesResponse:
    return pb.GetReceivablesResponse(
        receivables=[_receivable(each, book) for each in found.dealers],
        totals=[_receivable(each, book) for each in found.totals],
        as_of_position=found.as_of_position,
        as_of_date=times.day_message(found.as_of),
    )


def _receivable(found: Receivable, book: ShownBook) -> pb.Receivable:
    return pb.Receivable(
        dealer=names.DEALER.format(book.name, found.dealer) if found.dealer else "",
        open_by_age=_by_age(found.open_by_age, found.currency),
        total=money.sum_message(sum(found.open_by_age), found.currency),
        functional=(
            money.sum_message(found.functional_minor, book.currency)
            if found.currency != book.currency
            else None
        ),
    )


def trial_balance_message(balance: TrialBalance, book: ShownBook) -> pb.GetTrialBalanceResponse:
    return pb.GetTrialBalanceResponse(
        accounts=[_account(line, book.currency) for line in balance.accounts],
        differences=[
            money.sum_message(minor, currency)
            for currency, minor in sorted(balance.difference_minor.items())
        ],
        as_of_position=balance.as_of_position,
        as_of_date=times.day_message(balance.as_of),
        functional_difference=money.sum_message(balance.functional_difference_minor, book.currency),
    )


def account_lines_message(
    account: str,
    opening: Mapping[str, Balance],
    lines: Iterable[AccountLine],
    steps: Mapping[int, Step],
    book: ShownBook,
) -> pb.ListAccountLinesResponse:
    """Without what it says of the page. `steps` are the entries of the lines, by position."""
    worth = sum(balance.worth_minor for balance in opening.values())
    return pb.ListAccountLinesResponse(
        title=NAMES[account],
        openings=[
            money.sum_message(balance.amount_minor, currency)
            for currency, balance in opening.items()
        ],
        functional_opening=money.sum_message(worth, book.currency),
        lines=[_account_line(line, steps[line.place.position], book) for line in lines],
    )


def _account_line(line: AccountLine, step: Step, book: ShownBook) -> pb.AccountLine:
    return pb.AccountLine(
        step=step,
        posting=line.place.line_no,
        party=line.party,
        item=line.item,
        due_on=times.day_message(line.due_on),
        amount=money.sum_message(line.amount.amount_minor, line.currency),
        balance=money.sum_message(line.balance_minor, line.currency),
        functional=money.sum_message(line.amount.worth_minor, book.currency),
        functional_balance=money.sum_message(line.worth_minor, book.currency),
    )


def _lines(statement: DealerStatement, book: ShownBook) -> Iterator[pb.StatementLine]:
    balance = statement.opening_minor
    for row in statement.rows:
        balance += row.net_minor
        yield _line(row, balance, statement.currency, book)


def _line(row: StatementRow, balance: int, currency: str, book: ShownBook) -> pb.StatementLine:
    return pb.StatementLine(
        entry=names.ENTRY.format(book.name, str(row.position)),
        position=row.position,
        account_version=row.version,
        effective_on=times.day_message(row.effective_on),
        occurred_on=times.day_message(row.occurred_on),
        document=row.document,
        kind=row.fact,
        debit=money.sum_message(row.debit_minor, currency),
        credit=money.sum_message(row.credit_minor, currency),
        balance=money.sum_message(balance, currency),
        prior_period=row.prior_period,
    )


def _by_age(sums: OpenByAge, currency: str) -> pb.OpenByAge:
    return pb.OpenByAge(
        not_due=money.sum_message(sums.not_due, currency),
        days_0_to_30=money.sum_message(sums.days_0_30, currency),
        days_31_to_60=money.sum_message(sums.days_31_60, currency),
        days_61_to_90=money.sum_message(sums.days_61_90, currency),
        days_91_to_180=money.sum_message(sums.days_91_180, currency),
        over_180_days=money.sum_message(sums.over_180, currency),
    )


def _pending_claim(claim: PendingClaim, book: ShownBook) -> pb.PendingClaim:
    message = pb.PendingClaim(
        claim=names.CLAIM.format(book.name, claim.claim),
        document=claim.document,
        submitted_on=times.day_message(claim.submitted_on),
        claimed=money.message(claim.claimed_minor, claim.currency),
    )
    if claim.approved_minor is not None:
        message.approved.CopyFrom(money.message(claim.approved_minor, claim.currency))
    return message


def _account(line: AccountBalance, book_currency: str) -> pb.AccountBalance:
    return pb.AccountBalance(
        account=line.account,
        title=line.title,
        party=line.party,
        debit=money.sum_message(line.debit_minor, line.currency),
        credit=money.sum_message(line.credit_minor, line.currency),
        balance=money.sum_message(line.balance_minor, line.currency),
        functional_debit=money.sum_message(line.functional_debit_minor, book_currency),
        functional_credit=money.sum_message(line.functional_credit_minor, book_currency),
        functional_balance=money.sum_message(line.functional_balance_minor, book_currency),
    )
