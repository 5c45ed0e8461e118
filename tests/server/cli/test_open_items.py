"""What dealers owe: item by item, by age, and as the books have it, on any day."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from tests.server.cli.terminal import Served

LAST_DAY = "2025-12-31"
LONG_AFTER = "2026-04-15"
DEALER_ACCOUNTS = {"1122", "2241"}
LIMITS = {
    "not_due": (-100_000, -1), "days_0_to_30": (0, 30), "days_31_to_60": (31, 60),
    "days_61_to_90": (61, 90), "days_91_to_180": (91, 180), "over_180_days": (181, 100_000),
}  # fmt: skip


def items(served: Served, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.ask("open-items", "--json", *arguments).json["open_items"]
    return found


def sums(rows: list[dict[str, Any]], field: str) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["dealer"], row["currency"]] += Decimal(row[field])
    return dict(found)


@pytest.mark.parametrize("on", [LAST_DAY, "2025-10-15"])
def test_items_receivables_and_accounts_agree_on_any_day(examples: Served, on: str) -> None:
    by_item = sums(items(examples, "--as-of", on), "amount")
    receivables = examples.ask("receivables", "--as-of", on, "--json").json
    lines = examples.ask("trial-balance", "--as-of", on, "--by-party", "--json").json["accounts"]
    owed = [{**line, "dealer": line["party"].removeprefix("dealers/")} for line in lines
            if line["account"] in DEALER_ACCOUNTS]  # fmt: skip
    in_the_books = {key: sum_ for key, sum_ in sums(owed, "balance").items() if sum_}

    assert sums(receivables["receivables"], "total") == by_item
    assert {key: sum_ for key, sum_ in by_item.items() if sum_} == in_the_books
    assert len(by_item) > 8
    for total in receivables["totals"]:
        own = [row for row in receivables["receivables"] if row["currency"] == total["currency"]]
        for field in (*LIMITS, "total"):
            assert Decimal(total[field]) == sum(Decimal(row[field]) for row in own)


def test_each_range_holds_the_items_that_are_so_long_overdue(examples: Served) -> None:
    found = items(examples, "--as-of", LONG_AFTER)
    rows = examples.ask("receivables", "--as-of", LONG_AFTER, "--json").json["receivables"]

    for field, (first, last) in LIMITS.items():
        within = [item for item in found if first <= item["days_overdue"] <= last]
        expected = sums(within, "amount")
        ranges = {key: sum_ for key, sum_ in sums(rows, field).items() if sum_}
        assert ranges == {key: sum_ for key, sum_ in expected.items() if sum_}
    assert len({item["days_overdue"] > 90 for item in found}) == 2


def test_the_ranges_are_those_of_the_statement(examples: Served) -> None:
    rows = examples.ask("receivables", "--as-of", "2025-11-30", "--json").json["receivables"]
    statement = examples.ask("statement", "D01", "2025-11", "--json").json

    [own] = [row for row in rows if row["dealer"] == "D01"]

    assert {field: own[field] for field in LIMITS} == statement["open_by_age"]
    assert own["total"] == statement["closing"]


def test_what_one_dealer_owes_is_part_of_what_all_do(examples: Served) -> None:
    everything = items(examples, "--as-of", LAST_DAY)

    own = items(examples, "D12", "--as-of", LAST_DAY)

    assert own == [item for item in everything if item["dealer"] == "D12"] != []
    assert {item["functional_currency"] for item in own} == {"CNY"}  # It settles in USD.
    assert examples.ask("open-items", "D99").code == 1


def test_people_see_a_total_of_each_currency(examples: Served) -> None:
    shown = examples.ask("receivables", "--as-of", LAST_DAY).out
    totals = [line.split() for line in shown.splitlines() if line.lstrip().startswith("all ")]

    assert [line[8] for line in totals] == ["CNY", "USD"]
    csv = examples.ask("receivables", "--as-of", LAST_DAY, "--csv").csv
    assert "all" not in {row["dealer"] for row in csv}


def test_before_anything_was_sold_nothing_is_open(examples: Served) -> None:
    assert "No dealer has an open item." in examples.ask("receivables", "--as-of", "2025-01-01").out
    assert "0 open items" in examples.ask("open-items", "--as-of", "2025-01-01").out
    assert examples.ask("receivables", "--at-position", "1", "--json").json["receivables"] == []
