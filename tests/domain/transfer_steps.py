"""Steps of transfer T1: six pumps from the main warehouse, sent on 12 July."""

from domain.facts import Fact
from domain.parts_transfer import PartsTransfer
from domain.stock_item import StockItem
from domain.transfer_lines import DiscrepancyCause, Resolution, TransferLine
from domain.use_cases import transferring
from tests.domain.desk import (
    ANN,
    Desk,
    on,
)
from tests.domain.givens import (
    NORTH,
    PUMP,
    dispatched,
    stocked_maker,
)


def lines(quantity: int, part: str = PUMP) -> tuple[TransferLine, ...]:
    return (TransferLine(part=part, quantity=quantity),)


def sent(quantity: int = 6, to_place: str = NORTH) -> Desk:
    desk = stocked_maker()
    dispatched(desk, quantity, to_place)
    return desk


def received(desk: Desk, quantity: int, actor: str = ANN, day: int = 14) -> list[Fact]:
    return desk.do(
        transferring.receive_transfer, actor=actor,
        number="T1", occurrence=on(7, day, "GR-1"), lines=lines(quantity),
    )  # fmt: skip


def missing(desk: Desk, quantity: int, day: int = 15) -> list[Fact]:
    return desk.do(
        transferring.record_discrepancy,
        number="T1", occurrence=on(7, day, "DR-1"), cause=DiscrepancyCause.SHORT,
        part=PUMP, quantity=quantity,
    )  # fmt: skip


def resolved(
    desk: Desk, quantity: int, resolution: Resolution, carrier: str = "", day: int = 16
) -> list[Fact]:
    return desk.do(
        transferring.resolve_discrepancy,
        number="T1", occurrence=on(7, day), resolution=resolution,
        part=PUMP, quantity=quantity, carrier=carrier,
    )  # fmt: skip


def transfer(desk: Desk) -> PartsTransfer:
    return desk.the(PartsTransfer, "T1")


def stock(desk: Desk, place: str) -> list[object]:
    return list(desk.the(StockItem, f"{place}/{PUMP}").layers)
