"""Nothing that the log holds changes its name, its type or its default; old bytes still load."""

import json

import pytest
from eventsourcing.utils import resolve_topic

from domain.facts import Fact
from domain.ledger import Ledger
from domain.storing import RecordedEvent
from tests.domain.desk import TODAY, command
from tests.domain.stored_names import GOLDEN, Described, broken, current, fact_types, golden

PINNED = golden()


def test_every_stored_name_is_what_it_was() -> None:
    assert broken(PINNED, current()) == []


def test_what_is_new_is_pinned_before_it_is_stored() -> None:
    """Run `python -m tests.domain.stored_names`, and read what it adds."""
    assert {topic: pinned["fields"] for topic, pinned in PINNED.items()} == current()


@pytest.mark.parametrize("topic", PINNED)
def test_old_bytes_still_load(topic: str) -> None:
    example = PINNED[topic]["example"]
    recorded_at = command().recorded_at
    stored = RecordedEvent("any/1", 1, topic, example.encode(), recorded_at, "ann")
    mapper = Ledger().mapper

    fact = mapper.to_domain_event(stored)
    assert isinstance(fact, Fact)

    assert topic == fact.TOPIC
    assert json.loads(mapper.to_stored_event(fact).state) == json.loads(example)


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


def test_a_fact_that_is_gone_is_noticed() -> None:
    now = current()
    del now[ISSUED]

    assert broken(PINNED, now) == [f"{ISSUED} is gone"]


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
