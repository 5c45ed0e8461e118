"""What files say was paid, or netted, before an invoice was there, is open on its own until then.

One P-1 is 80.00 and 13 % tax: 90.40.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from tests.on_the_wire import day, minor
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.cli.terminal import PARTS, PLACES, PURCHASE, Served, export

ONE = 9_040
Items = list[tuple[str, int, int]]  # Item, amount, days overdue.
OpenOn = Callable[[str], Items]

MAKER = {
    "places": PLACES,
    "parts": PARTS[:1],
    "price_lists": [{"price_list": "settlement", "currency": "CNY", "vat_rate": "0.13"}],
    "prices": [
        {"price_list": "settlement", "currency": "CNY", "part": "P-1", "unit_price": "80.00",
         "effective_from": "2025-01-01"}
    ],
    "dealers": [{"dealer": "D07", "title": "滨江", "currency": "CNY", "payment_days": "30"}],
    "purchases": [PURCHASE | {"received_on": "2025-02-01", "quantity": "40"}],
}  # fmt: skip


def sale(number: str, sold_on: str, quantity: int) -> dict[str, str]:
    return {
        "sale": number, "sold_on": sold_on, "dealer": "D07", "from_place": "W01", "part": "P-1",
        "quantity": str(quantity),
    }  # fmt: skip


def payment(number: str, received_on: str, amount: str, **more: str) -> dict[str, str]:
    return {
        "payment": number, "received_on": received_on, "entered_on": "2025-05-31", "dealer": "D07",
        "amount": amount, "currency": "CNY", **more,
    }  # fmt: skip


@pytest.fixture
def open_on(served: Served) -> Iterator[OpenOn]:
    """The open items of D07 at the end of a day."""
    with grpc.insecure_channel(served.address) as channel:
        desk = FrontDesk(channel, served.book)

        def ask(on: str) -> Items:
            answer = desk.call(
                "Statement.ListOpenItems", parent=desk.name("dealers/D07"), as_of_date=day(on),
                min_position=served.head(),
            )  # fmt: skip
            return [(i.item, minor(i.amount), i.days_overdue) for i in answer.open_items]

        yield ask


def test_a_payment_before_the_invoice(served: Served, open_on: OpenOn, tmp_path: Path) -> None:
    folder = export(
        tmp_path, **MAKER,
        sales=[sale("S-1", "2025-05-05", 1), sale("S-2", "2025-05-20", 2)],
        payments=[
            payment("Z-1", "2025-04-20", "90.40", open_item="sales/S-1", allocated="90.40"),
            payment("Z-2", "2025-04-28", "180.00"),
        ],
    )  # fmt: skip
    assert served.ask("import", str(folder)).code == 0

    assert open_on("2025-04-19") == []
    assert open_on("2025-04-30") == [("payments/Z-1", -ONE, 10), ("payments/Z-2", -18_000, 2)]
    assert open_on("2025-05-04") == [("payments/Z-1", -ONE, 14), ("payments/Z-2", -18_000, 6)]
    assert open_on("2025-05-05") == [("payments/Z-2", -18_000, 7)]
    assert open_on("2025-05-20") == [("sales/S-2", 2 * ONE - 18_000, -30)]


CLAIM = {
    "claim": "C-1", "dealer": "D07", "machine": "M-1", "user": "U-1", "failed_on": "2025-05-10",
    "causal_part": "P-1", "fault_code": "F1", "pre_inspection": "PI", "work_order": "WO",
    "settlement_sheet": "SS", "currency": "CNY", "submitted_on": "2025-05-12",
    "submitted_by": "desk", "adjudicated_on": "2025-05-25", "adjudicated_by": "judge",
}  # fmt: skip
LABOUR = {
    "claim": "C-1", "kind": "labour", "currency": "CNY", "inspected": "70.00", "ordered": "70.00",
    "claimed": "70.00", "approved": "70.00",
}  # fmt: skip
SETTLEMENT = {
    "dealer": "D07", "month": "2025-04", "issued_on": "2025-05-03", "issued_by": "a",
    "reviewed_on": "2025-05-04", "reviewed_by": "b", "confirmed_on": "2025-05-05",
    "confirmed_by": "c", "invoiced_on": "2025-05-06", "invoiced_by": "d", "sales_invoice": "V-1",
    "claims_invoice": "F-1", "closed_on": "2025-05-08", "closed_by": "e",
}  # fmt: skip


def test_a_netting_before_the_item(served: Served, open_on: OpenOn, tmp_path: Path) -> None:
    folder = export(
        tmp_path / "trade", **MAKER,
        machines=[{"serial": "M-1", "model": "ZY16", "dealer": "D07", "sold_on": "2025-01-02",
                   "user": "U-1"}],
        policies=[{"model": "ZY16", "effective_from": "2020-01-01", "term_months": "24"}],
        sales=[sale("S-1", "2025-04-10", 1), sale("S-2", "2025-05-18", 1)],
        claims=[CLAIM], claim_items=[LABOUR],
    )  # fmt: skip
    assert served.ask("import", str(folder)).code == 0
    settled = export(tmp_path / "settled", settlements=[SETTLEMENT])

    assert served.ask("import", str(settled)).code == 0

    for on in ("2025-05-08", "2025-05-17"):
        assert [each[:2] for each in open_on(on)] == [("sales/S-1", ONE)]
    assert [each[:2] for each in open_on("2025-05-24")] == [
        ("sales/S-1", ONE), ("sales/S-2", ONE)
    ]  # fmt: skip
    assert [each[:2] for each in open_on("2025-05-25")] == [
        ("sales/S-1", ONE - 7_000), ("sales/S-2", ONE)
    ]  # fmt: skip
