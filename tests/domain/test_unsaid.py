"""What a command leaves out is recorded as nothing, and not as something."""

from domain.accounting_period import AccountingPeriod
from domain.claim_lines import ClaimedItem, ItemKind
from domain.dealer_settlement import DealerSettlement
from domain.errors import PeriodSoftClosed
from domain.ledger import Ledger
from domain.parts_back import Finding
from domain.parts_return import Disposal, PartsReturn, ReturnKind
from domain.purchase_receipt import PurchaseLine
from domain.use_cases import closing, purchasing, returning, settling
from domain.use_cases.booking import Occurrence
from domain.use_cases.returning import request_good_return
from tests.domain.desk import BOB, d, kinds, on, only
from tests.domain.givens import CUSTODY, MAIN, PUMP, bought, maker, stocked_maker
from tests.domain.test_parts_return import announced, received, sold_and_claimed


def test_a_parcel_without_waybill_note_or_deadline() -> None:
    desk = sold_and_claimed()
    facts = desk.do(
        request_good_return, number="R1", occurrence=on(7, 16), sale="SA1", part=PUMP, quantity=1,
        to_place=CUSTODY,
    )  # fmt: skip
    assert only(facts, PartsReturn.Requested).due_on is None
    assert only(facts, PartsReturn.Requested).claim == ""

    shipped = desk.do(returning.ship_return, number="R1", occurrence=on(7, 17))
    received(desk)
    inspected = desk.do(
        returning.inspect_return, number="R1", occurrence=on(7, 19), finding=Finding.NO_FAULT_FOUND
    )
    disposed = desk.do(
        returning.dispose_return, number="R1", occurrence=on(7, 20), disposal=Disposal.SCRAP
    )

    assert only(shipped, PartsReturn.Shipped).waybill == ""
    assert only(shipped, PartsReturn.Shipped).document == "R1", "its own number"
    assert only(inspected, PartsReturn.Inspected).note == ""
    assert only(disposed, PartsReturn.Disposed).to_place == ""


def test_a_claimed_line_without_part_pieces_or_cause() -> None:
    line = ClaimedItem(kind=ItemKind.LABOUR, inspected_minor=1, ordered_minor=2, claimed_minor=3)

    assert (line.part, line.quantity, line.cause_item) == ("", 0, None)


def test_what_is_said_of_a_parcel_is_recorded() -> None:
    """The control."""
    desk = sold_and_claimed()
    facts = announced(desk, ReturnKind.DEFECTIVE)
    requested = only(facts, PartsReturn.Requested)

    assert (requested.claim, requested.sale) == ("C1", "")
    assert requested.due_on == d(8, 12)
    assert (requested.currency, requested.net_minor, requested.tax_minor) == ("", 0, 0)


def test_a_settlement_without_invoice_numbers_where_there_is_nothing_to_invoice() -> None:
    desk = stocked_maker()
    desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    number = "D01/2025-07"
    desk.do(settling.review_statement, actor=BOB, number=number)
    content_hash = desk.the(DealerSettlement, number).statement.content_hash
    desk.do(settling.confirm_statement, number=number, content_hash=content_hash)
    facts = desk.do(settling.invoice_settlement, number=number, occurrence=on(8, 2))
    invoiced = only(facts, DealerSettlement.Invoiced)

    assert (invoiced.sales_invoice, invoiced.claims_invoice, invoiced.document) == ("", "", number)


def test_an_entry_without_a_document_is_approved_by_its_own_number() -> None:
    desk = maker()
    desk.do(closing.soft_close, month="2025-07")
    desk.approve("2025-07", "PR-2", "purchases", "suppliers/S1", -5)

    facts = desk.refused(
        PeriodSoftClosed, purchasing.receive_purchase, number="PR-1",
        occurrence=Occurrence(d(7, 31)), supplier="S1", to_place=MAIN, lines=(),
    )  # fmt: skip
    assert facts == {"month": "2025-07", "document": "PR-1"}
    line = PurchaseLine(part=PUMP, quantity=1, value_minor=5)
    desk.do(
        purchasing.receive_purchase, number="PR-2", occurrence=Occurrence(d(7, 31)), supplier="S1",
        to_place=MAIN, lines=(line,),
    )  # fmt: skip


def test_a_book_is_in_yuan_and_has_one_calendar_unless_it_says_otherwise() -> None:
    desk = maker()
    bought(desk, 1, 5, on(7, 1))
    facts = desk.do(closing.soft_close, month="2025-06")

    assert desk.ledger.currency == "CNY"
    assert Ledger(currency="EUR").currency == "EUR"
    assert kinds(facts)[0] == "AccountingPeriod.Opened"
    assert only(facts, AccountingPeriod.Opened).originator_id == "periods/calendar"
