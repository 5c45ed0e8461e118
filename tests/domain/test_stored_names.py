"""Nothing that the log holds changes its name, its type or its default; old bytes still load."""

import json

import pytest
from eventsourcing.utils import resolve_topic

from domain.dealer_account import DealerAccount
from domain.facts import Fact
from domain.ledger import Ledger
from domain.stock_item import StockItem
from domain.storing import FORM, NO_REQUEST, RecordedEvent, facts_of
from domain.upcasting import UPCASTERS, Readings
from tests.domain.desk import TODAY, command
from tests.domain.stored_names import (
    GOLDEN,
    Described,
    broken,
    current,
    digest,
    fact_types,
    form_broken,
    golden,
    released,
)

PINNED = golden()


def test_every_stored_name_is_what_it_was() -> None:
    assert broken(PINNED, current()) == []


def test_what_is_new_is_pinned_before_it_is_stored() -> None:
    """Run `python -m tests.domain.stored_names`, and read what it adds."""
    written = {topic: pinned for topic, pinned in PINNED.items() if topic not in UPCASTERS}
    assert {topic: pinned["fields"] for topic, pinned in written.items()} == current()


def test_a_form_that_was_released_stays_what_it_was() -> None:
    assert form_broken(released(), FORM, digest()) == []


@pytest.mark.parametrize(
    ("released", "form", "complaint"),
    [
        ({"1": "other"}, 1, "form 1 was released, and what is stored has changed: FORM is to be 2"),
        ({"1": "same"}, 3, "FORM is 3, and the newest form that was released is 1"),
        ({"1": "other", "2": "same"}, 1, "FORM is 1, and the newest form that was released is 2"),
    ],
)
def test_a_form_that_does_not_count_on_is_noticed(
    released: dict[str, str], form: int, complaint: str
) -> None:
    assert form_broken(released, form, "same") == [complaint]
    assert form_broken({"1": "other"}, 2, "same") == form_broken({"1": "same"}, 1, "same") == []


def test_the_digest_covers_facts_and_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    monkeypatch.setattr(StockItem, "STATE", DealerAccount.STATE)
    of_another_state = digest()
    monkeypatch.setattr(StockItem.Issued, "TOPIC", "partsledger:StockItem.Issued.2")

    assert len({before, of_another_state, digest()}) == 3


@pytest.mark.parametrize("topic", PINNED)
def test_old_bytes_still_load(topic: str) -> None:
    example = PINNED[topic]["example"]
    asked = command().recorded_at, "ann", "", NO_REQUEST
    stored = RecordedEvent("any/1", 1, topic, example.encode(), *asked)
    mapper = Ledger().mapper

    facts = facts_of(mapper.to_domain_event(stored))

    read = [[fact.TOPIC, json.loads(mapper.to_stored_event(fact).state)] for fact in facts]
    assert read == PINNED[topic].get("read as", [[topic, json.loads(example)]])


def test_every_topic_leads_to_its_fact() -> None:
    for fact in fact_types():
        assert resolve_topic(fact.TOPIC) is fact


def altered(topic: str, path: list[str], value: object) -> dict[str, Described]:
    """The golden file with one thing put in or, where the value is None, taken out."""
    copy: dict[str, Described] = json.loads(GOLDEN.read_text())
    inner = copy[topic]["fields"]
    for key in path[:-1]:
        inner = inner[key]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


ISSUED = "partsledger:StockItem.Issued"
LAYER = ["movements", "type", "items", "fields", "layers", "type", "items", "fields"]


@pytest.mark.parametrize(
    ("topic", "path", "value", "complaint"),
    [
        (ISSUED, ["effective_day"], {"type": "string"}, "effective_day is gone"),
        (ISSUED, ["effective_on"], None, "effective_on is new and has no default"),
        (ISSUED, ["document", "default"], "-", "document had the default '-', now ''"),
        (ISSUED, [*LAYER, "quantity", "type"], "string", "quantity was string, is integer"),
        (ISSUED, [*LAYER, "age"], {"type": "integer"}, "age is gone"),
        ("partsledger:Place.Opened", ["kind", "type", "values"], ["barn"], "barn is gone"),
    ],
)  # fmt: skip
def test_a_renamed_field_or_a_changed_type_default_or_value_is_noticed(
    topic: str, path: list[str], value: object, complaint: str
) -> None:
    """The control: pretend that the log holds something else than the code says today."""
    [found] = broken(altered(topic, path, value), current())

    assert found.startswith(topic)
    assert complaint in found


def test_a_fact_that_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = current()
    del now[ISSUED]

    assert broken(PINNED, now) == [f"{ISSUED} is gone, and no upcaster reads it"]

    monkeypatch.setitem(UPCASTERS, ISSUED, lambda stored: [(f"{ISSUED}.2", stored)])
    assert broken(PINNED, now) == []  # The control: it may go where its bytes are still read.


def test_an_upcaster_that_changed_its_mind_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    now, pinned = current(), golden()
    del now[ISSUED]
    pinned[ISSUED]["read as"] = [[f"{ISSUED}.2", json.loads(pinned[ISSUED]["example"])]]
    monkeypatch.setitem(UPCASTERS, ISSUED, lambda stored: [(f"{ISSUED}.2", stored)])
    assert broken(pinned, now) == []

    monkeypatch.setitem(UPCASTERS, ISSUED, lambda _: [(f"{ISSUED}.2", {})])
    [found] = broken(pinned, now)
    assert found.startswith(f"{ISSUED} was read as [[")


def test_an_account_s_line_that_would_become_two_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A statement that was issued has counted it as one."""
    now, paid = current(), DealerAccount.PaymentReceived.TOPIC
    del now[paid]
    two: Readings = [(f"{paid}.2", {}), (DealerAccount.CreditAllocated.TOPIC, {})]
    monkeypatch.setitem(UPCASTERS, paid, lambda _: two)

    assert broken(PINNED, now) == [
        f"{paid} is read as 2 lines of an account: a statement has one a version"
    ]


def test_a_renamed_field_of_a_scratch_fact_is_noticed() -> None:
    from tests.domain.stored_names import described

    class Weighed(Fact):
        grams: int

    class WeighedAgain(Fact):
        weight_grams: int

    pinned = {"Weighed": {"fields": described(Weighed)}}

    assert broken(pinned, {"Weighed": described(Weighed)}) == []
    assert broken(pinned, {"Weighed": described(WeighedAgain)}) == [
        "Weighed.grams is gone",
        "Weighed.weight_grams is new and has no default, which stored facts need",
    ]


def test_when_it_was_recorded_is_not_in_any_example() -> None:
    """When, by whom and under which request are columns of the log, not of the payload."""
    for pinned in PINNED.values():
        assert str(TODAY) not in pinned["example"]
        assert not {"timestamp", "actor", "principal", "request_id"} & pinned["fields"].keys()
