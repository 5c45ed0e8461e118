"""The committed example is accepted, refuses what it should, and has the trade's mix."""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain import accounts
from domain.facts import BookedFact
from domain.layers import value_of
from domain.stock_item import StockItem
from tests.domain.desk import imbalance
from tests.examples.conftest import SMALL, Played

LAST_DAY = date(2025, 12, 31)


def rows(name: str) -> list[dict[str, str]]:
    with (SMALL / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def topics(played: Played) -> Counter[str]:
    return Counter(fact.TOPIC.removeprefix("partsledger:") for fact in played.facts)


def stock_of(played: Played) -> list[StockItem]:
    keys = {fact.originator_id for fact in played.facts if fact.originator_id.startswith("stock/")}
    found = [played.ledger.find(StockItem, key.removeprefix("stock/")) for key in sorted(keys)]
    return [item for item in found if item is not None]


def test_all_of_it_can_be_read(small: Played) -> None:
    assert small.problems == []


def test_exactly_the_expected_rows_are_refused_for_the_expected_reasons(small: Played) -> None:
    refused = [
        (source.file, str(source.line), source.document, source.step, refusal.reason)
        for source, refusal in small.refused
    ]
    expected = [tuple(row.values()) for row in rows("expected_refusals.csv")]

    assert sorted(refused) == sorted(expected)
    assert len(expected) == 14


def test_it_is_about_ten_thousand_facts(small: Played) -> None:
    assert 9_500 <= len(small.facts) <= 10_500


def test_debits_equal_credits_in_every_fact(small: Played) -> None:
    assert not [fact for fact in small.facts if imbalance(getattr(fact, "postings", ()))]


def test_inventory_accounts_are_the_value_of_the_layers(small: Played) -> None:
    balances: Counter[tuple[str, str]] = Counter()
    for fact in small.facts:
        for posting in getattr(fact, "postings", ()):
            balances[posting.account, posting.party] += posting.amount_minor
    layers: Counter[tuple[str, str]] = Counter()
    for item in stock_of(small):
        account = accounts.of_stock(item.place, item.custody)
        layers[account] += value_of(item.layers)

    stocked = (accounts.INVENTORY, accounts.CONSIGNMENT, accounts.RETURNED_PARTS)
    assert {key: value for key, value in balances.items() if key[0] in stocked and value} == {
        key: value for key, value in layers.items() if value
    }


def test_every_flow_is_passed_through_to_settlement(small: Played) -> None:
    seen = topics(small)

    for topic in (
        "PartsTransfer.Closed", "PartsTransfer.DiscrepancyRecorded", "PartsTransfer.Rejected",
        "PartsTransfer.Cancelled", "PartsTransfer.DiscrepancyResolved", "WarrantyClaim.Rejected",
        "WarrantyClaim.PartlyApproved", "WarrantyClaim.CreditDenied", "WarrantyClaim.Settled",
        "WarrantyClaim.ChargedBack", "PartsReturn.Overdue", "PartsReturn.Disposed",
        "PartsSale.ReturnTaken", "DealerAccount.ReturnCredited", "DealerAccount.MemoPosted",
        "DealerSettlement.DisputeResolved", "DealerSettlement.Closed",
        "AccountingPeriod.EntryApproved", "AccountingPeriod.HardClosed",
    ):  # fmt: skip
        assert seen[topic], topic


def test_late_facts_count_in_an_open_month_and_keep_the_day_they_happened(small: Played) -> None:
    booked = [fact for fact in small.facts if isinstance(fact, BookedFact)]
    late = [fact for fact in booked if fact.occurred_on != fact.effective_on]

    assert late
    assert all(fact.occurred_on < fact.effective_on for fact in late)
    assert all(fact.effective_on.day == 1 for fact in late)


@pytest.mark.parametrize(
    ("topic", "share"), [("Approved", 0.85), ("PartlyApproved", 0.08), ("Rejected", 0.07)]
)
def test_claims_are_decided_in_the_trades_proportions(
    small: Played, topic: str, share: float
) -> None:
    seen = topics(small)
    kinds = ("Approved", "PartlyApproved", "Rejected")
    decided = sum(seen[f"WarrantyClaim.{kind}"] for kind in kinds)

    assert seen[f"WarrantyClaim.{topic}"] / decided == pytest.approx(share, abs=0.02)


def test_a_third_of_claims_need_a_return_and_a_tenth_of_those_are_late() -> None:
    claims = rows("claims.csv")
    returns = [row for row in rows("returns.csv") if row["kind"] == "defective"]
    needing = {row["claim"] for row in returns}
    late = {row["claim"] for row in returns if row["overdue_on"]}

    assert len(needing) / len(claims) == pytest.approx(1 / 3, abs=0.04)
    assert len(late) / len(needing) == pytest.approx(0.10, abs=0.03)


def test_charge_backs_disputes_and_back_dated_entries_are_as_often_as_in_the_trade() -> None:
    claims = rows("claims.csv")
    settlements = rows("settlements.csv")
    documents = {
        (name, row[key]): row["entered_on"]
        for name, key in (("purchases.csv", "purchase"), ("sales.csv", "sale"),
                          ("claims.csv", "claim"), ("payments.csv", "payment"))
        for row in rows(name)
    }  # fmt: skip

    charged_back = sum(bool(row["charged_back_on"]) for row in claims) / len(claims)
    disputed = sum(bool(row["disputed_on"]) for row in settlements) / len(settlements)
    back_dated = sum(bool(entered) for entered in documents.values()) / len(documents)
    assert charged_back == pytest.approx(0.04, abs=0.01)
    assert disputed == pytest.approx(0.06, abs=0.02)
    assert back_dated == pytest.approx(0.04, abs=0.015)


def test_a_fifth_of_the_stocks_value_is_older_than_ninety_days(small: Played) -> None:
    layers = [layer for item in stock_of(small) for layer in item.layers]
    old = [layer for layer in layers if layer.origin_on < LAST_DAY - timedelta(days=90)]

    share = value_of(old) / value_of(layers)
    assert share == pytest.approx(0.20, abs=0.05)


def test_a_hundredth_of_the_parts_is_restricted_and_a_twentieth_of_the_trade_foreign(
    small: Played,
) -> None:
    parts = rows("parts.csv")
    traded = [fact for fact in small.facts if fact.TOPIC.startswith("partsledger:DealerAccount.")]
    postings = [getattr(fact, "postings", ()) for fact in traded]
    currencies = [found[0].currency for found in postings if found]

    restricted = sum(row["restricted"] == "true" for row in parts) / len(parts)
    assert restricted == pytest.approx(0.01, abs=0.001)
    assert currencies.count("USD") / len(currencies) == pytest.approx(0.05, abs=0.02)


def test_one_changed_row_is_noticed(tmp_path: Path, player: object) -> None:
    """The control: an example whose stock is short is not accepted like the committed one."""
    assert callable(player)
    for file in SMALL.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    lines = (SMALL / "purchases.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "purchases.csv").write_text("".join(lines[:120]), encoding="utf-8")

    refused = player(tmp_path).refused

    assert len(refused) > 14
