"""What the tests of the rules start from: a small maker with parts, places, dealers, machines."""

from datetime import date
from decimal import Decimal

from domain.claim_lines import ClaimItem, ItemKind
from domain.dealer import DealerTerms
from domain.facts import Fact
from domain.part import PartClass
from domain.place import PlaceKind
from domain.price_list import PriceListKind
from domain.purchase_receipt import PurchaseLine
from domain.transfer_lines import TransferLine
from domain.use_cases import base_data, purchasing, selling, transferring
from domain.use_cases.booking import Occurrence
from domain.use_cases.claiming import ClaimForm
from domain.use_cases.selling import WantedLine
from domain.warranty_policy import PolicyTerms
from tests.domain.desk import BOB, Desk, d, on

SEAL, PUMP, CORE, FRAME = "SEAL-1", "PUMP-7", "CORE-9", "FRAME-2"
MAIN, NORTH, CUSTODY = "W01", "W02", "R01"
AT_D01 = "consignment.D01"
LIST = "settlement-CNY"


def terms(currency: str = "CNY", payment_days: int = 30, parent: str = "") -> DealerTerms:
    return DealerTerms("A", "B", currency, "", payment_days, parent)


def policy(**changes: object) -> PolicyTerms:
    standard: dict[str, object] = {
        "effective_from": date(2020, 1, 1),
        "term_months": 24,
        "covered_causes": (),
    }
    return PolicyTerms.model_validate(standard | changes)


def maker() -> Desk:
    """Base data only: PUMP-7 at 19.99 and SEAL-1 at 1.50; CORE-9 restricted, FRAME-2 no service
    part. Machine S1 needs no part returned, S2 (ZY35) within 30 days."""
    desk = Desk()
    for number, serviceable, restricted in (
        (PUMP, True, False), (SEAL, True, False), (CORE, True, True), (FRAME, False, False)
    ):  # fmt: skip
        desk.do(
            base_data.register_part, number=number, description="泵", part_class=PartClass.MODULE,
            serviceable=serviceable, restricted=restricted,
        )  # fmt: skip
    for code, kind in (
        (MAIN, PlaceKind.WAREHOUSE), (NORTH, PlaceKind.WAREHOUSE), (CUSTODY, PlaceKind.CUSTODY)
    ):  # fmt: skip
        desk.do(base_data.open_place, code=code, description="Hall", kind=kind)
    for code, currency in (("D01", "CNY"), ("D02", "CNY"), ("D03", "USD")):
        desk.do(base_data.register_dealer, code=code, title=code, terms=terms(currency))
    desk.do(
        base_data.open_price_list, kind=PriceListKind.SETTLEMENT, currency="CNY",
        vat_rate=Decimal("0.13"),
    )  # fmt: skip
    for part, price in ((PUMP, 1999), (SEAL, 150)):
        desk.do(
            base_data.set_price, price_list=LIST, part=part, effective_from=d(1, 1),
            unit_price_minor=price,
        )  # fmt: skip
    desk.do(base_data.set_policy, model="ZY16", terms=policy())
    desk.do(base_data.set_policy, model="ZY35", terms=policy(return_days=30))
    for serial, model, user in (("S1", "ZY16", "U1"), ("S2", "ZY35", "U2"), ("S3", "ZY16", "")):
        desk.do(
            base_data.register_machine, serial=serial, model=model, dealer="D01",
            sold_on=d(1, 1), user=user,
        )  # fmt: skip
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
        number=number or f"PR-{desk.commands}", occurrence=occurrence, supplier="SUP1",
        to_place=place, lines=(PurchaseLine(part=part, quantity=quantity, unit_cost_minor=cost),),
    )  # fmt: skip


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


def item(claimed: int, part: str = "", quantity: int = 0) -> ClaimItem:
    """A line on which the three documents agree: labour, or material where a part is named."""
    return ClaimItem(
        kind=ItemKind.MATERIAL if part else ItemKind.LABOUR, part=part, quantity=quantity,
        inspected_minor=claimed, ordered_minor=claimed, claimed_minor=claimed,
    )  # fmt: skip


def form(**changes: object) -> ClaimForm:
    """A claim in order: S1 failed on 10 July, a pump for 20.00 and labour for 5.00."""
    standard = ClaimForm(
        dealer="D01", machine="S1", user="U1", failed_on=d(7, 10), causal_part=PUMP,
        fault_code="F1", pre_inspection="PI1", work_order="WO1", settlement_sheet="SS1",
        currency="CNY", items=(item(2000, PUMP, 1), item(500)),
    )  # fmt: skip
    return ClaimForm(**(standard._asdict() | changes))
