"""The VAT rate of the day a sale happened counts, and the sale pins it with its price.

A pump costs 19.99, at 13 % until the end of July and at 9 % from August on.
"""

from decimal import Decimal
from typing import Any

from domain.changes import VersionExists
from domain.errors import NotFound, NoVatRate
from domain.parts_sale import PartsSale
from domain.price_list import PriceList, PriceListKind
from domain.use_cases import base_data, closing, selling
from domain.use_cases.booking import Occurrence
from domain.use_cases.selling import WantedLine
from domain.values import FIRST_DAY
from domain.vat import VatRate
from tests.domain.desk import Desk, d, on, only
from tests.domain.givens import LIST, MAIN, PUMP, sold, stocked_maker

CHANGE: dict[str, Any] = {
    "number": LIST, "effective_from": d(8, 1), "vat_rate": Decimal("0.09"),
}  # fmt: skip


def changing() -> Desk:
    desk = stocked_maker()
    desk.do(base_data.change_vat_rate, **CHANGE)
    return desk


def tax_on(desk: Desk, occurrence: Occurrence, number: str) -> int:
    """The tax of a pump that is sold then."""
    sold(desk, 1, number, occurrence)
    return desk.the(PartsSale, number).lines[PUMP].tax_minor


def test_a_rate_counts_from_its_own_day_to_the_day_before_the_next() -> None:
    desk = changing()

    days = [d(7, 15), d(7, 31), d(8, 1), d(12, 31)]
    taxes = [tax_on(desk, Occurrence(day), f"SA-{day}") for day in days]

    assert taxes == [260, 260, 180, 180]
    assert tax_on(stocked_maker(), on(8, 1), "SA1") == 260, "the control: without the change"


def test_a_late_sale_has_the_rate_and_the_price_of_the_day_it_happened() -> None:
    desk = changing()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=d(8, 1),
        unit_price_minor=5000,
    )  # fmt: skip
    desk.do(closing.soft_close, month="2025-07")
    desk.close_for_good("2025-07")

    sold(desk, 1, "SA1", on(7, 20, late=True))

    line = desk.the(PartsSale, "SA1").lines[PUMP]
    assert (line.net_minor, line.tax_minor) == (1999, 260)


def test_a_sale_line_pins_what_decided_it() -> None:
    desk = changing()
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=d(7, 20),
        unit_price_minor=2500,
    )  # fmt: skip

    line = only(sold(desk, 1, "SA1", on(8, 5)), PartsSale.Sold).lines[0]

    assert (line.price_list, line.price_version, line.unit_price_minor) == (LIST, 2, 2500)
    assert (line.price_list_version, line.vat_rate) == (2, Decimal("0.09"))
    for stream, version, field, value in (
        (f"listed-prices/{LIST}/{PUMP}", line.price_version, "unit_price_minor", 2500),
        (f"price-lists/{LIST}", line.price_list_version, "vat_rate", Decimal("0.09")),
    ):
        assert getattr(desk.stream(stream)[version - 1], field) == value, "led back to its fact"


def test_a_list_says_from_when_its_first_rate_holds() -> None:
    desk = stocked_maker()
    opened = desk.stream(f"price-lists/{LIST}")[0]
    assert only([opened], PriceList.Opened).effective_from == FIRST_DAY
    desk.do(
        base_data.open_price_list, kind=PriceListKind.SETTLEMENT, currency="USD",
        vat_rate=Decimal("0.06"), effective_from=d(7, 1),
    )  # fmt: skip
    desk.do(
        base_data.set_price, price_list="settlement-USD", part=PUMP, effective_from=d(1, 1),
        unit_price_minor=300,
    )  # fmt: skip
    pump: dict[str, Any] = {
        "number": "SA1", "dealer": "D03", "from_place": MAIN, "lines": (WantedLine(PUMP, 1),),
    }  # fmt: skip

    facts = desk.refused(NoVatRate, selling.sell_parts, occurrence=on(6, 30), **pump)

    assert facts == {"price_list": "settlement-USD", "on": "2025-06-30"}
    desk.do(selling.sell_parts, occurrence=on(7, 1), **pump)


def test_a_rate_is_corrected_from_another_day_on_and_not_on_the_same() -> None:
    desk = changing()

    facts = desk.refused(
        VersionExists, base_data.change_vat_rate, **CHANGE | {"vat_rate": Decimal("0.1")}
    )
    assert (facts["effective_from"], facts["known"], facts["given"]) == (
        "2025-08-01", "vat_rate 0.09", "vat_rate 0.1",
    )  # fmt: skip
    desk.refused(VersionExists, base_data.change_vat_rate, **CHANGE | {"effective_from": FIRST_DAY})
    desk.do(base_data.change_vat_rate, **CHANGE | {"vat_rate": Decimal("0.090")})  # The same.
    desk.do(
        base_data.change_vat_rate,
        **CHANGE | {"effective_from": d(8, 2), "vat_rate": Decimal("0.1")},
    )

    assert [(day, number) for day, _, number in desk.the(PriceList, LIST).rates] == [
        (FIRST_DAY, 1), (d(8, 1), 2), (d(8, 2), 4),
    ]  # fmt: skip


def test_only_a_list_that_is_there_has_a_rate() -> None:
    facts = stocked_maker().refused(
        NotFound, base_data.change_vat_rate, **CHANGE | {"number": "guide-CNY"}
    )
    assert facts == {"kind": "PriceList", "key": "guide-CNY"}


def test_a_rate_is_led_back_to_the_fact_that_set_it() -> None:
    desk = changing()

    assert [desk.the(PriceList, LIST).rate_on(day) for day in (d(7, 31), d(8, 1))] == [
        VatRate(rate=Decimal("0.13"), stream=f"price-lists/{LIST}", version=1),
        VatRate(rate=Decimal("0.09"), stream=f"price-lists/{LIST}", version=2),
    ]  # fmt: skip
