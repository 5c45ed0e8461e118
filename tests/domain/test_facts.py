"""Every fact survives the log: what is read back is what was recorded, value by value."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import pytest
from eventsourcing.domain import OriginatorVersionError
from eventsourcing.persistence import StoredEvent
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import ValidationError

from domain.dealer_settlement import DealerSettlement
from domain.errors import EntryUnreadable
from domain.facts import Cause, Command, Fact, fact_name
from domain.layers import Layer
from domain.ledger import Ledger
from domain.stock_item import StockItem
from domain.storing import NO_REQUEST, AggregateSnapshot, RecordedEvent
from tests.domain.stored_names import fact_types, fields_of, is_record, stored_kinds
from tests.domain.tour import every_fact

MAPPER = Ledger().mapper
EVERY_FACT = sorted(fact_types(), key=lambda fact: fact.TOPIC)

# Facts are validated at the edge; the log must carry more than the edge lets in.
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(10**18), 10**18),
    str: st.text(max_size=8),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    Decimal: st.decimals(0, 1, places=6),
}
_COLUMNS: Final = st.tuples(_SCALARS[str], _SCALARS[int], _SCALARS[datetime], *[_SCALARS[str]] * 3)


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value of a stored type, nested ones included."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is NoneType:
        return st.none()
    if origin in (Union, UnionType):
        return st.one_of([values_of(each) for each in arguments])
    if origin is tuple:
        return st.lists(values_of(arguments[0]), max_size=2).map(tuple)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if isinstance(annotation, type) and is_record(annotation):
        return records_of(annotation)
    return _SCALARS[annotation]


def records_of(kind: type) -> st.SearchStrategy[Any]:
    """Records with any values; fields that have a default are left out now and then."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in fields_of(kind).items():
        fields = required if field.required else optional
        fields[name] = values_of(field.type)
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: kind(**values))


@pytest.mark.parametrize("fact", EVERY_FACT, ids=lambda fact: fact.TOPIC)
@settings(max_examples=10)
@given(data=st.data())
def test_any_fact_is_read_back_as_it_was_recorded(fact: type[Fact], data: st.DataObject) -> None:
    recorded = data.draw(records_of(fact)).recorded(*data.draw(_COLUMNS))

    stored = MAPPER.to_stored_event(recorded)

    assert isinstance(stored, RecordedEvent)
    assert stored.topic == fact.TOPIC
    assert MAPPER.to_domain_event(stored) == recorded
    assert MAPPER.to_stored_event(MAPPER.to_domain_event(stored)) == stored, "byte by byte"


def test_facts_are_the_same_in_kind_payload_and_columns_or_not_at_all() -> None:
    now = datetime(2025, 7, 1, tzinfo=UTC)
    columns = ("settlements/D01", 3, now, "ann", "", "R-1")

    def confirmed(content_hash: str = "0", *changed: Any) -> Fact:
        fact = DealerSettlement.Confirmed(
            effective_on=now.date(), occurred_on=now.date(), content_hash=content_hash
        )
        return fact.recorded(*[*changed, *columns[len(changed) :]])

    reviewed = DealerSettlement.Reviewed(effective_on=now.date(), occurred_on=now.date())
    closed = DealerSettlement.Closed(effective_on=now.date(), occurred_on=now.date())

    assert confirmed() == confirmed()
    assert confirmed() != confirmed("1")
    assert confirmed() != confirmed("0", "settlements/D02")
    assert confirmed() != confirmed("0", "settlements/D01", 4)
    assert reviewed.recorded(*columns) != closed.recorded(*columns)


def test_a_fact_is_applied_to_the_version_before_it_alone() -> None:
    asked = Command(datetime(2025, 7, 1, tzinfo=UTC), date(2025, 7, 1), "ann", "R-1")
    item = StockItem.open(asked, Cause("purchases/PR-1", 1), "W01", "P", False, "CNY")
    [opened] = asked.facts
    for version in (1, 3):
        later = StockItem.Issued(
            effective_on=asked.today, occurred_on=asked.today, caused_by="sales/SA1",
            caused_by_version=1,
        ).recorded(item.id, version, asked.recorded_at, "ann", "", "R-1")  # fmt: skip
        with pytest.raises(OriginatorVersionError) as refusal:
            later.mutate(item)
        assert refusal.value.args == (version, 2)
    assert (item.version, opened.originator_version) == (1, 1)


def test_a_fact_is_called_by_its_own_part_of_its_topic() -> None:
    assert fact_name("partsledger:DealerAccount.SaleInvoiced") == "SaleInvoiced"
    assert fact_name("partsledger:Part.Registered.2") == "Registered", "of whichever form"


def test_a_command_is_the_actors_own_and_has_caused_nothing_yet() -> None:
    asked = Command(datetime(2025, 7, 1, tzinfo=UTC), date(2025, 7, 1), "ann", "R-1")

    assert (asked.principal, asked.facts, asked.book_currency, asked.approved) == ("", [], "", {})


def test_the_tour_passes_every_fact_there_is() -> None:
    assert {fact.TOPIC for fact in every_fact()} == {fact.TOPIC for fact in EVERY_FACT}


def test_a_payload_says_what_happened_and_not_who_recorded_it() -> None:
    [issued, *_] = [fact for fact in every_fact() if isinstance(fact, StockItem.Issued)]
    state = MAPPER.to_stored_event(issued).state

    for column in (b"originator", b"timestamp", b"actor", b"request"):
        assert column not in state


def test_a_default_is_a_value_of_which_there_is_only_one() -> None:
    """A field is left out where it holds the very default, and not one that is equal to it."""
    for kind in stored_kinds():
        for name, field in fields_of(kind).items():
            assert field.required or field.default in ("", 0, False, (), None), (kind, name)


def test_defaults_are_not_written() -> None:
    [opened, *_] = [
        fact for fact in every_fact() if isinstance(fact, StockItem.Opened) and fact.place == "W01"
    ]

    assert b"custody" not in MAPPER.to_stored_event(opened).state


def opened(**changed: object) -> bytes:
    """What is stored of an opened stock item, but for what is changed or added."""
    fields = {
        "place": "W01", "part": "P", "currency": "CNY", "caused_by": "x/1", "caused_by_version": 1,
    }  # fmt: skip
    return json.dumps(fields | changed).encode()


@pytest.mark.parametrize(
    "state",
    [
        opened(colour="red"),
        b'{"place":"W01"}',
        b"{}",
        opened(place=5),
        opened(place=None),
        opened(custody=1),
        opened(custody="true"),
    ],
)
def test_bytes_of_another_shape_are_not_taken_for_a_fact(state: bytes) -> None:
    """The control: a field that nobody knows, or one that is missing or of another type, is never
    passed over."""
    asked = datetime(2025, 12, 31, tzinfo=UTC), "ann", "", NO_REQUEST
    topic = StockItem.Opened.TOPIC

    with pytest.raises(EntryUnreadable):
        MAPPER.to_domain_event(RecordedEvent("stock/W01/P", 1, topic, state, *asked))


def test_a_fact_is_never_edited() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        setattr(every_fact()[0], "actor", "eve")  # noqa: B010  # mypy would not let it pass.


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'"place":"W01"', b'"place":5'),
        (b'"place":"W01",', b""),
        (b'"part":"P"', b'"part":"P","colour":"red"'),
        (b'"quantity":7', b'"quantity":"7"'),
        (b'"quantity":7', b'"quantity":7,"colour":"red"'),
    ],
)
def test_a_snapshot_of_another_shape_is_not_taken_for_a_state(right: bytes, wrong: bytes) -> None:
    day, now = date(2025, 7, 1), datetime(2025, 7, 1, tzinfo=UTC)
    asked = Command(now, day, "ann", "R-1")
    item = StockItem.open(asked, Cause("purchases/PR-1", 1), "W01", "P", False, "CNY")
    item.layers = (Layer(day, day, 7, 700, "purchases/PR-1"),)
    stored = MAPPER.to_stored_event(AggregateSnapshot.take(item))

    assert vars(restored(stored)) == vars(item)

    assert right in stored.state
    other = replace(stored, state=stored.state.replace(right, wrong))
    with pytest.raises(ValidationError):
        restored(other)


def restored(stored: StoredEvent) -> StockItem:
    snapshot = MAPPER.to_domain_event(stored)
    assert isinstance(snapshot, AggregateSnapshot)
    item = snapshot.mutate(None)
    assert isinstance(item, StockItem)
    return item
