"""Parts with numbers as catalogues write them, from the files of an import to every report."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import grpc
import pytest
from hypothesis import HealthCheck, given, settings

from domain.part import Part
from tests.conftest import new_book
from tests.on_the_wire import in_name
from tests.part_numbers import NO_NUMBERS, PART_NUMBERS
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.cli.replayed import DAYS, Least, history_of
from tests.server.cli.replayed_figures import (
    aged,
    balances,
    shown,
    shown_aged,
    shown_balances,
    shown_statement,
    statement,
)
from tests.server.cli.replaying import bean_check
from tests.server.cli.terminal import PARTS, Served, export
from tests.server.conftest import serving

PLAIN: Final = ("P-1", "P-2", "P-3")
ODD: Final = ("#12+A", "6204-2RS/C3", "M8 x 25")  # In the same order.
DAY: Final = "2025-08-31"
# What is of one log only: ids, hashes, and when it was recorded.
ITS_OWN: Final = re.compile(
    r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b"
    r"|\d{4}-\d\d-\d\dT[0-9:.]+Z|\b[0-9.]+ (s|ms)\b"
)


class Trading(NamedTuple):
    """A book into which the trade is imported, the folder of it, and what its parts are called."""

    served: Served
    folder: Path
    parts: tuple[str, ...]

    def ask(self, *arguments: str) -> str:
        """What a command prints, as if the parts had plain numbers; it has to be done."""
        called = dict(zip(PLAIN, self.parts, strict=True))
        typed = [re.sub(r"P-\d", lambda found: called[found[0]], word) for word in arguments]
        ended = self.served.ask(*typed)
        assert ended.code == 0, (typed, ended.err)
        return self.plainly(ended.out)

    def plainly(self, said: str) -> str:
        for plain, number in zip(PLAIN, self.parts, strict=True):
            said = said.replace(in_name(number), plain).replace(number, plain)
        return ITS_OWN.sub("", said.replace(self.served.book, "BOOK"))


def trade(folder: Path, parts: tuple[str, ...]) -> Path:
    """The files of a small trade: every file that names parts, and every step with them."""
    first, second, *_ = parts
    place = {"description": "库", "kind": "warehouse"}
    price = {"price_list": "settlement", "currency": "CNY", "effective_from": "2025-01-01"}
    moved = {"from_place": "W01", "requested_on": "2025-07-02", "requested_by": "clerk",
             "approved_on": "2025-07-02", "approved_by": "books", "dispatched_on": "2025-07-03",
             "received_on": "2025-07-04"}  # fmt: skip
    short = {"quantity": "5", "received_quantity": "4", "discrepancy_on": "2025-07-04",
             "cause": "short", "discrepancy_quantity": "1"}  # fmt: skip
    back = {"to_place": "R01", "quantity": "1", "shipped_on": "2025-07-10",
            "requested_on": "2025-07-09", "received_on": "2025-07-11",
            "inspected_on": "2025-07-12"}  # fmt: skip
    item = {"claim": "CL-1", "currency": "CNY", "inspected": "20.00", "ordered": "20.00",
            "claimed": "20.00", "approved": "20.00"}  # fmt: skip
    return export(
        folder,
        places=[place | {"place": "W01"}, place | {"place": "W02"},
                place | {"place": "R01", "kind": "custody"}],
        parts=[PARTS[0] | {"part": number} for number in parts],
        price_lists=[{"price_list": "settlement", "currency": "CNY", "vat_rate": "0.13"}],
        prices=[price | {"part": first, "unit_price": "20.00"},
                price | {"part": second, "unit_price": "0.30"},
                price | {"part": first, "unit_price": "21.00", "effective_from": "2025-08-01"}],
        dealers=[{"dealer": "D01", "title": "湘江", "currency": "CNY", "payment_days": "30"}],
        machines=[{"serial": "M-1", "model": "ZY1", "dealer": "D01", "sold_on": "2025-01-31",
                   "user": "U1"}],
        policies=[{"model": "ZY1", "effective_from": "2025-01-01", "term_months": "24",
                   "return_days": "30"}],
        suppliers=[{"supplier": "S01", "title": "轴承厂", "currency": "CNY",
                    "payment_days": "60"}],
        purchases=[{"purchase": "PR-1", "received_on": "2025-07-01", "supplier": "S01",
                    "to_place": "W01", "part": number, "quantity": "40", "unit_cost": "1.50",
                    "currency": "CNY"} for number in parts],
        transfers=[
            *(moved | short | {"transfer": "TR-1", "to_place": "W02", "part": number}
              for number in (first, second)),
            moved | {"transfer": "TR-2", "to_place": "consignment.D01", "part": second,
                     "quantity": "6", "received_quantity": "6"},
        ],
        sales=[{"sale": "SO-1", "sold_on": "2025-07-05", "dealer": "D01", "from_place": "W01",
                "part": number, "quantity": "3"} for number in (first, second)],
        claims=[{"claim": "CL-1", "dealer": "D01", "machine": "M-1", "user": "U1",
                 "failed_on": "2025-07-06", "causal_part": first, "fault_code": "F3",
                 "pre_inspection": "PI-1", "work_order": "WO-1", "settlement_sheet": "SS-1",
                 "currency": "CNY", "submitted_on": "2025-07-07", "submitted_by": "d01",
                 "adjudicated_on": "2025-07-08", "adjudicated_by": "desk"}],
        claim_items=[item | {"kind": "material", "part": first, "quantity": "1"}],
        returns=[back | {"parts_return": "RT-1", "kind": "defective", "claim": "CL-1",
                         "part": first, "finding": "confirmed"},
                 back | {"parts_return": "RT-2", "kind": "good", "sale": "SO-1", "part": second,
                         "due_on": "2025-08-30", "finding": "no_fault_found",
                         "disposed_on": "2025-07-13", "disposal": "restock",
                         "restock_place": "W01"}],
        payments=[{"payment": "PM-1", "received_on": "2025-07-20", "dealer": "D01",
                   "amount": "50.00", "currency": "CNY", "open_item": "sales/SO-1",
                   "allocated": "40.00"}],
        settlements=[{"dealer": "D01", "month": "2025-07", "issued_on": "2025-08-09",
                      "issued_by": "issue", "reviewed_on": "2025-08-10",
                      "reviewed_by": "review"}],
    )  # fmt: skip


@pytest.fixture(scope="module")
def trades(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Trading, Trading]]:
    """The same trade in parts with plain numbers and with odd ones."""
    folder = tmp_path_factory.mktemp("trades")
    with (
        new_book(database_url) as one, serving(database_url, one) as first,
        new_book(database_url) as other, serving(database_url, other) as second,
    ):  # fmt: skip
        found = (
            Trading(Served(first.address, one), trade(folder / "plain", PLAIN), PLAIN),
            Trading(Served(second.address, other), trade(folder / "odd", ODD), ODD),
        )
        for each in found:
            told = each.served.ask("import", str(each.folder), "--json").json
            assert (told["refusals"], told["recorded"] > 40) == ([], True)
        yield found


@pytest.fixture(scope="module")
def odd(trades: tuple[Trading, Trading]) -> Trading:
    return trades[1]


ASKED: Final = (
    "ageing --as-of DAY --by-part", "ageing --as-of DAY --part P-1 --part P-3 --place W01",
    "ageing --as-of DAY --dwell --by-part", "stock-card P-2", "stock-card P-1 --place W02",
    "stock-card P-2 --place @in-transit --from 2025-07-03", "list parts", "list stock",
    "list stock --in places/W01", "list prices", "list prices --in priceLists/settlement-CNY",
    "list claims", "list transfers", "list sales", "list returns", "list purchases",
    "statement D01 2025-07", "open-items D01 --as-of DAY", "trial-balance --as-of DAY",
    "ledger 1405 places/W01", "ledger 1406", "find P-2", "find SO-1",
)  # fmt: skip
ENTRIES: Final = (
    "", "--stream stock/W01/P-2", "--stream parts/P-1", "--stream stock/W01/",
    "--stream listed-prices/settlement-CNY/P-1", "--cause transfers/TR-1", "--party dealers/D01",
    "--document P-2",
)  # fmt: skip


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a narrow screen, what has room depends on the numbers."""
    monkeypatch.setenv("COLUMNS", "500")


@pytest.mark.parametrize("form", ["", "--csv", "--json"])
@pytest.mark.parametrize("command", ASKED)
def test_every_report_is_that_of_plain_numbers_but_for_the_numbers(
    trades: tuple[Trading, Trading], command: str, form: str
) -> None:
    words = [word.replace("DAY", DAY) for word in command.split()] + form.split()

    plain, odd = (each.ask(*words) for each in trades)

    if form:
        assert odd == plain
    else:  # Columns are as wide as what stands in them.
        assert squeezed(odd) == squeezed(plain)
    assert re.search(r"\d\.\d\d|P-\d|\b[TRSPM][OLRTM]-1\b", odd)


@pytest.mark.parametrize("form", ["--csv", "--json"])
@pytest.mark.parametrize("options", ENTRIES)
def test_the_entries_are_those_of_plain_numbers_but_for_the_numbers(
    trades: tuple[Trading, Trading], options: str, form: str
) -> None:
    plain, odd = (each.ask("entries", "--limit", "500", *options.split(), form) for each in trades)

    assert odd == plain
    assert "P-" in odd


def squeezed(table: str) -> str:
    return re.sub(r"[\s─]+", " ", table)


@pytest.mark.parametrize(
    "command",
    [
        "explain stock W01 P-2", "explain stock W01",
        "explain stock W01 P-2 --receipt purchases/PR-1",
        "explain item D01 sales/SO-1", "explain item D01 claims/CL-1", "explain balance 1405",
        "show parts/P-2", "show places/W01/stock/P-1", "show priceLists/settlement-CNY/prices/P-1",
        "show sales/SO-1", "show claims/CL-1", "show transfers/TR-1", "show returns/RT-2",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["", "--json"])
def test_what_is_shown_and_explained_is_that_of_plain_numbers_but_for_the_numbers(
    trades: tuple[Trading, Trading], command: str, form: str
) -> None:
    plain, odd = (each.ask(*command.split(), *form.split()) for each in trades)

    assert squeezed(odd) == squeezed(plain)
    assert "P-" in odd


def test_an_import_once_more_records_nothing(odd: Trading) -> None:
    again = odd.served.ask("import", str(odd.folder), "--json").json

    assert (again["recorded"], again["refused"], again["repeated"] > 40) == (0, 0, True)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("parts/6204-2RS/C3", "parts/6204-2RS%2FC3"),
        ("parts/6204-2RS%2FC3", "parts/6204-2RS%2FC3"),
        ("parts/6204-2RS%2fC3", "parts/6204-2RS%2FC3"),
        ("parts/M8 x 25", "parts/M8%20x%2025"),
        ("parts/M8%20x 25", "parts/M8%20x%2025"),
        ("parts/#12+A", "parts/%2312%2BA"),
        ("places/W01/stock/6204-2RS/C3", "places/W01/stock/6204-2RS%2FC3"),
        ("priceLists/settlement-CNY/prices/6204-2RS/C3",
         "priceLists/settlement-CNY/prices/6204-2RS%2FC3"),
    ],
)  # fmt: skip
def test_a_name_may_be_typed_as_the_number_is_written(odd: Trading, typed: str, name: str) -> None:
    whole = f"books/{odd.served.book}/{name}"

    assert odd.served.ask("show", typed, "--json").json["name"] == whole
    assert (
        odd.served.ask("show", f"books/{odd.served.book}/{typed}", "--json").json["name"] == whole
    )


def test_people_read_the_number_and_programs_the_name(odd: Trading) -> None:
    served = odd.served
    parts = [row["name"] for row in served.ask("list", "parts", "--csv").csv]
    named = [row["name"] for row in served.ask("list", "parts", "--json").json["parts"]]
    stock = {row["part"] for row in served.ask("ageing", "--by-part", "--json").json["rows"]}

    assert parts == list(ODD)  # `#` begins no formula.
    assert named == [f"books/{served.book}/parts/{in_name(number)}" for number in ODD]
    assert stock == set(ODD)
    assert "%" not in served.ask("show", "sales/SO-1").out.replace(" %", "")
    assert "Stock card of 6204-2RS/C3 to" in served.ask("stock-card", "6204-2RS/C3").out
    assert "Part M8 x 25" in served.ask("show", "parts/M8 x 25").out


def test_a_line_of_the_log_has_the_whole_number(odd: Trading) -> None:
    for stream in ("listed-prices/settlement-CNY/6204-2RS/C3", "stock/consignment.D01/6204-2RS/C3"):
        assert f"  {stream}@1  " in odd.served.ask("entries", "--stream", stream).out


def test_calls_are_of_the_api_where_a_slash_is_escaped(odd: Trading) -> None:
    def called(name: str) -> Any:
        return odd.served.ask("call", "Part.GetPart", json.dumps({"name": name}))

    got = called("parts/6204-2RS%2FC3").json["part"]["name"]
    assert got == f"books/{odd.served.book}/parts/6204-2RS%2FC3"
    assert called("parts/M8 x 25").code == 0
    refused = called("parts/6204-2RS/C3")
    assert refused.code == 2
    assert "with %2F for a slash in the part's number" in refused.err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("show parts/6204%2", "name: '6204%2': must hold a % only where it escapes"),
        ("show parts/6204%zz", "name: '6204%zz': must hold a % only where it escapes"),
        ("show parts/6204-2RS/", "name: '6204-2RS/': must not end with / "),
        ("show parts/6204-2RS", "no Part 6204-2RS (NOT_FOUND)"),
        ("show sales/SO/1", "NAME 'sales/SO/1' must be the name of a resource"),
        ("stock-card 6204-2RS/", "'6204-2RS/' must not end with /"),
        ("stock-card 6204-2RS%2FC3", "'6204-2RS%2FC3' must hold only letters"),
        ("ageing --part A%2FB", "'A%2FB' must hold only letters"),
        ("explain stock W/01 6204-2RS/C3", "'W/01' must be 1 to 63 letters, digits,"),
        ("explain stock W01 /6204", "'/6204' must begin with a letter, digit or #"),
    ],
)
def test_what_is_typed_wrong_is_refused_with_what_it_must_be(
    odd: Trading, command: str, says: str
) -> None:
    ended = odd.served.ask(*command.split())

    assert ended.code in (1, 2)
    assert says in " ".join(ended.err.replace("│", " ").split())


@pytest.mark.parametrize(
    "number",
    [number for number, _ in NO_NUMBERS if number.isprintable() and number == number.strip()],
)
def test_a_cell_that_is_no_number_of_a_part_is_refused_with_its_place(
    served: Served, tmp_path: Path, number: str
) -> None:
    folder = export(tmp_path / "erp", parts=[PARTS[0] | {"part": number}, PARTS[1]])

    told = served.ask("import", str(folder), "--json").json

    [refusal] = told["refusals"]
    assert (refusal["file"], refusal["line"]) == ("parts.csv", 2)
    assert "part" in json.dumps(refusal)
    assert told["recorded"] == 1


def test_blanks_at_the_ends_of_a_cell_are_cut(served: Served, tmp_path: Path) -> None:
    parts = [PARTS[0] | {"part": " M8 x 25 "}, PARTS[1] | {"part": "\u3000A/1"}]
    served.ask("import", str(export(tmp_path / "erp", parts=parts)))

    assert [row["name"] for row in served.ask("list", "parts", "--csv").csv] == ["A/1", "M8 x 25"]


def test_the_replay_of_such_a_log_gives_the_figures_of_the_server(
    odd: Trading, tmp_path: Path
) -> None:
    history = history_of(odd.served, tmp_path, Least(0, 0, 0, 0, 0))
    with grpc.insecure_channel(odd.served.address) as channel:
        found = shown_statement(FrontDesk(channel, odd.served.book), "D01", "2025-07")

    assert found is not None
    figures, currency = found
    assert statement(history.replay, "D01", "2025-07", currency) == figures
    for day in DAYS[:2]:
        assert aged(history.replay, day) == shown_aged(shown(history, "ageing", day)) != {}
        assert balances(history.replay, day) == shown_balances(history, day) != set()
    text = history.replay.for_beancount()
    accounts = set(re.findall(r"Assets:Stock:At-W01:(\S+)", text.read_text(encoding="utf-8")))
    assert accounts == {"P--h12-cA", "P-6204--2RS-sC3", "P-M8-bx-b25"}
    assert bean_check(text) == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PART_NUMBERS)
def test_every_number_goes_through_import_and_command_line(
    served: Served, tmp_path: Path, number: str
) -> None:
    folder = export(tmp_path / "erp", parts=[PARTS[0] | {"part": number}])
    told = served.ask("import", str(folder), "--json").json

    assert (told["refusals"], told["recorded"] + told["repeated"]) == ([], 1)
    name = f"books/{served.book}/parts/{in_name(number)}"
    assert served.ask("show", f"parts/{number}", "--json").json["name"] == name
    found = served.ask("find", number, "--csv").csv
    assert [row["stream"] for row in found] == [Part.KIND + "/" + number]
    card = served.ask("stock-card", number, "--json").json
    assert card["lines"] == []
