"""Lists of documents by the day they happened and by their papers."""

import json
from typing import Any

import pytest

from server.cli.kinds import kinds
from tests.server.cli.terminal import Served

BY_DAY = [
    kind.plural for kind in kinds()
    if kind.list and "order_by" in kind.list.input_type.fields_by_name
]  # fmt: skip
FROM, TO = "2025-08-10", "2025-09-20"


def listed(served: Served, kind: str, *arguments: str) -> list[str]:
    found = served.ask("list", kind, "--json", *arguments).json
    return [each["name"] for each in found[kind]]


def first_days(served: Served) -> dict[str, str]:
    """The day of the first step of each document, as the log has it."""
    entries = served.ask("entries", "--csv", "--limit", "100000").csv
    return {row["stream"]: row["occurred_on"] for row in entries if row["version"] == "1"}


def stream(name: str) -> str:
    _, _, *path = name.split("/")
    return f"settlements/{path[1]}/{path[3]}" if "settlements" in path else "/".join(path)


def test_every_document_with_a_day_is_listed_by_it() -> None:
    assert sorted(BY_DAY) == [
        "claims", "payments", "payouts", "purchases", "returns", "sales", "settlements",
        "transfers",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", BY_DAY)
def test_days_and_orders_are_those_of_the_log(examples: Served, kind: str) -> None:
    days = first_days(examples)
    everything = listed(examples, kind)
    within = [name for name in everything if FROM <= days[stream(name)] <= TO]

    assert listed(examples, kind, "--from", FROM, "--to", TO) == within
    assert len(within) < len(everything)
    by_day = sorted(everything, key=lambda name: (days[stream(name)], stream(name)))
    assert listed(examples, kind, "--sort", "date") == by_day
    assert listed(examples, kind, "--sort", "latest") == by_day[::-1]
    assert by_day != everything or kind != "settlements"
    some = listed(examples, kind, "--from", FROM, "--to", TO, "--sort", "latest", "--limit", "3")
    assert some == [name for name in by_day[::-1] if name in within][:3]


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("order", ["", "occurred_on", "occurred_on desc"])
def test_pages_of_any_size_are_the_list_in_any_order(
    examples: Served, size: int, order: str
) -> None:
    def pages() -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            asked: dict[str, Any] = {
                "parent": f"books/{examples.book}/dealers/-", "page_size": size,
                "order_by": order, "page_token": token,
                "from_date": {"year": 2025, "month": 8, "day": 1},
            }  # fmt: skip
            page = examples.ask("call", "Settlement.ListSettlements", json.dumps(asked)).json
            found += [each["name"] for each in page["settlements"]]
            token = page["next_page_token"]
            if not token:
                return found

    sort = {"": "number", "occurred_on": "date", "occurred_on desc": "latest"}[order]
    whole = listed(examples, "settlements", "--from", "2025-08-01", "--sort", sort)
    assert pages() == whole
    assert len(whole) > 20


def test_a_document_is_listed_by_its_number_and_by_its_papers(examples: Served) -> None:
    [sale] = listed(examples, "sales", "--document", "INV-000009")
    assert sale.endswith("/sales/SO-250704-0001")
    assert listed(examples, "sales", "--document", "SO-250704-0001") == [sale]
    claims = listed(examples, "claims", "--document", "CL-250722-0001")
    assert [name.rpartition("/")[2] for name in claims] == ["CL-250722-0001"]
    assert listed(examples, "sales", "--document", "NONE") == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["list", "sales", "--sort", "size"], "--sort 'size' must be one of number, date, latest"),
        (["list", "parts", "--sort", "date"], "--sort: parts cannot be selected so"),
        (["list", "dealers", "--from", FROM], "--from: dealers cannot be selected so"),
        (["list", "parts", "--document", "X"], "--document: parts cannot be selected so"),
        (["list", "sales", "--from", "May"], "must be a date as 2025-07-31"),
        (["call", "Sale.ListSales", '{"order_by": "price"}'], "must be empty, or one of"),
    ],
)
def test_what_cannot_be_asked_is_told(
    examples: Served, arguments: list[str], complaint: str
) -> None:
    ended = examples.ask(*arguments)
    assert ended.code == 2
    assert complaint in ended.err
