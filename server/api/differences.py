"""What a request says, field by field, that was recorded otherwise."""

from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money
from msgspec import Struct

from domain.changes import Change
from domain.facts import BookedFact
from domain.values import money_text
from server.api.conversions import money
from server.api.conversions.names import last_number


def differences(asked: Any, known: Any, within: str = "") -> list[Change]:
    """The fields that a request gives, where the resource as recorded has other values.

    What it does not give is not compared: the server may have filled it in.
    """
    found: list[Change] = []
    for field, value in asked.ListFields():
        was, path = getattr(known, field.name), f"{within}{field.name}"
        if field.is_repeated:
            found += _of_rows(value, was, path, _of_one)
        else:
            found += _of_one(value, was, path, field)
    return found


def of_step(asked: Message, known: Struct, within: str = "") -> list[Change]:
    """What a step of a document gives, where the fact of the step says something else.

    The fields of the two have the same names, and an amount ends in `_minor` in the fact. What only
    the request has is not compared.
    """
    found: list[Change] = []
    for field, value in asked.ListFields():
        path = f"{within}{field.name}"
        was = _stored(known, field, value)
        if isinstance(was, tuple):
            found += _of_rows(value, was, path, _of_stored_row)
        elif isinstance(was, Struct) and isinstance(value, Message):
            found += of_step(value, was, f"{path}.")
        elif was is not None:
            found += _of_stored(field, value, was, path)
    return found


def _of_stored_row(asked: Any, known: Any, path: str) -> list[Change]:
    return of_step(asked, known, f"{path}.") if isinstance(known, Struct) else []


def _stored(known: Struct, field: FieldDescriptor, value: Any) -> Any:
    """What a fact has in the place of a field; None if nothing."""
    if isinstance(value, Money):
        minor = getattr(known, f"{field.name}_minor", None)
        return None if minor is None else money.message(minor, value.currency_code)
    return getattr(known, field.name, None)


def _of_stored(field: FieldDescriptor, asked: Any, known: Any, path: str) -> list[Change]:
    if field.enum_type is not None and isinstance(known, StrEnum):
        name = field.enum_type.values_by_number[asked].name
        was, now = (str(known), name) if not name.endswith(f"_{known.upper()}") else ("", "")
    elif isinstance(known, date):
        was, now = known.isoformat(), _shown(asked)
    else:
        was, now = _shown(known), _shown(asked)
    return [Change(path, was, now)] if was != now else []


def of_occurrence(on: Date, document: str, fact: BookedFact) -> list[Change]:
    """When it happened, and on which paper."""
    pairs = [
        ("occurred_on", fact.occurred_on.isoformat(), _shown(on)),
        ("document", fact.document, document),
    ]
    return [Change(name, was, now) for name, was, now in pairs if was != now]


def _of_rows(
    asked: Sequence[Any],
    known: Sequence[Any],
    path: str,
    compared: Callable[[Any, Any, str], list[Change]],
) -> list[Change]:
    """Row by row, where there are as many."""
    if len(asked) != len(known):
        return [Change(path, f"{len(known)} rows", f"{len(asked)} rows")]
    rows = enumerate(zip(asked, known, strict=True))
    return [change for n, (now, was) in rows for change in compared(now, was, f"{path}[{n}]")]


def _of_one(
    asked: Any, known: Any, path: str, field: FieldDescriptor | None = None
) -> list[Change]:
    if isinstance(asked, Message) and not isinstance(asked, Money | Date | Decimal):
        return differences(asked, known, f"{path}.")
    was, now = _shown(known, field), _shown(asked, field)
    return [Change(path, was, now)] if was != now else []


def _shown(value: Any, field: FieldDescriptor | None = None) -> str:
    """As people write it; of the name of a resource its last number."""
    if isinstance(value, Date):
        return f"{value.year}-{value.month:02}-{value.day:02}"
    if isinstance(value, Decimal):
        return str(value.value)
    if isinstance(value, Money):
        minor, currency = money.amount(value, "amount")
        return money_text(minor, currency)
    if field is not None and field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    text = str(value)
    return (last_number(text) if text.startswith("books/") else text) or "(nothing)"
