"""What finance reads, of a book with the examples in it: exact, and the same in every form."""

from decimal import Decimal

import pytest

from partsledger.v1 import statement_service_pb2 as pb
from server.cli.trial_balance import balances
from tests.server.cli.terminal import Served

LAST_DAY = "2025-12-31"
INVENTORY = {"1405", "1406", "1407", "1408", "1901"}


def test_ageing_adds_up_to_the_inventory_accounts(examples: Served) -> None:
    ageing = examples.ask("ageing", "--as-of", LAST_DAY, "--json").json
    accounts = examples.ask("trial-balance", "--as-of", LAST_DAY, "--json").json["accounts"]
    stock = sum(Decimal(row["balance"]) for row in accounts if row["account"] in INVENTORY)
    assert Decimal(ageing["value"]) == stock > 0
    assert sum(Decimal(row["value"]) for row in ageing["rows"]) == stock
    for row in ageing["rows"]:
        ranges = [key for key in row if key.startswith("value_")]
        assert len(ranges) == 6
        assert sum(Decimal(row[key]) for key in ranges) == Decimal(row["value"])


def test_csv_and_json_say_the_same(examples: Served) -> None:
    as_json = examples.ask("ageing", "--as-of", LAST_DAY, "--json").json["rows"]
    as_csv = examples.ask("ageing", "--as-of", LAST_DAY, "--csv").csv
    assert as_csv == [
        {
            key: f"'{value}" if str(value).startswith("@") else str(value)
            for key, value in row.items()
        }
        for row in as_json
    ], "but for the apostrophe that keeps a spreadsheet from reading a formula"


def test_dwell_is_another_age_of_the_same_pieces(examples: Served) -> None:
    age = examples.ask("ageing", "--as-of", LAST_DAY, "--json").json
    dwell = examples.ask("ageing", "--as-of", LAST_DAY, "--dwell", "--json").json
    assert dwell["value"] == age["value"]
    assert dwell["rows"] != age["rows"]


def test_ageing_can_be_of_some_places_and_parts_only(examples: Served) -> None:
    asked = ("ageing", "--as-of", LAST_DAY, "--json")
    rows = examples.ask(*asked, "--place", "W01", "--place", "@in-transit", "--by-part").json[
        "rows"
    ]
    assert {row["place"] for row in rows} == {"W01", "@in-transit"}
    part = rows[0]["part"]
    assert {
        row["part"] for row in examples.ask(*asked, "--part", part, "--by-part").json["rows"]
    } == {part}


def test_ageing_says_so_where_nothing_lay(examples: Served) -> None:
    assert (
        examples.ask("ageing", "--as-of", "2020-01-01").out == "Nothing lay there on 2020-01-01.\n"
    )


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_ageing_shows_every_amount_on_any_screen(
    examples: Served, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = examples.ask("ageing", "--as-of", LAST_DAY).out
    for row in examples.ask("ageing", "--as-of", LAST_DAY, "--csv").csv:
        for key, value in row.items():
            if key.startswith("value") and Decimal(value):
                assert f"{Decimal(value):,}" in shown
    assert "the target of 80.00 % is" in " ".join(shown.split())


def test_a_statement_closes_with_opening_and_lines_and_open_items(examples: Served) -> None:
    found = examples.ask("statement", "D01", "2025-11", "--json").json
    opening, debit, credit, closing = (
        Decimal(found[key]) for key in ("opening", "debit", "credit", "closing")
    )
    assert closing == opening + debit - credit
    assert debit == sum(Decimal(line["debit"]) for line in found["lines"]) > 0
    assert credit == sum(Decimal(line["credit"]) for line in found["lines"]) > 0
    assert closing == sum(Decimal(item["amount"]) for item in found["open_items"])
    assert closing == sum(map(Decimal, found["open_by_age"].values()))
    assert found["state"] == "issued"
    assert len(found["content_hash"]) == 64


def test_a_statements_csv_has_its_lines_and_nothing_else(examples: Served) -> None:
    found = examples.ask("statement", "D01", "2025-11", "--json").json
    lines = examples.ask("statement", "D01", "2025-11", "--csv").csv
    assert [line["document"] for line in lines] == [line["document"] for line in found["lines"]]
    assert [line["balance"] for line in lines] == [line["balance"] for line in found["lines"]]


def test_a_statement_is_readable_in_80_columns(
    examples: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = examples.ask("statement", "D01", "2025-11").out
    assert all(len(line) <= 80 for line in shown.splitlines()[:-1])  # The hash is what it is.
    assert "opening" in shown
    assert "closing" in shown


def test_an_unknown_dealer_is_not_found(examples: Served) -> None:
    ended = examples.ask("statement", "D99", "2025-11")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "error: no Dealer D99 (NOT_FOUND)\n"


def test_the_trial_balance_sums_to_nothing_in_each_currency(examples: Served) -> None:
    ended = examples.ask("trial-balance", "--as-of", LAST_DAY, "--json")
    assert ended.code == 0
    assert {row["currency"]: row["difference"] for row in ended.json["differences"]} == {
        "CNY": "0.00", "USD": "0.00",
    }  # fmt: skip
    for currency in ("CNY", "USD"):
        accounts = [row for row in ended.json["accounts"] if row["currency"] == currency]
        assert sum(Decimal(row["debit"]) - Decimal(row["credit"]) for row in accounts) == 0


def test_books_that_do_not_balance_would_be_noticed() -> None:
    even, odd = pb.GetTrialBalanceResponse(), pb.GetTrialBalanceResponse()
    even.differences.add(currency_code="CNY")
    odd.differences.add(currency_code="CNY")
    odd.differences.add(currency_code="USD", nanos=-10_000_000)
    assert balances(even)
    assert not balances(odd)


def test_by_party_splits_the_accounts_and_keeps_their_sums(examples: Served) -> None:
    asked = ("trial-balance", "--as-of", LAST_DAY, "--json")
    whole = examples.ask(*asked).json["accounts"]
    split = examples.ask(*asked, "--by-party").json["accounts"]
    assert len(split) > len(whole)
    for row in whole:
        same = [
            part for part in split
            if (part["account"], part["currency"]) == (row["account"], row["currency"])
        ]  # fmt: skip
        assert sum(Decimal(part["balance"]) for part in same) == Decimal(row["balance"])


def test_the_past_can_be_read_by_position(examples: Served) -> None:
    head = examples.head()
    half = examples.ask(
        "ageing", "--as-of", LAST_DAY, "--at-position", str(head // 2), "--json"
    ).json
    now = examples.ask("ageing", "--as-of", LAST_DAY, "--json").json
    assert half["as_of_position"] == head // 2
    assert now["as_of_position"] == head
    assert half["value"] != now["value"]


def test_a_position_after_the_end_is_refused(examples: Served) -> None:
    ended = examples.ask("ageing", "--at-position", str(examples.head() + 1))
    assert ended.code == 2
    assert "the log's end" in ended.err


def test_rebuilt_views_are_the_live_ones(examples: Served) -> None:
    before = examples.ask("status", "--fingerprints", "--json").json["views"]
    ended = examples.ask("rebuild", "--json")
    assert ended.code == 0
    assert ended.json["same"] is True
    rebuilt = {view["view"]: view["rebuilt_fingerprint"] for view in ended.json["views"]}
    assert rebuilt == {view["view"]: view["fingerprint"] for view in before}
    assert len(set(rebuilt.values())) == len(rebuilt) > 1


def test_status_says_how_far_the_views_are(examples: Served) -> None:
    found = examples.ask("status", "--json").json
    assert found["lag"] == 0
    assert {view["position"] for view in found["views"]} == {found["head_position"]}
    assert "the views have all" in examples.ask("status").out
