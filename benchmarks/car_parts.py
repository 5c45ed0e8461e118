"""Real monthly demand for car parts through the whole ledger, and the proof that it adds up.

python -m benchmarks.car_parts carparts_demand.csv.gz [--months 12] [--json]

Imports a trade drawn around the demand as `partsledger import` does, into a server of its own on a
private PostgreSQL, then asks it over gRPC. Ends with 1 if a check fails (docs/real-demand.md).
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from benchmarks import car_parts_trade
from benchmarks.car_parts_trade import BadDemand, Demand, Trade
from benchmarks.serving import DidNotStart, served
from domain import accounts
from server.cli import ageing, import_files, rebuild, trial_balance
from server.cli.channel import Connection, connected
from server.cli.failure import NO, NOT_DONE, Failure
from server.cli.tables import Column, Table, out, rich_table, show, write_json
from server.cli.tally import Fate, Tally
from server.cli.wording import amount, short
from server.postgres.data_directory import CannotStart
from server.postgres.embedded import EmbeddedPostgres

LAST_DAY: Final = date(2025, 12, 31)
BOOK: Final = "main"
_INVENTORY: Final = (
    accounts.INVENTORY, accounts.CONSIGNMENT, accounts.RETURNED_PARTS, accounts.IN_TRANSIT,
    accounts.DISCREPANCIES,
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """Two ways to the same figure."""

    name: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        return self.expected == self.found


@dataclass(frozen=True)
class Findings:
    """What was imported, how long it took, and whether it adds up."""

    facts: dict[str, int | str]
    checks: tuple[Check, ...]

    @property
    def hold(self) -> bool:
        return all(check.holds for check in self.checks)


@contextmanager
def database() -> Iterator[tuple[str, Path]]:
    """A private PostgreSQL: its URL, and a folder to work in."""
    with tempfile.TemporaryDirectory(prefix="partsledger-car-parts-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # As root, PostgreSQL is another user and passes through it.
        with EmbeddedPostgres(folder / "data") as postgres:
            yield postgres.url, folder


def measured(connection: Connection, demand: Sequence[Demand], folder: Path) -> Findings:
    """Makes the files, imports them, and asks what came of them."""
    trade = car_parts_trade.write(demand, folder)
    started = time.monotonic()
    tally = import_files.run(connection, folder)
    imported = time.monotonic()
    rebuilt = rebuild.run(connection)
    done = time.monotonic()
    facts = counted(trade, tally)
    commands, entries = tally.count(Fate.RECORDED), tally.last_position
    facts["import_seconds"] = f"{imported - started:.1f}"
    facts["commands_per_second"] = int(commands / (imported - started))
    facts["entries_per_second"] = int(entries / (imported - started))
    facts["rebuild_seconds"] = f"{done - imported:.1f}"
    same = Check("views that differ once rebuilt", "0", str(sum(not v.same for v in rebuilt.views)))
    asked = time.monotonic()
    checks = (same, *added_up(connection, trade, tally))
    facts["check_seconds"] = f"{time.monotonic() - asked:.1f}"
    return Findings(facts, checks)


def counted(trade: Trade, tally: Tally) -> dict[str, int | str]:
    return {
        "months": trade.months,
        "parts": len(trade.sold),
        "pieces_sold": trade.sold.total(),
        "pieces_received": trade.received.total(),
        "purchases": tally.counts["purchases.csv"][Fate.RECORDED],
        "sales": tally.counts["sales.csv"][Fate.RECORDED],
        "commands": tally.count(Fate.RECORDED),
        "entries": tally.last_position,
    }


def added_up(connection: Connection, trade: Trade, tally: Tally) -> tuple[Check, ...]:
    """Whether the book says what was written, and agrees with itself."""
    balance = trial_balance.read(connection, LAST_DAY)
    on_accounts = sum(
        (
            Decimal(amount(line.balance).text)
            for line in balance.accounts
            if line.account in _INVENTORY
        ),
        Decimal("0.00"),
    )
    stock = ageing.read(connection, LAST_DAY, by_part=True)
    lying: Counter[str] = Counter()
    for row in stock.rows:
        lying[short(row.part)] += row.quantity
    left = trade.received - trade.sold
    wrong = [part for part in left.keys() | lying.keys() if left[part] != lying[part]]
    differences = [str(amount(money).text) for money in balance.differences]
    return (
        Check("lines refused", "0", str(len(tally.refusals))),
        Check("debits less credits", "0.00", ", ".join(differences)),
        Check(
            "value by age = inventory accounts", str(on_accounts), amount(stock.total.value).text
        ),
        Check("pieces received less sold", str(left.total()), str(lying.total())),
        Check("parts whose pieces differ", "0", str(len(wrong))),
    )


def report(findings: Findings, as_json: bool) -> None:
    columns = [Column("check", wraps=True), Column("expected", right=True),
               Column("found", right=True), Column("holds")]  # fmt: skip
    checks = Table("checks", columns)
    for check in findings.checks:
        checks.rows.append([check.name, check.expected, check.found, check.holds])
    if as_json:
        write_json({**findings.facts, "hold": findings.hold}, [checks])
        return
    counts = Table("counts", [Column("what"), Column("count", right=True)])
    for name, value in findings.facts.items():
        counts.rows.append([name.replace("_", " "), value])
    verdict = "All checks hold." if findings.hold else "A check failed: the ledger is wrong."
    show(out(), rich_table(counts), rich_table(checks), verdict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 if everything adds up, 1 if not, 2 if it could not be tried."""
    chosen = _arguments(arguments)
    try:
        demand = car_parts_trade.latest(car_parts_trade.read_demand(chosen.path), chosen.months)
        with (
            database() as (url, folder),
            served(url, folder / "serve.log") as server,
            connected(server.address, BOOK, "car-parts") as connection,
        ):
            findings = measured(connection, demand, folder / "files")
    except (BadDemand, CannotStart, DidNotStart, Failure) as reason:
        print(reason, file=sys.stderr)
        return NOT_DONE
    report(findings, chosen.json)
    return 0 if findings.hold else NO


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.car_parts")
    parser.add_argument("path", type=Path, help="part_no,month,quantity: plain or gzipped")
    parser.add_argument("--months", type=_months, help="only the last so many")
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser.parse_args(arguments)


def _months(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
