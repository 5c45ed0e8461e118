"""What a cell may say; whatever could be read in two ways is refused, and never guessed."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.erp.files.machines import MachineLine
from server.erp.files.prices import PriceLine
from server.erp.files.returns import ReturnLine
from server.erp.files.sales import SaleLine
from server.erp.files.settlements import SettlementLine
from server.erp.lines import Line
from server.erp.rows import Problem, Row

PRICE = {
    "price_list": "settlement", "currency": "CNY", "part": "P-1", "effective_from": "2025-07-01",
    "unit_price": "1860.00",
}  # fmt: skip
SALE = {"sale": "SO-1", "sold_on": "2025-07-10", "dealer": "D01", "from_place": "W01",
        "part": "P-1", "quantity": "2"}  # fmt: skip


def faults(kind: type[Line], cells: dict[str, str]) -> list[tuple[str, str]]:
    read = kind.read(Row(7, {column: cell for column, cell in cells.items() if cell}))
    return [(found.column, found.rule) for found in read] if isinstance(read, list) else []


def parsed(cells: dict[str, str]) -> SaleLine:
    read = SaleLine.read(Row(7, cells))
    assert isinstance(read, SaleLine), read
    return read


def test_a_row_in_order_has_no_faults() -> None:
    assert faults(PriceLine, PRICE) == []
    assert faults(SaleLine, SALE) == []


@pytest.mark.parametrize(
    "amount", ["1,860.00", "1.860,00", "1 860.00", "¥1860", "1860元", "1.86e3", "1860.", ".5",
               "+1860", " 1860", "0x10", "NaN", "١٨٦٠", "--1"],
)  # fmt: skip
def test_amounts_are_plain_decimals(amount: str) -> None:
    [(column, rule)] = faults(PriceLine, {**PRICE, "unit_price": amount})

    assert column == "unit_price"
    assert rule.startswith("must be a plain decimal as 1234.50")


@given(minor=st.integers(min_value=0, max_value=10**15))
@example(minor=0)
@example(minor=5)
@example(minor=100)
@example(minor=10**15)
def test_an_amount_keeps_every_digit(minor: int) -> None:
    amount = f"{minor // 100}.{minor % 100:02}"

    line = PriceLine.read(Row(2, {**PRICE, "unit_price": amount}))

    assert isinstance(line, PriceLine)
    assert line.unit_price == Decimal(minor) / 100


@pytest.mark.parametrize(
    ("currency", "amount", "fits"),
    [("CNY", "18.60", True), ("CNY", "18.600", False), ("JPY", "18", True), ("JPY", "18.0", False),
     ("KWD", "18.605", True), ("KWD", "18.6050", False)],
)  # fmt: skip
def test_an_amount_has_at_most_the_decimals_of_its_currency(
    currency: str, amount: str, fits: bool
) -> None:
    found = faults(PriceLine, {**PRICE, "currency": currency, "unit_price": amount})

    assert [column for column, _ in found] == ([] if fits else ["unit_price"])


def test_a_negative_amount_is_refused_but_a_credit_memo_is_below_nought() -> None:
    settlement = {
        "dealer": "D01", "month": "2025-07", "issued_on": "2025-08-09", "reviewed_on": "2025-08-10",
        "disputed_on": "2025-08-11", "disputed_document": "INV-1", "dispute_reason": "short",
        "resolved_on": "2025-08-12", "memo": "-12.50", "currency": "CNY", "resolution": "agreed",
    }  # fmt: skip

    assert faults(SettlementLine, settlement) == []
    assert faults(PriceLine, {**PRICE, "unit_price": "-1860.00"}) == [
        ("unit_price", "must not be negative")
    ]


@pytest.mark.parametrize("quantity", ["1.5", "1.0", "2e1", "1,000", "two", "0", "-3", "1000001",
                                      "9" * 40])  # fmt: skip
def test_quantities_are_whole_and_between_one_and_a_million(quantity: str) -> None:
    assert [column for column, _ in faults(SaleLine, {**SALE, "quantity": quantity})] == [
        "quantity"
    ]


@pytest.mark.parametrize("day", ["31.07.2025", "07/31/2025", "20250701", "2025-02-30",
                                 "2025-07-01T00:00", "1989-12-31", "45839", "2025/7-1", "2025/2/30",
                                 "2025-07-01 08:30", "25/7/1"])  # fmt: skip
def test_dates_are_days_of_the_calendar_and_never_guessed(day: str) -> None:
    assert [column for column, _ in faults(SaleLine, {**SALE, "sold_on": day})] == ["sold_on"]


@pytest.mark.parametrize("day", ["2025-7-1", "2025/7/1", "2025/07/01", "2025.7.1",
                                 "2025-07-01 00:00:00", "2025/7/1 0:00"])  # fmt: skip
def test_dates_as_spreadsheets_write_them_are_taken_where_the_year_is_first(day: str) -> None:
    row = parsed({**SALE, "sold_on": day})
    assert row.sold_on == date(2025, 7, 1)


def test_a_date_that_could_be_two_days_says_so() -> None:
    [(_, rule)] = faults(SaleLine, {**SALE, "sold_on": "03/05/2025"})
    assert rule.startswith("must be a date as 2025-07-31, year first: which number is the day")


@pytest.mark.parametrize("column", ["sale", "document", "dealer"])
def test_a_number_that_a_spreadsheet_has_shortened_is_refused(column: str) -> None:
    [(found, rule)] = faults(SaleLine, {**SALE, column: "1.23E+12"})
    assert found == column
    assert rule.startswith("must not be a number that a spreadsheet has shortened")
    assert faults(SaleLine, {**SALE, column: "1E12"}) == []


@pytest.mark.parametrize(("flag", "late"), [("TRUE", True), ("False", False), ("true", True)])
def test_a_flag_may_be_in_capitals(flag: str, late: bool) -> None:
    assert parsed({**SALE, "late": flag}).late is late


@pytest.mark.parametrize("flag", ["WAHR", "yes", "1", "是"])
def test_flags_are_true_or_false(flag: str) -> None:
    assert faults(SaleLine, {**SALE, "late": flag}) == [("late", "must be true or false")]


def test_every_fault_of_a_row_is_told_with_its_place_and_document() -> None:
    read = SaleLine.read(Row(7, {**SALE, "quantity": "1.5", "dealer": "D 01"}))

    assert isinstance(read, list)
    assert [(found.column, found.value) for found in read] == [
        ("dealer", "D 01"),
        ("quantity", "1.5"),
    ]
    assert all(
        (found.file, found.line, found.document) == ("sales.csv", 7, "SO-1") for found in read
    )


def test_a_required_cell_may_not_be_empty_and_an_optional_one_may() -> None:
    machine = {"serial": "M-1", "model": "ZY16", "dealer": "D01", "sold_on": "2024-01-01"}

    assert faults(MachineLine, machine) == []
    assert faults(MachineLine, {**machine, "dealer": ""}) == [("dealer", "is required")]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"shipped_by": "d01.service"}, ("shipped_on", "is required with shipped_by")),
        ({"shipped_on": "2025-07-24", "received_on": "2025-07-26", "inspected_on": "2025-07-28"},
         ("finding", "is required with inspected_on")),
        ({"waybill": "SF1"}, ("shipped_on", "is required with waybill")),
        ({"claim": ""}, ("claim", "is required of a defective return")),
    ],
)  # fmt: skip
def test_cells_that_need_each_other_stand_together(
    cells: dict[str, str], fault: tuple[str, str]
) -> None:
    parcel = {"parts_return": "RT-1", "kind": "defective", "claim": "CL-1", "part": "P-1",
              "quantity": "1", "to_place": "R01", "requested_on": "2025-07-20"}  # fmt: skip

    assert faults(ReturnLine, parcel) == []
    assert faults(ReturnLine, {**parcel, **cells}) == [fault]


def test_a_problem_quotes_no_more_than_the_beginning_of_a_long_value() -> None:
    [problem] = SaleLine.read(Row(2, {**SALE, "document": "x" * 600}))

    assert isinstance(problem, Problem)
    assert problem.value == "x" * 60 + "…"
