"""A value of another type than its field's never reaches the log, in whichever field it is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType
from typing import Any, get_args, get_origin

import pytest
from msgspec import Struct
from msgspec.structs import replace

from domain import storing
from domain.facts import Command, Fact
from domain.layers import Layer
from domain.ledger import Ledger
from domain.place import Place, PlaceEntry
from domain.stock_item import StockItem
from domain.stored import WronglyTyped
from domain.values import FIRST_DAY
from tests.domain.desk import Desk
from tests.domain.stored_names import fact_types, fields_of, is_record
from tests.domain.test_facts_full_and_bare import full

NOW = datetime(2025, 1, 1, tzinfo=UTC)
EVERY_FACT = sorted(fact_types(), key=lambda fact: fact.TOPIC)


class Shade(StrEnum):
    RED = "red"


# Each of them would be written, and most would be read back as something else.
_NEAR: dict[Any, tuple[Any, ...]] = {
    bool: (1, 0, "true"),
    int: (True, 5.0, "5", Decimal(5), Shade.RED),
    str: (5, Shade.RED, b"W01", date(2025, 1, 1)),
    date: (NOW, "2025-01-01", 20250101),
    Decimal: (1, 0.5, "0.13"),
}


def wrong(annotation: Any) -> Iterator[Any]:
    """Values that do not fit an annotation: near ones, and in what it holds, at any depth."""
    arguments = get_args(annotation)
    if NoneType in arguments:
        yield from wrong(next(each for each in arguments if each is not NoneType))
        return
    yield object()
    if get_origin(annotation) is tuple:
        yield from ([], {}, "", 5)
        for each in wrong(arguments[0]):
            yield (each,)
    elif is_record(annotation):
        yield {}
        yield Layer(date(2025, 1, 1), date(2025, 1, 1), 1, 1, "") if annotation is not Layer else 5
        yield from broken(full(annotation))
    elif issubclass(annotation, Enum):
        yield from (next(iter(annotation)).value, Shade.RED)
    else:
        yield from _NEAR[annotation]


def broken(whole: Struct) -> Iterator[Any]:
    """The same fact or value with one field wrong, for each field and each way to be wrong."""
    for name, field in fields_of(type(whole)).items():
        unfit = list(wrong(field.type))
        if NoneType not in get_args(field.type):
            unfit.append(None)
        for value in unfit:
            yield replace(whole, **{name: value})


@pytest.mark.parametrize("kind", EVERY_FACT, ids=lambda fact: fact.TOPIC)
def test_a_fact_with_one_value_of_another_type_is_not_written(kind: type[Fact]) -> None:
    mapper = Ledger().mapper
    for fact in broken(full(kind)):
        with pytest.raises(WronglyTyped):
            mapper.to_stored_event(fact.recorded("any/1", 1, NOW, "ann", "", "R-1"))


def asked() -> Command:
    return Command(NOW, NOW.date(), "ann", "R-1")


def opened(ledger: Ledger, kind: Any) -> None:
    """Opens a place of a kind that is none, as a defect in a rule might."""
    ledger.execute(
        asked(),
        lambda ledger, cmd: ledger.add(
            Place.open(cmd, "W09", FIRST_DAY, PlaceEntry("Nanjing", kind))
        ),
    )


def test_what_is_wrong_is_named_and_nothing_is_recorded() -> None:
    ledger = Desk().ledger

    with pytest.raises(
        WronglyTyped, match=r"Place.Opened.kind takes PlaceKind, and is 'warehouse'"
    ):
        opened(ledger, "warehouse")

    assert ledger.recorder.max_notification_id() is None
    assert ledger.find(Place, "W09") is None


def test_without_the_check_it_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the tests above."""
    monkeypatch.setattr(storing, "require_typed", lambda fact: None)
    fields = {
        "place": 5, "part": "P-1", "currency": "CNY", "caused_by": "x/1", "caused_by_version": 1,
    }  # fmt: skip
    fact = StockItem.Opened.caused(asked(), "stock/W01/P-1", 1, None, fields)
    ledger = Desk().ledger

    opened(ledger, "shed")

    assert ledger.recorder.max_notification_id() == 1
    assert b'"place":5' in ledger.mapper.to_stored_event(fact).state
