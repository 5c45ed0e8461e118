"""What the tests of the rules start from: a small maker with parts, places, dealers, machines."""

from decimal import Decimal

from domain.claim_lines import ClaimedItem, ItemKind
from domain.facts import Fact
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.transfer_lines import TransferLine
from domain.use_cases import purchasing, selling, transferring
from domain.use_cases.booking import Occurrence
from domain.use_cases.claim_form import ClaimForm
from domain.use_cases.selling import WantedLine
from tests.domain.desk import BOB, SUPPLIER, Desk, d, on, receipt_of
from tests.small_maker import CataloguePart, SmallMaker, SoldMachine, policy, terms

SEAL, PUMP, CORE, FRAME = "SEAL-1", "PUMP-7", "CORE-9", "FRAME-2"
MAIN, NORTH, CUSTODY = "W01", "W02", "R01"
AT_D01 = "consignment.D01"
LIST = "settlement-CNY"
MAKER = SmallMaker(
    warehouses=(MAIN, NORTH),
    custody_rooms=(CUSTODY,),
    parts={
        PUMP: CataloguePart(1999),
        SEAL: CataloguePart(150),
        CORE: CataloguePart(restricted=True),
        FRAME: CataloguePart(serviceable=False),
    },
    priced_from=d(1, 1),
    dealers={"D01": terms(), "D02": terms(), "D03": terms("USD")},
    exchange_rates={"USD": {d(1, 1): Decimal("7.1")}},
    policies={"ZY16": policy(), "ZY35": policy(return_days=30)},
    machines={
        "S1": SoldMachine("ZY16", "D01", d(1, 1), "U1"),
        "S2": SoldMachine("ZY35", "D01", d(1, 1), "U2"),
        "S3": SoldMachine("ZY16", "D01", d(1, 1), ""),
    },
)


def maker() -> Desk:
    """Base data only: PUMP-7 at 19.99 and SEAL-1 at 1.50; CORE-9 restricted, FRAME-2 no service
    part. Machine S1 needs no part returned, S2 (ZY35) within 30 days."""
    desk = Desk()
    for use_case, fields in MAKER.use_cases():
        desk.do(use_case, **fields)
    return desk


def bought(
    desk: Desk,
    quantity: int,
    cost: int,
    occurrence: Occurrence,
    part: str = PUMP,
    place: str = MAIN,
    number: str = "",
) -> list[Fact]:
    return desk.do(
        purchasing.receive_purchase,
        number=number or _free_number(desk, occurrence, part), occurrence=occurrence,
        supplier=SUPPLIER, to_place=place,
        lines=(PurchaseLine(part=part, quantity=quantity, value_minor=quantity * cost),),
    )  # fmt: skip


def _free_number(desk: Desk, occurrence: Occurrence, part: str) -> str:
    """`PR-0701`; where it is taken, `PR-0701-SEAL-1`."""
    number = receipt_of(occurrence.on)
    return f"{number}-{part}" if desk.ledger.find(PurchaseReceipt, number) else number


def stocked_maker() -> Desk:
    """Ten pumps at 10.00 came to the main warehouse on 1 July, five at 12.00 on 10 July."""
    desk = maker()
    bought(desk, 10, 1000, on(7, 1))
    bought(desk, 5, 1200, on(7, 10))
    return desk


def requested(
    desk: Desk, quantity: int = 6, to_place: str = NORTH, number: str = "T1", part: str = PUMP
) -> list[Fact]:
    return desk.do(
        transferring.request_transfer,
        number=number, occurrence=on(7, 11, "TO-1"), from_place=MAIN, to_place=to_place,
        lines=(TransferLine(part=part, quantity=quantity),),
    )  # fmt: skip


def dispatched(
    desk: Desk, quantity: int = 6, to_place: str = NORTH, number: str = "T1"
) -> list[Fact]:
    """Requested by Ann and approved by Bob, on its way since 12 July."""
    requested(desk, quantity, to_place, number)
    desk.do(transferring.approve_transfer, actor=BOB, number=number)
    return desk.do(transferring.dispatch_transfer, number=number, occurrence=on(7, 12, "DN-1"))


def sold(
    desk: Desk,
    quantity: int = 3,
    number: str = "SA1",
    occurrence: Occurrence | None = None,
    from_place: str = MAIN,
    dealer: str = "D01",
) -> list[Fact]:
    return desk.do(
        selling.sell_parts,
        number=number, occurrence=occurrence or on(7, 15, "INV-1"), dealer=dealer,
        from_place=from_place, lines=(WantedLine(PUMP, quantity),),
    )  # fmt: skip


def item(
    claimed: int, part: str = "", quantity: int = 0, cause_item: int | None = None
) -> ClaimedItem:
    """A line on which the three documents agree: labour, or material where a part is named."""
    return ClaimedItem(
        kind=ItemKind.MATERIAL if part else ItemKind.LABOUR, part=part, quantity=quantity,
        inspected_minor=claimed, ordered_minor=claimed, claimed_minor=claimed,
        cause_item=cause_item,
    )  # fmt: skip


def form(**changes: object) -> ClaimForm:
    """A claim in order: S1 failed on 10 July, a pump for 20.00 and labour for 5.00."""
    standard = ClaimForm(
        dealer="D01", machine="S1", user="U1", failed_on=d(7, 10), causal_part=PUMP,
        fault_code="F1", pre_inspection="PI1", work_order="WO1", settlement_sheet="SS1",
        currency="CNY", items=(item(2000, PUMP, 1), item(500)),
    )  # fmt: skip
    return ClaimForm(**(standard._asdict() | changes))
