"""Every kind of resource is shown and listed, by what the schema says of it."""

import json
from typing import Any

import pytest

from server.api.resources import RESOURCES
from server.cli.kinds import kinds
from server.cli.messages import leaves
from tests.server.cli.terminal import Served

LISTED = [kind.plural for kind in kinds() if kind.list and kind.has_steps]


def listed(served: Served, kind: str, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.ask("list", kind, "--json", *arguments).json[
        kind.replace("-", "_")
    ]
    return found


def short(name: str) -> str:
    return name.split("/", 2)[2]


def test_the_kinds_are_those_of_the_table_of_resources() -> None:
    with_steps = {kind.pattern for kind in kinds() if kind.has_steps}

    assert with_steps == set(RESOURCES.named)
    for kind in kinds():
        if kind.has_steps:
            message = RESOURCES.named[kind.pattern].message.__annotations__["return"]
            assert message.DESCRIPTOR is kind.message


@pytest.mark.parametrize("kind", LISTED)
def test_each_kind_is_listed_and_each_of_it_is_shown(examples: Served, kind: str) -> None:
    [first, *_] = listed(examples, kind, "--limit", "2")

    shown = examples.ask("show", short(first["name"]), "--json")

    assert shown.code == 0
    assert shown.json["name"] == first["name"]
    assert [step["position"] for step in shown.json["steps"]]
    people = examples.ask("show", short(first["name"]))
    assert "Steps" in people.out
    table = examples.ask("list", kind, "--limit", "2").out
    key = short(first["name"]).split("/")
    assert "/".join(key[1::2]) in table


def test_the_steps_of_a_document_say_what_happened_when_on_which_paper_and_by_whom(
    examples: Served,
) -> None:
    steps = examples.ask("show", "transfers/TR-250805-0001", "--json").json["steps"]

    entries = examples.ask("entries", "--json", "--stream", "transfers/TR-250805-0001").out
    recorded = [json.loads(line) for line in entries.splitlines()]
    assert [step["step"] for step in steps] == [
        "Requested", "Approved", "Dispatched", *["Received"] * 2, "Closed"
    ]  # fmt: skip
    for step, entry in zip(steps, recorded, strict=True):
        assert entry["topic"].endswith(step["step"])
        for field in ("position", "occurred_on", "effective_on", "document", "actor"):
            assert step[field] == entry[field]


def test_the_day_a_late_step_counts_is_shown_beside_the_day_it_happened(examples: Served) -> None:
    entries = examples.ask("entries", "--json", "--limit", "20000").out.splitlines()
    late = {
        entry["stream"]
        for entry in map(json.loads, entries)
        if entry["occurred_on"] != entry["effective_on"] and entry["stream"].startswith("sales/")
    }
    [stream, *_] = late

    assert "counts on" in examples.ask("show", stream).out
    assert "counts on" not in examples.ask("show", "sales/SO-250701-0001").out  # Control.


def test_the_calendar_and_a_settlement_have_names_of_their_own_kind(examples: Served) -> None:
    assert examples.ask("show", "period").out.startswith("Period\n")
    settlement = examples.ask("show", "dealers/D01/settlements/2025-11").out
    assert "Settlement D01/2025-11" in settlement
    assert "7,893.06 CNY" in settlement


def test_what_there_is_not_is_told(examples: Served) -> None:
    ended = examples.ask("show", "parts/P-9")
    assert (ended.code, ended.err) == (1, "error: no Part P-9 (NOT_FOUND)\n")
    unknown = examples.ask("show", "invoices/INV-1")
    assert unknown.code == 2
    assert "claims/{claim}" in unknown.err


def test_a_list_follows_its_pages_to_the_end(examples: Served) -> None:
    sales = listed(examples, "sales")

    assert len(sales) == len({sale["name"] for sale in sales}) > 500
    assert [sale["name"] for sale in listed(examples, "sales", "--limit", "7")] == [
        sale["name"] for sale in sales[:7]
    ]


def test_a_list_is_of_the_dealer_the_states_and_the_month_asked_for(examples: Served) -> None:
    everything = listed(examples, "claims")
    found = listed(
        examples, "claims", "--dealer", "D01", "--state", "rejected", "--state", "awaiting-parts"
    )

    def wanted(claim: dict[str, Any]) -> bool:
        dealer = claim["dealer"].endswith("/D01")
        return dealer and claim["state"] in ("rejected", "awaiting parts")

    assert found == [claim for claim in everything if wanted(claim)]
    assert 0 < len(found) < len(everything)
    month = listed(examples, "settlements", "--month", "2025-10")
    assert {each["month"] for each in month} == {"2025-10"}
    own = listed(examples, "settlements", "--dealer", "D02")
    assert {each["dealer"].rpartition("/")[2] for each in own} == {"D02"}
    stock = listed(examples, "stock", "--in", "places/W03")
    assert {each["place"].rpartition("/")[2] for each in stock} == {"W03"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["invoices"], "KIND 'invoices' must be one of claims, dealers"),
        (["parts", "--dealer", "D01"], "--dealer: parts cannot be selected so"),
        (["parts", "--state", "open"], "--state: parts cannot be selected so"),
        (["claims", "--month", "2025-10"], "--month: claims cannot be selected so"),
        (["claims", "--state", "lost"], "--state 'lost' must be one of submitted, approved"),
        (["claims", "--in", "dealers/D01"], "--in 'dealers/D01': claims lie in nothing"),
        (["claims", "--limit", "0"], "--limit"),
    ],
)
def test_what_cannot_be_listed_is_told(examples: Served, arguments: list[str], said: str) -> None:
    ended = examples.ask("list", *arguments)

    assert ended.code == 2
    assert said in ended.err


def test_a_csv_has_a_column_for_each_value_whatever_is_found(examples: Served) -> None:
    ended = examples.ask("list", "claims", "--limit", "3", "--csv")
    none = examples.ask("list", "claims", "--state", "charged-back", "--csv")

    assert none.out.splitlines()[0] == ended.out.splitlines()[0]
    row = ended.csv[0]
    assert row["name"] == "CL-250701-0001"
    assert (row["claimed"], row["claimed_currency"]) == ("495.87", "CNY")
    claims = next(kind for kind in kinds() if kind.plural == "claims")
    assert {leaf.name for leaf in leaves(claims.message)} <= set(row)


def test_a_narrow_screen_says_which_columns_it_has_no_room_for(
    examples: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    narrow = examples.ask("list", "claims", "--limit", "2").out
    monkeypatch.setenv("COLUMNS", "400")
    wide = examples.ask("list", "claims", "--limit", "2").out

    assert "No room for" in narrow
    assert "No room for" not in wide
    assert max(map(len, narrow.splitlines())) <= 70


def test_an_empty_list_says_so(served: Served) -> None:
    assert served.ask("list", "price-lists").out == "no price lists\n"
    assert served.ask("list", "price-lists", "--json").json == {"price_lists": []}


def test_a_list_may_be_of_an_earlier_position(examples: Served) -> None:
    [first, *_] = listed(examples, "transfers")
    steps = examples.ask("show", short(first["name"]), "--json").json["steps"]
    position = str(steps[0]["position"])

    [then] = listed(examples, "transfers", "--at-position", position)

    assert then["name"] == first["name"]
    assert then["state"] == "requested" != first["state"]
