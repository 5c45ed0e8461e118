"""Amounts and tables: exact to the last digit, on any screen."""

import csv
import io
from decimal import Decimal

import pytest
from google.type.money_pb2 import Money
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from server.cli.tables import Column, Table, rich_table, show, worded, write_csv, write_json
from server.cli.wording import Amount, Share, amount, counted

LARGEST = 2**63 - 1


def drawn(table: Table, width: int) -> list[str]:
    screen = io.StringIO()
    show(Console(file=screen, width=width, markup=False, highlight=False), rich_table(table))
    return screen.getvalue().splitlines()


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(currency_code="CNY", units=1234, nanos=500_000_000), "1234.50"),
        (Money(currency_code="CNY", units=0, nanos=-10_000_000), "-0.01"),
        (Money(currency_code="CNY", units=-5), "-5.00"),
        (Money(currency_code="JPY", units=700), "700"),
        (Money(currency_code="KWD", units=1, nanos=5_000_000), "1.005"),
        (Money(currency_code="CNY", units=1, nanos=1), "1.000000001"),
        (Money(currency_code="CNY", units=LARGEST), f"{LARGEST}.00"),
    ],
)
def test_an_amount_has_all_its_digits_and_its_currencys_decimals(money: Money, text: str) -> None:
    assert amount(money).text == text


@given(st.integers(0, LARGEST), st.integers(0, 999_999_999), st.sampled_from([1, -1]))
@example(0, 0, 1)
@example(0, 1, -1)
@example(999, 500_000_000, 1)
@example(1_000, 10_000_000, -1)
@example(LARGEST, 999_999_999, -1)
def test_an_amount_is_exactly_what_the_wire_says(units: int, nanos: int, sign: int) -> None:
    money = Money(currency_code="CNY", units=sign * units, nanos=sign * nanos)
    found = amount(money)
    assert Decimal(found.text) == sign * (units + Decimal(nanos).scaleb(-9))
    assert found.grouped.replace(",", "") == found.text


def test_people_see_groups_and_percents() -> None:
    assert worded(Amount("1234567.05", "CNY")) == "1,234,567.05"
    assert worded(Share(7005)) == "70.05 %"
    assert worded(12345, Column("quantity")) == "12,345"
    assert worded(12345, Column("position", grouped=False)) == "12345"


@pytest.mark.parametrize("width", [10, 40, 120])
def test_no_screen_is_too_narrow_for_a_digit(width: int) -> None:
    columns = [Column("what", wraps=True), Column("value"), Column("share")]
    table = Table(
        "t", columns, [["a long description", Amount("987654321.09", "CNY"), Share(7500)]]
    )
    lines = "\n".join(drawn(table, width))
    assert "987,654,321.09" in lines
    assert "75.00 %" in lines


def test_only_words_wrap_so_they_do_on_a_narrow_screen() -> None:
    table = Table("t", [Column("what", wraps=True)], [["hydraulic pump of the excavator"]])
    assert len(drawn(table, 20)) > len(drawn(table, 80))


def test_chinese_names_leave_the_columns_aligned() -> None:
    table = Table("t", [Column("name"), Column("quantity")], [["长沙中心库", 5], ["W02", 12]])
    rows = [line for line in drawn(table, 80) if line.strip().endswith(("5", "12"))]
    assert len(rows) == 2
    assert len({cell_len(row.rstrip()) for row in rows}) == 1
    assert len({len(row.rstrip()) for row in rows}) == 2  # Counted in characters, they are not.


def test_machines_get_exact_texts_and_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [Column("name"), Column("value"), Column("share"), Column("late"), Column("gone")]
    table = Table(
        "rows", columns, [["长沙, 中心库", Amount("1234.50", "CNY"), Share(8000), True, None]]
    )
    write_csv(table)
    assert capsys.readouterr().out == (
        'name,value,share,late,gone\n"长沙, 中心库",1234.50,8000,true,\n'
    )
    write_json({"total": Amount("1234.50", "CNY")}, [table])
    shown = capsys.readouterr().out
    assert '"total": "1234.50"' in shown
    assert '"长沙, 中心库"' in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("start", list("=+-@＝＋－＠"))
def test_a_text_cannot_act_as_a_formula_and_numbers_stay_numbers(
    capsys: pytest.CaptureFixture[str], start: str
) -> None:
    text = f"{start}1+HYPERLINK(A1)"
    columns = [Column(name) for name in ("text", "value", "count", "inside")]
    write_csv(Table("t", columns, [[text, Amount("-12.50", "CNY"), -3, f"a{start}"]]))
    _, [shown, value, count, inside] = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
    assert (shown, value, count, inside) == (f"'{text}", "-12.50", "-3", f"a{start}")


def test_a_text_that_is_a_number_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(Table("t", [Column("text")], [["-3"], ["+1860.00"], ["-2+3"], ["-"]]))
    assert capsys.readouterr().out.splitlines() == ["text", "-3", "+1860.00", "'-2+3", "'-"]


@pytest.mark.parametrize("start", ["\t", "\r", "\n"], ids=repr)
def test_no_text_begins_another_cell_or_row(capsys: pytest.CaptureFixture[str], start: str) -> None:
    write_csv(Table("t", [Column("text")], [[f"a{start}=1+1"], [f"{start}=1+1"]]))
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"{before}{start!r}=1+1".replace("'", "") for before in ("a", "")
    ]


def test_what_people_cannot_see_is_printed_as_an_escape() -> None:
    table = Table("t", [Column("what")], [["a\x1b[2K\u202eb\u200bc"]])
    assert "a\\x1b[2K\\u202eb\\u200bc" in "".join(drawn(table, 80))


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    table = rich_table(Table("t", [Column("a")], [["b"]], title="Title"))

    def escapes() -> bool:
        screen = io.StringIO()
        show(Console(file=screen, force_terminal=True, color_system="standard"), table)
        return "\x1b[3" in screen.getvalue() or "\x1b[1m" in screen.getvalue()

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert escapes()


def test_one_is_one_and_none_are_many() -> None:
    found = [counted(number, "entry", "entries") for number in (0, 1, 2, 1_200)]
    assert found == ["0 entries", "1 entry", "2 entries", "1,200 entries"]
    assert [counted(number, "line") for number in (1, 2)] == ["1 line", "2 lines"]
