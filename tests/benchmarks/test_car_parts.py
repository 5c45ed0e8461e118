"""A made-up demand goes the way of the real one, and each check finds what it looks for."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psycopg2
import pytest

from benchmarks import car_parts
from benchmarks.car_parts import Check, Findings
from benchmarks.car_parts_trade import (
    LAST_MONTH,
    BadDemand,
    Demand,
    latest,
    read_demand,
    write,
)
from benchmarks.serving import served
from projections.books.balances import ACCOUNT_MONTHS
from server.cli import rebuild
from server.cli.channel import Connection, connected
from server.cli.tally import Tally
from server.erp.folder import ErpFolder

MADE_UP = """part_no,month,quantity
A-1,2001-11,2
A-1,2002-01,9
B-2,2001-12,1
C-3,2002-03,4
"""


@pytest.fixture
def demand_file(tmp_path: Path) -> Path:
    path = tmp_path / "demand.csv.gz"
    path.write_bytes(gzip.compress(MADE_UP.encode()))
    return path


def test_the_last_month_is_december_2025_and_the_others_keep_their_distance(
    demand_file: Path,
) -> None:
    demand = latest(read_demand(demand_file))

    assert demand == [
        Demand("A-1", LAST_MONTH - 4, 2),
        Demand("A-1", LAST_MONTH - 2, 9),
        Demand("B-2", LAST_MONTH - 3, 1),
        Demand("C-3", LAST_MONTH, 4),
    ]
    assert [row.part for row in latest(read_demand(demand_file), 3)] == ["A-1", "C-3"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A-1,2002-13,1", "'2002-13' must be a month"),
        ("A-1,2002-1,1", "'2002-1' must be a month"),
        ("A-1,2002-01,1.5", "'1.5' must be a whole number"),
        ("A-1,2002-01,0", "'0' must be a whole number"),
        ("A-1,2002-01,-1", "'-1' must be a whole number"),
        ("A-1,2002-01", "must have 3 cells"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    path = tmp_path / "demand.csv"
    path.write_text(f"{MADE_UP}{row}\n")

    with pytest.raises(BadDemand, match=f"line 6: {told}"):
        read_demand(path)


@pytest.mark.parametrize("text", ["", "part,month,quantity\n", "part_no,month,quantity\n"])
def test_a_file_without_demand_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "demand.csv"
    path.write_text(text)

    assert car_parts.main([str(path)]) == 2
    assert car_parts.main([str(tmp_path / "missing.csv.gz")]) == 2


def test_the_files_serve_the_demand_and_repeat(demand_file: Path, tmp_path: Path) -> None:
    demand = latest(read_demand(demand_file))
    trade = write(demand, tmp_path / "once")

    assert trade.sold == Counter({"A-1": 11, "C-3": 4, "B-2": 1})
    assert all(trade.received[part] >= sold for part, sold in trade.sold.items())
    with ErpFolder(tmp_path / "once", "main") as files:
        files.read()
        assert files.problems == []
    write(demand, tmp_path / "again")
    write(demand, tmp_path / "otherwise", seed=1)
    once, again, otherwise = (
        (tmp_path / folder / "purchases.csv").read_text()
        for folder in ("once", "again", "otherwise")
    )
    assert once == again
    assert once != otherwise  # The control: it is the seed that decides.


class Imported(NamedTuple):
    """A made-up demand in a served book, its database, and what was found."""

    connection: Connection
    url: str
    findings: Findings
    folder: Path

    def checks(self) -> dict[str, Check]:
        """Asks again, as the command does."""
        trade = write(DEMAND, self.folder)
        tally = Tally(0, dry_run=False)
        return {c.name: c for c in car_parts.added_up(self.connection, trade, tally)}

    def spoil(self, statement: str) -> None:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as c:
            connection.autocommit = True
            c.execute("SET search_path = views_of_book_main")
            c.execute(statement)
            assert c.rowcount > 0


DEMAND = [Demand(f"P-{n}", LAST_MONTH - n % 4, 1 + n % 9) for n in range(12)]


@pytest.fixture(scope="module")
def imported() -> Iterator[Imported]:
    with (
        car_parts.database() as (url, folder),
        served(url, folder / "serve.log") as server,
        connected(server.address, "main", "car-parts") as connection,
    ):
        findings = car_parts.measured(connection, DEMAND, folder / "files")
        yield Imported(connection, url, findings, folder / "again")


def test_what_is_imported_adds_up(imported: Imported, capsys: pytest.CaptureFixture[str]) -> None:
    facts, checks = imported.findings.facts, imported.findings.checks

    assert [check for check in checks if not check.holds] == []
    assert len(checks) == 6
    assert facts["parts"] == 12
    assert facts["pieces_sold"] == sum(row.quantity for row in DEMAND)
    car_parts.report(imported.findings, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["hold"] is True
    assert said["entries"] == facts["entries"]
    assert len(said["checks"]) == 6


@pytest.mark.parametrize(
    ("statement", "failing"),
    [
        (
            "UPDATE stock_lines SET quantity = quantity * 2, value_minor = value_minor * 2",
            {"value by age = inventory accounts", "pieces received less sold",
             "parts whose pieces differ"},
        ),
        (
            f"UPDATE {ACCOUNT_MONTHS.name} SET debit_minor = debit_minor + 1"
            " WHERE account = '1405'",
            {"debits less credits", "value by age = inventory accounts"},
        ),
    ],
    ids=["stock", "accounts"],
)  # fmt: skip
def test_a_spoilt_view_fails_its_checks_and_a_rebuild_tells_and_mends_it(
    imported: Imported, statement: str, failing: set[str]
) -> None:
    """Control of the test above."""
    imported.spoil(statement)

    assert {name for name, check in imported.checks().items() if not check.holds} == failing
    assert not rebuild.run(imported.connection, accept_difference=True).same
    assert all(check.holds for check in imported.checks().values())
    assert rebuild.run(imported.connection).same


def test_one_check_that_fails_is_enough(imported: Imported) -> None:
    wrong = Findings({}, (*imported.findings.checks, Check("moons", "1", "2")))

    assert imported.findings.hold
    assert not wrong.hold


def test_the_command_ends_with_0_when_all_holds(
    demand_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert car_parts.main([str(demand_file), "--months", "3"]) == 0
    assert "All checks hold." in capsys.readouterr().out
