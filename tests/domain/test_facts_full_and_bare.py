"""Every fact with every field said, and with none that need not be: neither waits for chance."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import pytest

from domain.facts import Fact
from domain.ledger import Ledger
from domain.storing import RecordedEvent
from tests.domain.stored_names import fact_types, fields_of, is_record

MAPPER = Ledger().mapper
EVERY_FACT = sorted(fact_types(), key=lambda fact: fact.TOPIC)
# Values that come back changed where anything is rounded, escaped, cut or moved to another zone.
_AWKWARD: dict[Any, Any] = {
    bool: True,
    int: -(10**18) + 1,
    str: ' 泵 "A"\\\t🔧|/@ ',
    date: date(9999, 12, 31),
    datetime: datetime(2025, 3, 14, 23, 59, 59, 999_999, tzinfo=UTC),
    Decimal: Decimal("0.000001"),
}


def value_of(annotation: Any) -> Any:
    """One value of a stored type that says all it can: nested ones too, and no None."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return value_of(next(each for each in arguments if each is not NoneType))
    if origin is tuple:
        return (value_of(arguments[0]), value_of(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return list(annotation)[-1]
    if isinstance(annotation, type) and is_record(annotation):
        return full(annotation)
    return _AWKWARD[annotation]


def full(kind: type) -> Any:
    return kind(**{name: value_of(field.type) for name, field in fields_of(kind).items()})


def bare(kind: type) -> Any:
    required = {name: field for name, field in fields_of(kind).items() if field.required}
    return kind(**{name: value_of(field.type) for name, field in required.items()})


@pytest.mark.parametrize("made", [full, bare])
@pytest.mark.parametrize("kind", EVERY_FACT, ids=lambda fact: fact.TOPIC)
def test_a_fact_is_read_back_as_it_was_recorded(
    kind: type[Fact], made: Callable[[type], Any]
) -> None:
    columns = ("any/1", 7, _AWKWARD[datetime], *[_AWKWARD[str]] * 3)
    recorded = made(kind).recorded(*columns)

    stored = MAPPER.to_stored_event(recorded)

    assert isinstance(stored, RecordedEvent)
    assert MAPPER.to_domain_event(stored) == recorded
    assert MAPPER.to_stored_event(MAPPER.to_domain_event(stored)) == stored, "byte by byte"


def test_a_full_fact_leaves_nothing_to_its_defaults() -> None:
    """The control: what was compared above is said, and is not what a reader would assume."""
    for kind in EVERY_FACT:
        defaults = {
            name: field.default for name, field in fields_of(kind).items() if not field.required
        }
        made = full(kind)
        assert [name for name, value in defaults.items() if getattr(made, name) == value] == []
