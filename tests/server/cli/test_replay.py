"""docs/replay.md gives the figures the server gives: its SQL is run on the log of the examples.

DuckDB sums what `partsledger entries` prints, and knows nothing of the ledger but that page.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from domain.currencies import DECIMALS
from domain.months import last_day
from tests.server.cli.terminal import Served

PAGE: Final = Path(__file__).parents[3] / "docs" / "replay.md"
BLOCK: Final = re.compile(r"```sql([^\n]*)\n(.*?)```", re.DOTALL)
MONTHS: Final = [*(f"2025-{month:02}" for month in range(7, 13)), "2026-01"]
DAYS: Final = [last_day(month) for month in MONTHS]

Rows = list[dict[str, Any]]
Replay = Callable[..., Rows]


def replay_of(lines: str, folder: Path) -> Replay:
    """Reads a log into DuckDB; answers the queries of the page by their names."""
    entries = folder / "entries.jsonl"
    entries.write_text(lines, encoding="utf-8")
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    queries = {name.strip(): sql for name, sql in blocks}
    database = duckdb.connect()
    for name, sql in blocks:
        if not name.strip():
            database.execute(sql.replace("'entries.jsonl'", f"'{entries}'"))

    def asked(name: str, **values: object) -> Rows:
        found = database.execute(queries[name], values)
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    return asked


@pytest.fixture(scope="module")
def log(examples: Served) -> str:
    return examples.ask("entries", "--json", "--limit", "1000000").out


@pytest.fixture(scope="module")
def replay(log: str, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    return replay_of(log, tmp_path_factory.mktemp("replay"))


def minor(amount: str, currency: str) -> int:
    return int(Decimal(amount).scaleb(DECIMALS[currency]))


def balances(replay: Replay, day: date) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for row in replay("trial balance", day=day)}


def shown_balances(examples: Served, day: date) -> set[tuple[Any, ...]]:
    shown = examples.ask("trial-balance", "--as-of", str(day), "--by-party", "--json").json
    return {
        (
            row["account"], row["party"], row["currency"],
            minor(row["debit"], row["currency"]), minor(row["credit"], row["currency"]),
            minor(row["functional_balance"], row["functional_currency"]),
        )
        for row in shown["accounts"]
    }  # fmt: skip


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_trial_balance_is_the_sum_of_the_postings(
    examples: Served, replay: Replay, day: date
) -> None:
    assert balances(replay, day) == shown_balances(examples, day) != set()


def aged(replay: Replay, day: date) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (row["place"], row["part"], row["days"]): (row["quantity"], row["value_minor"])
        for row in replay("ageing", day=day)
    }


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_ageing_is_the_sum_of_the_movements(
    examples: Served, replay: Replay, day: date
) -> None:
    shown = examples.ask("ageing", "--as-of", str(day), "--by-part", "--json").json
    of_the_server = {
        (row["place"], row["part"], key.removeprefix("quantity_")): (
            row[key], minor(row[key.replace("quantity", "value")], row["currency"]),
        )
        for row in shown["rows"]
        for key in row
        if key.startswith("quantity_") and row[key]
    }  # fmt: skip
    assert aged(replay, day) == of_the_server != {}


def dealers(examples: Served) -> Iterator[str]:
    entries = examples.ask("entries", "--json", "--limit", "1000", "--topic", "Dealer.Registered")
    for line in entries.out.splitlines():
        yield json.loads(line)["stream"].removeprefix("dealers/")


def test_the_statements_are_sums_of_the_lines_that_name_them(
    examples: Served, replay: Replay
) -> None:
    compared = hashes = 0
    for dealer in dealers(examples):
        for month in MONTHS:
            shown = examples.ask("statement", dealer, month, "--json")
            if shown.code:
                continue
            [found] = replay("statement", dealer=dealer, month=month)
            currency = shown.json["currency"]
            for name in ("opening", "debit", "credit", "closing"):
                assert found[f"{name}_minor"] == minor(shown.json[name], currency), (dealer, month)
            assert found["line_count"] == len(shown.json["lines"])
            if found["line_count"]:
                head = {
                    "dealer": dealer, "month": month, "currency": currency,
                    "opening": found["opening_minor"], "closing": found["closing_minor"],
                }  # fmt: skip
                [hashed] = replay("content hash", **head)
                assert hashed["content_hash"] == shown.json["content_hash"]
                hashes += 1
            items = replay("open items", dealer=dealer, month=month)
            assert sum(item["amount_minor"] for item in items) == found["closing_minor"]
            assert {
                (item["item"], item["amount_minor"], str(item["due_on"])) for item in items
            } == {
                (item["item"], minor(item["amount"], currency), item["due_on"])
                for item in shown.json["open_items"]
            }
            compared += 1
    assert compared > hashes > 50


def test_the_control_with_one_posting_of_another_amount_differs(
    examples: Served, log: str, tmp_path: Path
) -> None:
    changed, times = re.subn(r'"account":"1405"(.*?)"amount_minor":(\d+)',
                             r'"account":"1405"\1"amount_minor":\g<2>1', log, count=1)  # fmt: skip
    assert times == 1
    assert balances(replay_of(changed, tmp_path), DAYS[-1]) != shown_balances(examples, DAYS[-1])


def test_the_control_without_one_movement_differs(
    examples: Served, replay: Replay, log: str, tmp_path: Path
) -> None:
    lines = [line for line in log.splitlines() if '"movements"' in line]
    without = log.replace(lines[0] + "\n", "", 1)
    assert without != log
    assert aged(replay_of(without, tmp_path), DAYS[-1]) != aged(replay, DAYS[-1])
