"""Settlements and the accounting period as the API shows them."""

from typing import Final

from domain.accounting_period import AccountingPeriod
from domain.dealer_settlement import DealerSettlement
from domain.settlement_states import SettlementState
from partsledger.v1 import period_service_pb2, settlement_service_pb2
from server.api.conversions import money, names
from server.api.conversions.book import ShownBook
from server.api.conversions.choices import Choice
from server.api.conversions.times import moment_message

SETTLEMENT_STATE: Final = Choice(SettlementState, settlement_service_pb2.SettlementState)


def settlement_message(
    settlement: DealerSettlement, book: ShownBook
) -> settlement_service_pb2.Settlement:
    statement, currency = settlement.statement, settlement.currency
    disputes = [
        settlement_service_pb2.Dispute(line_version=version, because=dispute.because)
        for version, dispute in sorted(settlement.disputes.items())
    ]
    return settlement_service_pb2.Settlement(
        name=names.SETTLEMENT.format(book.name, settlement.key),
        etag=str(settlement.version),
        create_time=moment_message(settlement.created_on),
        update_time=moment_message(settlement.modified_on),
        dealer=names.DEALER.format(book.name, settlement.dealer),
        month=statement.month,
        state=SETTLEMENT_STATE.number(settlement.state),
        opening=money.sum_message(statement.opening_minor, currency),
        debit=money.sum_message(statement.debit_minor, currency),
        credit=money.sum_message(statement.credit_minor, currency),
        closing=money.sum_message(statement.closing_minor, currency),
        line_count=statement.line_count,
        first_version=statement.first_version,
        last_version=statement.last_version,
        content_hash=statement.content_hash,
        disputes=disputes,
        sales_tax=money.sum_message(statement.sales_tax_minor, currency),
        claims=money.sum_message(statement.claims_minor, currency),
        claims_tax=money.sum_message(statement.claims_tax_minor, currency),
    )


def period_message(calendar: AccountingPeriod, book: ShownBook) -> period_service_pb2.Period:
    approvals = [
        period_service_pb2.EntryApproval(
            month=entry.month,
            document=entry.document,
            approved_by=approver,
            kind=entry.kind,
            party=entry.party,
            amount=money.message(entry.amount_minor, entry.currency),
        )
        for entry, approver in sorted(calendar.approvals.values())
    ]
    return period_service_pb2.Period(
        name=names.PERIOD.format(book.name, calendar.key),
        etag=str(calendar.version),
        create_time=moment_message(calendar.created_on),
        update_time=moment_message(calendar.modified_on),
        soft_closed_through=calendar.soft_closed_through,
        hard_closed_through=calendar.hard_closed_through,
        approvals=approvals,
        reopening_requested=calendar.reopening[0] if calendar.reopening else "",
        hard_close_requested=calendar.hard_closing[0] if calendar.hard_closing else "",
    )
