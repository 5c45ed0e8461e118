"""A history that passes every fact there is: what the log can hold, in one example."""

from decimal import Decimal

from domain.book import Book
from domain.clearing import Allocation
from domain.facts import Fact
from domain.layers import MOST_LAYERS
from domain.machine import MachineCard
from domain.part import CatalogueEntry, PartClass
from domain.parts_back import Finding
from domain.parts_return import Disposal
from domain.place import PlaceEntry, PlaceKind
from domain.price_list import PriceListKind
from domain.purchase_receipt import PurchaseLine
from domain.supplier import SupplierTerms
from domain.transfer_lines import DiscrepancyCause, Resolution
from domain.use_cases import (
    base_data,
    claiming,
    closing,
    paying,
    purchasing,
    returning,
    revising,
    selling,
    settling,
    transferring,
)
from domain.use_cases.selling import WantedLine
from tests.domain.claim_steps import decision
from tests.domain.desk import BOB, Desk, on
from tests.domain.givens import (
    CUSTODY,
    MAIN,
    NORTH,
    PUMP,
    SEAL,
    bought,
    dispatched,
    form,
    item,
    requested,
    sold,
    stocked_maker,
)
from tests.small_maker import revised, terms

FULL = (decision(1, 2000), decision(2, 500))
PART = (decision(1, 2000), decision(2, 0, "own labour"))
NONE = (decision(1, 0, "abuse"),)
JULY = "D01/2025-07"


def every_fact() -> list[Fact]:
    """The facts of one book in the order of their streams, each kind at least once."""
    return toured().facts()


def toured() -> Desk:
    """The book at the end of the tour."""
    desk = stocked_maker()
    desk.do(lambda ledger, cmd: ledger.add(Book.open(cmd, "main", "CNY", "Asia/Shanghai")))
    _revisions(desk)
    desk.do(
        base_data.set_price, price_list="settlement-CNY", part=PUMP,
        effective_from=on(2, 1).on, unit_price_minor=1999,
    )  # fmt: skip
    desk.do(
        base_data.change_vat_rate, number="settlement-CNY", effective_from=on(4, 1).on,
        vat_rate=Decimal("0.13"),
    )  # fmt: skip
    desk.do(base_data.set_policy, model="ZY16", terms=revised(handling_rate=Decimal("0.05")))
    numbered = PurchaseLine(
        part=SEAL, quantity=1, value_minor=35, unit_cost=Decimal("0.3456"), lot="L7", serial="SN-1"
    )
    desk.do(
        purchasing.receive_purchase, number="PR-1", occurrence=on(7, 1, "DN-1"), supplier="S03",
        to_place=MAIN, lines=(numbered,),
    )  # fmt: skip
    _transfers(desk)
    sold(desk)
    _claims(desk)
    _returns(desk)
    _settlement(desk)
    _many_layers(desk)
    _foreign(desk)
    _calendar(desk)
    return desk


def _revisions(desk: Desk) -> None:
    """Base data as it is from 2 January on."""
    supplier = SupplierTerms("长沙液压", "CNY", "", 60)
    desk.do(base_data.register_supplier, code="SUP1", terms=supplier)
    pump = CatalogueEntry("主泵", PartClass.MODULE, serviceable=True, restricted=False)
    for use_case, revised_to in (
        (revising.revise_part, {"number": PUMP, "entry": pump}),
        (revising.revise_place,
         {"code": NORTH, "entry": PlaceEntry("北库", PlaceKind.WAREHOUSE)}),
        (revising.revise_dealer, {"code": "D02", "terms": terms(payment_days=45)}),
        (revising.revise_machine,
         {"serial": "S3", "card": MachineCard("ZY16", "D01", on(1, 1).on, "U3")}),
        (revising.revise_supplier,
         {"code": "SUP1", "terms": supplier._replace(payment_days=30)}),
    ):  # fmt: skip
        desk.do(use_case, **revised_to, effective_from=on(1, 2).on, because="as agreed")


def _transfers(desk: Desk) -> None:
    dispatched(desk)
    for number in ("T2", "T3"):
        requested(desk, number=number)
    desk.do(transferring.reject_transfer, actor=BOB, number="T2", because="not needed")
    desk.do(transferring.cancel_transfer, number="T3", because="mistaken")
    desk.do(
        transferring.record_discrepancy, number="T1", occurrence=on(7, 13, "DR-1"),
        cause=DiscrepancyCause.DAMAGED, part=PUMP, quantity=1,
    )  # fmt: skip
    desk.do(
        transferring.resolve_discrepancy, number="T1", occurrence=on(7, 14),
        resolution=Resolution.CARRIER, part=PUMP, quantity=1, carrier="SF",
    )  # fmt: skip
    desk.do(transferring.receive_transfer, number="T1", occurrence=on(7, 14, "GR-1"))
    desk.do(transferring.close_transfer, actor=BOB, number="T1")


def _claims(desk: Desk) -> None:
    """C1 is credited and charged back, C2 partly approved, C3 rejected; C4 and C5 wait for parts,
    which bear C4 out and C5 not. Those of C4 were late already before they were announced."""
    awaited = {"machine": "S2", "user": "U2"}
    for number, changes, decisions in (
        ("C1", {}, FULL),
        ("C2", {"failed_on": on(7, 9).on}, PART),
        ("C3", {"failed_on": on(7, 8).on, "items": (item(500),)}, NONE),
        ("C4", awaited, FULL),
        ("C5", awaited | {"failed_on": on(7, 9).on}, FULL),
    ):
        desk.do(
            claiming.submit_claim,
            number=number, occurrence=on(7, 12, "CL-1"), form=form(**changes),
        )  # fmt: skip
        desk.do(
            claiming.adjudicate_claim, actor=BOB,
            number=number, occurrence=on(7, 13), decisions=decisions,
        )  # fmt: skip
    desk.do(claiming.charge_back_claim, number="C1", occurrence=on(7, 20), because="audit")
    desk.do(claiming.mark_claim_overdue, number="C4", occurrence=on(8, 13))


def _returns(desk: Desk) -> None:
    for number, claim, finding in (
        ("R4", "C4", Finding.CONFIRMED), ("R5", "C5", Finding.MISUSE)
    ):  # fmt: skip
        desk.do(
            returning.request_defective_return, number=number, occurrence=on(7, 14), claim=claim,
            part=PUMP, quantity=1, to_place=CUSTODY,
        )  # fmt: skip
        desk.do(returning.mark_return_overdue, number=number, occurrence=on(8, 13))
        desk.do(returning.ship_return, number=number, occurrence=on(7, 15), waybill="SF-1")
        desk.do(returning.receive_return, number=number, occurrence=on(7, 16))
        desk.do(
            returning.inspect_return,
            number=number, occurrence=on(7, 17), finding=finding, note="seen",
        )  # fmt: skip
        desk.do(
            returning.dispose_return,
            number=number, occurrence=on(7, 18), disposal=Disposal.SCRAP,
        )  # fmt: skip
    desk.do(
        returning.request_good_return, number="R1", occurrence=on(7, 16), sale="SA1", part=PUMP,
        quantity=1, to_place=CUSTODY, due_on=on(8, 1).on,
    )  # fmt: skip
    for use_case in (returning.ship_return, returning.receive_return):
        desk.do(use_case, number="R1", occurrence=on(7, 17))
    desk.do(
        returning.inspect_return,
        number="R1", occurrence=on(7, 17), finding=Finding.NO_FAULT_FOUND,
    )  # fmt: skip
    desk.do(
        returning.dispose_return, number="R1", occurrence=on(7, 18),
        disposal=Disposal.RESTOCK, to_place=NORTH,
    )  # fmt: skip


def _settlement(desk: Desk) -> None:
    desk.do(
        selling.receive_payment, number="PM1", occurrence=on(7, 25, "BANK-1"), dealer="D01",
        amount_minor=100, currency="CNY",
    )  # fmt: skip
    desk.do(
        selling.receive_payment, number="PM2", occurrence=on(7, 14, "BANK-2"), dealer="D01",
        amount_minor=50, currency="CNY", allocations=(Allocation("sales/SA1", 30),),
    )  # fmt: skip
    desk.do(
        selling.receive_payment, number="PM3", occurrence=on(7, 27, "BANK-3"), dealer="D02",
        amount_minor=70, currency="CNY",
    )  # fmt: skip
    desk.do(
        paying.pay_out, number="PO1", occurrence=on(7, 28, "BANK-4"), dealer="D02",
        amount_minor=70, currency="CNY",
    )  # fmt: skip
    issued = desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    desk.do(settling.review_statement, actor=BOB, number=JULY)
    desk.do(settling.dispute_line, number=JULY, line_version=2, because="price")
    desk.do(
        settling.resolve_dispute, actor=BOB, number=JULY, occurrence=on(8, 3, "MEMO-1"),
        line_version=2, memo_minor=-100, because="agreed",
    )  # fmt: skip
    content_hash = getattr(issued[-1], "statement").content_hash  # noqa: B009
    desk.do(settling.confirm_statement, number=JULY, content_hash=content_hash)
    desk.do(
        settling.invoice_settlement, number=JULY, occurrence=on(8, 5, "INV-9"),
        sales_invoice="SI-1", claims_invoice="CI-1",
    )  # fmt: skip
    desk.do(settling.close_settlement, number=JULY, occurrence=on(8, 6))


def _foreign(desk: Desk) -> None:
    """A dealer who settles in dollars, which are at 7.10 and then at 7.20."""
    desk.do(
        base_data.open_price_list, kind=PriceListKind.SETTLEMENT, currency="USD",
        vat_rate=Decimal("0.13"),
    )  # fmt: skip
    desk.do(
        base_data.set_price, price_list="settlement-USD", part=PUMP, effective_from=on(1, 1).on,
        unit_price_minor=300,
    )  # fmt: skip
    desk.do(
        base_data.set_exchange_rate, from_currency="USD", to_currency="CNY",
        effective_from=on(7, 20).on, rate=Decimal("7.2"), source="中国银行",
    )  # fmt: skip
    sold(desk, 1, "SA8", on(7, 16, "INV-8"), dealer="D03")
    desk.do(
        selling.receive_payment, number="PM9", occurrence=on(7, 20, "BANK-9"), dealer="D03",
        amount_minor=400, currency="USD",
    )  # fmt: skip


def _many_layers(desk: Desk) -> None:
    """A sale from more layers than one fact holds."""
    for number in range(MOST_LAYERS + 1):
        bought(desk, 1, 100 + number, on(7, 15), part=SEAL, number=f"PR-{number + 100}")
    desk.do(
        selling.sell_parts, number="SA9", occurrence=on(8, 7, "INV-9"), dealer="D02",
        from_place=MAIN, lines=(WantedLine(SEAL, MOST_LAYERS + 1),),
    )  # fmt: skip


def _calendar(desk: Desk) -> None:
    desk.do(closing.soft_close, month="2025-08", occurrence=on(9, 8))
    desk.approve("2025-08", "DN-9", "purchases", "suppliers/SUP1", -5, occurrence=on(9, 8))
    bought(desk, 1, 5, on(8, 30, "DN-9"))
    desk.do(closing.request_reopening, month="2025-08", occurrence=on(9, 9))
    desk.do(closing.reopen, actor=BOB, month="2025-08", occurrence=on(9, 9))
    desk.close_for_good("2025-07", on(9, 10))
