"""docs/facts is what the models say, whole, and its rules are those of the code."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.json import decode

from domain import accounts, places, values
from domain.account_facts import AccountFact
from domain.aggregates import AGGREGATES
from domain.dealer_account import DealerAccount
from domain.facts import Fact
from domain.lines import MOST_POSTINGS, Posting
from domain.published import pages as published
from domain.published.fields import Unexplained, fields, records
from domain.published.meanings import FACTS
from domain.published.pages import by_hand, facts_of_kind, pages
from domain.published.vocabulary import FIELDS
from domain.statement import StatedRow, content_hash, items_hash, row_hash
from domain.stock_item import StockItem
from domain.upcasting import UPCASTERS
from server.eventlog.entry import MAX_ENTRY_BYTES
from tests.docs.adding import ROOT
from tests.domain.stored_names import fact_types, golden
from tests.domain.test_dealer_account import indebted, issued, paid
from tests.older_forms import BEGUN, OLDER_FORMS

FOLDER = ROOT / "docs" / "facts"
RULES = (FOLDER / "rules.md").read_text()


def differences(made: dict[str, str], folder: Path) -> list[str]:
    """Files that are not as they would be written now, or that would not be written."""
    there = [*folder.glob("*.md"), *folder.glob("schema/*.json")]
    names = {str(path.relative_to(folder)) for path in there} - by_hand()
    changed = {name for name in names & made.keys() if (folder / name).read_text() != made[name]}
    return sorted(changed | (names ^ made.keys()))


def test_the_pages_are_what_the_models_say() -> None:
    """Otherwise: make facts."""
    assert differences(pages(), FOLDER) == []


def test_a_page_that_says_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: of a meaning, of a page that is gone, and of one too many."""
    monkeypatch.setitem(FACTS, "StockItem.Issued", "Something else.")
    made = pages()
    del made["Book.md"]
    made["Barn.md"] = ""

    found = differences(made, FOLDER)

    assert found == [
        "Barn.md", "Book.md", "README.md", "StockItem.md", "schema/StockItem.Issued.json"
    ]  # fmt: skip


def test_every_stored_field_of_every_fact_stands_on_its_page() -> None:
    for topic, pinned in golden().items():
        if topic in UPCASTERS:
            continue  # It stands there with its upcaster.
        name = topic.partition(":")[2]
        section = pages()[f"{name.partition('.')[0]}.md"].partition(f"\n## {name}\n")[2]
        listed = re.findall(r"^\| `(\w+)` \|", section.partition("\n## ")[0], re.MULTILINE)
        assert sorted(listed) == sorted(pinned["fields"])


def test_no_word_and_no_meaning_is_left_over() -> None:
    used: set[str] = set()
    for fact in fact_types():
        name = ".".join(fact.TOPIC.partition(":")[2].split(".")[:2])
        for owner, kind in {name: fact, **records(fact)}.items():
            for field in fields(kind, owner):
                exact = f"{owner}.{field.name}"
                used.add(exact if exact in FIELDS else field.name)
    assert FIELDS.keys() - used == set()
    named = (fact.TOPIC.partition(":")[2] for fact in fact_types())
    assert FACTS.keys() == {".".join(name.split(".")[:2]) for name in named}


def test_a_field_that_nobody_has_explained_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FIELDS, "custody")

    with pytest.raises(Unexplained, match=r"StockItem\.Opened\.custody"):
        pages()


def test_every_fact_that_a_ledger_records_is_published() -> None:
    listed = {topic for kind in AGGREGATES for topic in facts_of_kind(kind)}
    assert listed == {fact.TOPIC.partition(":")[2] for fact in fact_types()}


def fits(value: Any, shape: dict[str, Any], definitions: dict[str, Any]) -> bool:
    """Whether JSON fits a schema, of the words that ours use."""
    if "$ref" in shape:
        return fits(value, definitions[shape["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in shape:
        return any(fits(value, each, definitions) for each in shape["anyOf"])
    if "enum" in shape:
        return value in shape["enum"]
    if shape["type"] == "array":
        return isinstance(value, list) and all(
            fits(each, shape["items"], definitions) for each in value
        )
    if shape["type"] == "object":
        properties = shape["properties"]
        return (
            set(shape.get("required", ())) <= value.keys() <= properties.keys()
            and shape["additionalProperties"] is False
            and all(fits(each, properties[name], definitions) for name, each in value.items())
        )
    kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    return type(value) is kinds[shape["type"]]


@pytest.mark.parametrize("topic", golden())
def test_what_is_stored_fits_its_schema(topic: str) -> None:
    schema = json.loads((FOLDER / "schema" / f"{topic.partition(':')[2]}.json").read_text())
    example = json.loads(golden()[topic]["example"])

    assert fits(example, schema, schema["$defs"])
    assert not fits({**example, "colour": "red"}, schema, schema["$defs"])  # The control.


def test_older_forms_stand_on_the_page_of_their_aggregate(monkeypatch: pytest.MonkeyPatch) -> None:
    for topic, upcaster in OLDER_FORMS.items():
        monkeypatch.setitem(UPCASTERS, topic, upcaster)

    page = pages()["DealerAccount.md"]

    assert f"## Formerly {BEGUN.partition(':')[2]}" in page
    assert f"schema/{BEGUN.partition(':')[2]}.json" in by_hand()
    assert 'stored["account"].partition("/")' in page
    assert "## Formerly StockItem.Exchanged" in pages()["StockItem.md"]


def test_a_fact_of_a_newer_form_keeps_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StockItem.Issued, "TOPIC", "partsledger:StockItem.Issued.2")

    made = pages()

    assert "## StockItem.Issued.2\n\nLayers left this place" in made["StockItem.md"]
    assert "schema/StockItem.Issued.2.json" in made
    assert published.meaning("StockItem.Issued") == published.meaning("StockItem.Issued.2")


# What is written by hand in rules.md.


def table_below(heading: str) -> list[list[str]]:
    section = RULES.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return rows[2:]


def test_the_accounts_are_those_of_the_chart() -> None:
    listed = {account.strip("`"): title for account, title in table_below("Postings")}
    assert listed == accounts.NAMES


def test_the_virtual_places_are_those_of_the_code() -> None:
    named = {name for name in vars(places).values() if str(name).startswith("@")}
    assert {place.strip("`") for place, _ in table_below("Places and layers")} == named


def test_the_limits_are_those_of_the_code() -> None:
    said = dict(table_below("Limits"))
    assert said["an entry"] == f"{MAX_ENTRY_BYTES:,} bytes"
    assert said["postings of a fact"].startswith(f"{MOST_POSTINGS};")
    assert said["a quantity"] == f"{values.MAX_QUANTITY:,} pieces"
    assert said["an amount that somebody enters"] == "10¹⁵ minor units"
    assert values.MAX_AMOUNT_MINOR == 10**15


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def by_the_page(
    head: Sequence[str], opening: int, lines: Iterable[dict[str, Any]]
) -> tuple[str, list[str]]:
    """The content hash, and each step to it, computed as the page says and by nothing else."""
    rows, closing = "", opening
    steps = []
    for line in lines:
        state = line["state"]
        owed = [each for each in state["postings"] if each["account"] in ("1122", "2241")]
        items = sha("".join(
            f"{p['account']}\t{p['item']}\t{p.get('due_on', '')}\t{p['amount_minor']}\n"
            for p in owed
        ))  # fmt: skip
        net = sum(each["amount_minor"] for each in owed)
        kind = line["topic"].split(".")[1]
        days = f"{state['occurred_on']}\t{state['effective_on']}"
        document = state.get("document", "")
        rows = sha(f"{rows}\t{line['version']}\t{kind}\t{days}\t{document}\t{net}\t{items}")
        closing += net
        steps += [items, rows]
    return sha("\t".join([*head, str(opening), str(closing), rows])), steps


def test_the_worked_example_is_what_the_page_and_the_code_compute() -> None:
    example = re.search(r"```json statement\n(.*?)```", RULES, re.DOTALL)
    assert example is not None
    lines = json.loads(example[1])
    printed = [value.strip("`") for _, value in table_below("The content hash of a statement")]

    hashed, steps = by_the_page(["D01", "2025-07", "CNY"], 0, lines)

    assert [*steps, hashed] == printed
    rows, net = "", 0
    for line, kind in zip(lines, (DealerAccount.SaleInvoiced, DealerAccount.PaymentReceived),
                          strict=True):  # fmt: skip
        fact = decode(json.dumps(line["state"]), type=kind)
        posted = sum(p.amount_minor for p in fact.postings if p.item)
        row = StatedRow(
            line["version"], kind.__name__, fact.occurred_on, fact.effective_on, fact.document,
            posted, items_hash(fact.postings),
        )  # fmt: skip
        rows, net = row_hash(rows, row), net + posted
    assert content_hash("D01", "2025-07", "CNY", 0, net, rows) == hashed


def test_an_issued_statement_has_the_hash_that_the_page_computes() -> None:
    desk = indebted()
    paid(desk, 100)
    statement = issued(desk, "2025-07").statement
    stored = [
        desk.ledger.mapper.to_stored_event(fact) for fact in facts(desk.stream("accounts/D01"))
    ]
    lines = [
        {"version": e.originator_version, "topic": e.topic, "state": json.loads(e.state)}
        for e in stored
    ]

    hashed, _ = by_the_page(["D01", "2025-07", "CNY"], statement.opening_minor, lines)

    assert hashed == statement.content_hash
    lines[0]["state"]["postings"][0]["due_on"] = "2025-08-31"  # The control.
    other, _ = by_the_page(["D01", "2025-07", "CNY"], statement.opening_minor, lines)
    assert other != statement.content_hash


def facts(stream: Iterable[Fact]) -> list[AccountFact]:
    return [
        fact for fact in stream
        if isinstance(fact, AccountFact) and fact.statement_month == "2025-07"
    ]  # fmt: skip


def test_only_items_of_the_dealer_are_in_the_hash() -> None:
    revenue = Posting(account="6001", amount_minor=-1, currency="CNY")
    assert items_hash([revenue]) == sha("")


def test_they_are_written_into_a_folder_and_what_is_no_more_is_taken_away(tmp_path: Path) -> None:
    """What is written by hand stays: the rules."""
    folder = tmp_path / "docs" / "facts"
    command = [sys.executable, "-m", "domain.published.pages", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    assert differences(pages(), folder) == []
    for name in ("Barn.md", "rules.md", "schema/Barn.Opened.json"):
        (folder / name).write_text("")
    subprocess.run(command, cwd=ROOT, check=True)

    assert differences(pages(), folder) == []
    assert (folder / "rules.md").exists()
    assert not (folder / "Barn.md").exists()
