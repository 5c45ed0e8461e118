"""An account and a part line by line: the balances are those of the other reports."""

from decimal import Decimal

import pytest

from tests.server.cli.terminal import Served

DAY = "2025-10-31"


def test_every_account_comes_to_its_trial_balance(examples: Served) -> None:
    accounts = examples.ask("trial-balance", "--as-of", DAY, "--by-party", "--json").json
    for wanted in accounts["accounts"]:
        if wanted["party"] and wanted["currency"] == "USD":  # Of one, all; else one is enough.
            asked = [wanted["account"], wanted["party"]]
        elif wanted["account"] in ("1122", "1405", "6061"):
            asked = [wanted["account"], *filter(None, [wanted["party"]])]
        else:
            continue
        lines = examples.ask("ledger", *asked, "--to", DAY, "--json").json["lines"]
        own = [line for line in lines if line["currency"] == wanted["currency"]]
        assert own[-1]["balance"] == wanted["balance"]
        debits = sum(max(Decimal(line["amount"]), Decimal(0)) for line in own)
        assert debits == Decimal(wanted["debit"])


def test_balances_in_the_book_s_currency_run_over_all_currencies(examples: Served) -> None:
    sums = [
        line["functional_balance"]
        for line in examples.ask("trial-balance", "--as-of", DAY, "--json").json["accounts"]
        if line["account"] == "1122"
    ]
    assert len(sums) == 2  # CNY and USD.
    found = examples.ask("ledger", "1122", "--to", DAY, "--json").json
    last = found["lines"][-1]
    assert Decimal(last["functional_balance"]) == sum(map(Decimal, sums))
    assert last["functional_currency"] == "CNY"
    assert found["title"] == "Dealer receivable"


def test_a_ledger_from_a_day_on_says_what_stood_there_before(examples: Served) -> None:
    whole = examples.ask("ledger", "1122", "dealers/D01", "--json").json["lines"]
    before = [line for line in whole if line["effective_on"] < "2025-08-01"]
    within = [line for line in whole if "2025-08-01" <= line["effective_on"] <= DAY]

    found = examples.ask(
        "ledger", "1122", "dealers/D01", "--from", "2025-08-01", "--to", DAY, "--json"
    ).json
    assert found["lines"] == within
    assert found["openings"] == [{"currency": "CNY", "amount": before[-1]["balance"]}]
    shown = examples.ask("ledger", "1122", "dealers/D01", "--from", "2025-08-01", "--to", DAY)
    assert "1122 Dealer receivable of dealers/D01 from 2025-08-01 to 2025-10-31" in shown.out
    assert f"Before: CNY {Decimal(before[-1]['balance']):,}. {len(within)} lines." in shown.out


def test_a_limit_cuts_and_pages_are_put_together(examples: Served) -> None:
    whole = examples.ask("ledger", "6401", "--csv").csv
    assert len(whole) > 300
    assert examples.ask("ledger", "6401", "--csv", "--limit", "7").csv == whole[:7]
    assert whole[0]["cause"].startswith("sales/")


def test_the_card_of_a_part_comes_to_its_stock(examples: Served) -> None:
    stock = examples.ask("list", "stock", "--in", "places/W01", "--json").json["stock"]
    assert len(stock) > 20
    for item in stock[:8]:
        part = item["part"].rpartition("/")[2]
        card = examples.ask("stock-card", part, "--place", "W01", "--json").json
        last = card["lines"][-1]
        assert last["balance_quantity"] == int(item["quantity"])
        assert sum(line["quantity"] for line in card["lines"]) == int(item["quantity"])


def test_an_entry_is_found_by_what_caused_it(examples: Served) -> None:
    sold, *_ = examples.ask("entries", "--stream", "sales/SO-250704-0001", "--csv").csv
    caused = examples.ask("entries", "--cause", "sales/SO-250704-0001@1", "--csv").csv
    assert {row["request_id"] for row in caused} == {sold["request_id"]}
    assert sold["position"] not in {row["position"] for row in caused}
    kinds = {row["stream"].partition("/")[0] for row in caused}
    assert kinds == {"stock", "accounts"}
    assert examples.ask("entries", "--cause", "sales/SO-250704-0001", "--csv").csv == caused
    assert examples.ask("entries", "--cause", "sales/SO-250704-0001@2", "--csv").csv == []
    return_ = examples.ask("find", "RT-250704-0001", "--json").json
    steps = [s for s in return_["steps"] if s["stream"] == "returns/RT-250704-0001"]
    found = [
        examples.ask("entries", "--cause", f"returns/RT-250704-0001@{n}", "--csv").csv
        for n, _ in enumerate(steps, 1)
    ]
    together = examples.ask("entries", "--cause", "returns/RT-250704-0001", "--csv").csv
    assert [row for rows in found for row in rows] == together
    assert len([rows for rows in found if rows]) > 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ledger", "9999"], "account: '9999': must be an account of the chart"),
        (["ledger", "1122", "D01"], "party: 'D01': must be as postings name it"),
        (["ledger", "1122", "--from", "yesterday"], "must be a date as 2025-07-31"),
        (["stock-card", "P-NONE"], "no Part P-NONE"),
        (["stock-card", "P-10005", "--place", "@sold"], "or a place such as @in-transit"),
        (["entries", "--cause", "nonsense"], "must be a step of a document, as sales/S-1@1"),
        (["entries", "--cause", "sales/S-1", "--document", "S-1"], "must be empty where document"),
        (["entries", "--cause", "sales/S-1", "--follow"], "--follow excludes"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    examples: Served, arguments: list[str], complaint: str
) -> None:
    ended = examples.ask(*arguments)
    assert ended.code == (1 if "no Part" in complaint else 2)
    assert complaint in ended.err
    assert ended.out == ""


def test_an_account_without_lines_is_told_so(examples: Served) -> None:
    assert "No lines." in examples.ask("ledger", "1122", "dealers/D01", "--to", "2020-01-01").out
