"""Figures led back to entries, documents, versions of base data, and people."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from server.api.services.explanations import told_each
from tests.server.cli.terminal import Served

DAY = "2025-10-31"


def explained(served: Served, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = served.ask("explain", *arguments, "--json").json
    return found


def entries_of(served: Served) -> dict[tuple[str, int], dict[str, Any]]:
    rows = served.ask("entries", "--csv", "--limit", "100000").csv
    return {(row["stream"], int(row["version"])): row for row in rows}


def all_of(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node and everything below it."""
    yield told
    for below in (*told.get("parts", []), *told.get("because", [])):
        yield from all_of(below)


def adds_up(told: dict[str, Any]) -> bool:
    amounts = [Decimal(part["amount"]) for part in told["parts"]]
    pieces = [part.get("quantity", 0) for part in told["parts"]]
    return sum(amounts) == Decimal(told["amount"]) and sum(pieces) == told.get("quantity", 0)


@pytest.mark.parametrize("parts", ["1", "7", "200"])
def test_every_balance_is_the_sum_of_its_parts(examples: Served, parts: str) -> None:
    accounts = examples.ask("trial-balance", "--as-of", DAY, "--json").json["accounts"]
    for line in accounts:
        told = explained(
            examples, "balance", line["account"], "--currency", line["currency"], "--as-of", DAY,
            "--parts", parts,
        )  # fmt: skip
        assert told["amount"] == line["balance"]
        assert adds_up(told)
        assert len(told["parts"]) <= int(parts) + 1
    assert len(accounts) > 12


def test_every_open_item_is_the_sum_of_its_lines(examples: Served) -> None:
    items = examples.ask("open-items", "--as-of", DAY, "--json").json["open_items"]
    for item in items[::9]:
        told = explained(examples, "item", item["dealer"], item["item"], "--as-of", DAY)
        assert told["amount"] == item["amount"]
        assert told["currency"] == item["currency"]
        assert adds_up(told)
    assert len(items) > 50


def test_every_cell_of_the_ageing_is_the_sum_of_its_layers(examples: Served) -> None:
    rows = examples.ask("ageing", "--as-of", DAY, "--csv").csv
    ranges = {"0_30": "0-30", "31_60": "31-60", "over_365": "366-"}
    compared = 0
    for row in rows:
        place = row["place"].removeprefix("'")  # Which keeps a spreadsheet from acting on it.
        for column, days in ranges.items():
            told = explained(
                examples, "stock", place, "--days", days, "--as-of", DAY, "--parts", "3"
            )
            assert told["amount"] == row[f"value_{column}"]
            assert told["quantity"] == int(row[f"quantity_{column}"])
            if told["quantity"]:
                assert adds_up(told)
                compared += 1
    assert compared > 5


def test_a_layer_leads_to_the_receipt_that_brought_it(examples: Served) -> None:
    told = explained(examples, "stock", "W01", "P-10005")
    brought = [part["because"][0]["step"] for part in told["parts"]]
    assert [step["stream"] for step in brought] == [
        "purchases/PR-250701-0006", "purchases/PR-250920-0001",
    ]  # fmt: skip
    assert {step["actor"] for step in brought} == {"w01.keeper"}
    one = explained(examples, "stock", "W01", "P-10005", "--receipt", "purchases/PR-250701-0006")
    assert one["parts"] == told["parts"][:1]
    assert Decimal(one["amount"]) == Decimal(told["parts"][0]["amount"])


def test_a_line_of_a_statement_leads_to_prices_terms_and_people(examples: Served) -> None:
    lines = examples.ask("statement", "D12", "2025-10", "--json").json["lines"]
    sales = [line for line in lines if line["kind"] == "SaleInvoiced"]
    entries = entries_of(examples)
    for line in sales:
        told = explained(examples, "line", "D12", "2025-10", str(line["account_version"]))
        [part] = told["parts"]
        assert told["amount"] == line["debit"]
        assert part["step"]["position"] == line["position"]
        [document] = part["because"]
        assert document["step"]["topic"] == "partsledger:PartsSale.Sold"
        decided_by = {each["title"].partition(":")[0]: each for each in document["because"]}
        assert set(decided_by) == {"terms", "exchange rate", "tax rate", "price"}
        for each in document["because"]:
            step = each["step"]
            assert entries[step["stream"], step["version"]]["position"] == str(step["position"])
            assert step["position"] < part["step"]["position"]
            assert step["actor"]
        assert "rate 7.1431" in decided_by["exchange rate"]["title"]
        assert "payment days 45" in decided_by["terms"]["title"]
        assert "vat rate 0.13" in decided_by["tax rate"]["title"]
    assert sales


def test_a_claim_leads_to_its_policy_and_to_all_who_decided(examples: Served) -> None:
    listed = examples.ask("list", "claims", "--state", "credited", "--limit", "5", "--json").json
    for claim in listed["claims"]:
        number = claim["name"].rpartition("/")[2]
        dealer = claim["dealer"].rpartition("/")[2]
        told = explained(examples, "item", dealer, f"claims/{number}")
        documents = [each for each in all_of(told) if each.get("title") == f"claims/{number}"]
        assert documents
        said = {each["title"].partition(":")[0] for each in documents[0]["because"]}
        assert {"policy", "price"} <= said
        steps = [step["topic"].partition(".")[2] for step in documents[0]["steps"]]
        assert steps[0] == "Submitted"
        assert len({step["actor"] for step in documents[0]["steps"]}) > 1
    assert len(listed["claims"]) == 5


@pytest.mark.parametrize(
    ("most", "parts", "told"),
    [(200, 200, 10), (200, 100, 20), (20, 21, 20), (200, 1, 200), (5, 0, 5)],
)
def test_of_many_parts_few_prices_are_told_so_that_an_answer_has_an_end(
    most: int, parts: int, told: int
) -> None:
    assert told_each(most, parts) == told


def test_what_is_not_told_is_counted(examples: Served) -> None:
    told = explained(examples, "balance", "6001", "--parts", "3")
    below = [document["because"] for part in told["parts"] for document in part.get("because", [])]
    cut = [because for because in below if len(because) == 4]
    assert cut
    assert all(because[-1]["title"].endswith("more prices and the like") for because in cut)
    assert max(len(because) for because in below) == 4


def test_a_document_is_told_once_on_the_way_down(examples: Served) -> None:
    """A return names its sale, and the sale the return."""
    [row] = [
        row for row in examples.ask("ledger", "1122", "dealers/D01", "--csv").csv
        if row["what"] == "ReturnCredited" and row["item"] == "returns/RT-250704-0001"
    ]  # fmt: skip
    told = explained(examples, "entry", row["position"])
    titles = [each["title"] for each in all_of(told)]
    assert titles.count("returns/RT-250704-0001") == titles.count("sales/SO-250704-0001") == 1
    shown = examples.ask("explain", "entry", row["position"]).out
    assert "before: Sold sales/SO-250704-0001@1 on INV-000009, 2025-07-04, by parts.sales" in shown


def test_a_past_position_is_explained_by_what_was_known_then(examples: Served) -> None:
    item = ("item", "D01", "sales/SO-250704-0001")
    now = explained(examples, *item)
    cleared = now["parts"][-1]["step"]["position"]
    then = explained(examples, *item, "--at-position", str(cleared - 1))
    assert then["parts"] == now["parts"][:-1]
    assert Decimal(now["amount"]) == 0 != Decimal(then["amount"])


@pytest.mark.parametrize(
    ("arguments", "complaint", "code"),
    [
        (["balance", "9999"], "account: '9999': must be an account of the chart", 2),
        (["balance", "1122", "D01"], "must be as postings name it", 2),
        (["balance", "1122", "--currency", "XYZ"], "XYZ", 2),
        (["item", "D01", "sales/NONE"], "no OpenItem D01/sales/NONE", 1),
        (["line", "D01", "2025-07", "9999"], "no StatementLine D01/2025-07/9999", 1),
        (["stock", "W01", "--days", "90"], "must be as 31-60", 2),
        (["stock", "W01", "--days", "60-31"], "must be from 0 to last_day", 2),
        (["stock", "@sold"], "or a place such as", 2),
        (["entry", "9999999"], "no Entry 9999999", 1),
        (["nonsense"], "nonsense", 2),
    ],
)
def test_what_is_asked_wrongly_is_told(
    examples: Served, arguments: list[str], complaint: str, code: int
) -> None:
    ended = examples.ask("explain", *arguments)
    assert complaint in ended.err
    assert ended.out == ""
    assert ended.code == code
