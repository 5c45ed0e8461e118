"""What the log holds for ever: every stored name, field, JSON type and default of every fact.

`golden/facts.json` pins them, with an example of the bytes of each fact. Facts change by addition
or by a new fact, so the file is only ever added to:

    python -m tests.domain.stored_names

adds new facts, and new fields that have a default, and refuses when anything pinned has changed. A
topic that is no longer written stays, with what its upcaster reads its example as.

`golden/released.json` pins for each form that was released a digest of all stored fields, those of
snapshots included. After a release, what is stored may change only under the next form:

    python -m tests.domain.stored_names --release
The description is derived here and not taken from msgspec, whose JSON schema may vary by version.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from msgspec import NODEFAULT, Struct, structs
from msgspec.json import encode as to_json
from msgspec.structs import FieldInfo

from domain.aggregates import AGGREGATES
from domain.facts import Fact
from domain.ledger import Ledger
from domain.stored import Stored
from domain.storing import FORM
from domain.upcasting import UPCASTERS, upcast
from tests.domain.tour import every_fact

GOLDEN = Path(__file__).parent / "golden" / "facts.json"
RELEASED = GOLDEN.with_name("released.json")
Described = dict[str, Any]

_SCALARS: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    str: "string",
    date: "date as 2025-07-31",
    datetime: "instant",
    Decimal: "decimal as a string",
}


def fact_types() -> Iterator[type[Fact]]:
    """Every fact that an aggregate of the ledger can record."""
    for aggregate in AGGREGATES:
        for member in vars(aggregate).values():
            if isinstance(member, type) and issubclass(member, Fact) and hasattr(member, "TOPIC"):
                yield member


def stored_kinds() -> Iterator[type[Stored]]:
    """Every fact, every value in one, and every state of a snapshot."""
    waiting = [Stored]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        yield from kinds
        waiting += kinds


def is_record(kind: type) -> bool:
    return issubclass(kind, Struct)


def fields_of(kind: type[Struct]) -> dict[str, FieldInfo]:
    """What is written of a fact, or of a value inside one: each field by its name in Python."""
    return {field.name: field for field in structs.fields(kind)}


def default_of(field: FieldInfo) -> Any:
    return field.default if field.default is not NODEFAULT else field.default_factory()


def described(kind: type) -> Described:
    """Each stored field by its stored name: its type, and its default where it has one."""
    fields = {}
    for field in fields_of(kind).values():
        shape: Described = {"type": json_type(field.type)}
        if not field.required:
            shape["default"] = json.loads(to_json(default_of(field)))
        fields[field.encode_name] = shape
    return fields


def json_type(annotation: Any) -> Any:
    """How a value of this type is written: by name, or what its items, values or fields are."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        rest = [json_type(each) for each in arguments if each is not NoneType]
        return {"one of": [*rest, "null"]}
    if origin is dict:
        return {"by name": json_type(arguments[1])}
    if origin in (tuple, list):
        return {"items": json_type(arguments[0])}
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {"values": sorted(str(member.value) for member in annotation)}
    if isinstance(annotation, type) and is_record(annotation):
        return {"fields": described(annotation)}
    return _SCALARS[annotation]


def current() -> dict[str, Described]:
    return {fact.TOPIC: described(fact) for fact in fact_types()}


def broken(pinned: dict[str, Described], now: dict[str, Described]) -> list[str]:
    """What stored facts would notice: anything pinned that is gone or is now something else."""
    found: list[str] = []
    for topic, was in pinned.items():
        if topic in now:
            found += _fields_broken(was["fields"], now[topic], topic)
        elif topic in UPCASTERS:
            found += _reading_broken(topic, was)
        else:
            found.append(f"{topic} is gone, and no upcaster reads it")
    return found


def _reading_broken(topic: str, was: Described) -> Iterator[str]:
    """What is wrong with how the bytes of a topic that is no longer written are read."""
    read = readings(topic, was["example"])
    if "read as" in was and read != was["read as"]:
        yield f"{topic} was read as {was['read as']}, now as {read}"
    lines = [newer for newer, _ in read if newer.startswith("partsledger:DealerAccount.")]
    if len(lines) > 1:
        yield f"{topic} is read as {len(lines)} lines of an account: a statement has one a version"


def readings(topic: str, example: str) -> list[list[Any]]:
    """What an upcaster reads stored bytes as: topic and fields of each fact."""
    return [[newer, json.loads(state)] for newer, state in upcast(topic, example.encode())]


def digest() -> str:
    """Of all that this version stores: what facts and snapshots are made of."""
    states = {kind.KIND: described(kind.STATE) for kind in AGGREGATES if kind.STATE is not None}
    text = json.dumps([current(), states], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def form_broken(released: dict[str, str], form: int, now: str) -> list[str]:
    """Whether the form's number says what it should: each was released with one digest."""
    newest = max(map(int, released), default=0)
    if form not in (newest, newest + 1):
        return [f"FORM is {form}, and the newest form that was released is {newest}"]
    if form == newest and released[str(form)] != now:
        return [
            f"form {form} was released, and what is stored has changed: FORM is to be {form + 1}"
        ]
    return []


def released() -> dict[str, str]:
    loaded: dict[str, str] = json.loads(RELEASED.read_text())
    return loaded


def _fields_broken(was: Described, now: Described, path: str) -> Iterator[str]:
    for name, shape in was.items():
        here = f"{path}.{name}"
        if name not in now:
            yield f"{here} is gone"
            continue
        yield from _type_broken(shape["type"], now[name]["type"], here)
        default, default_now = shape.get("default", "none"), now[name].get("default", "none")
        if default != default_now:
            yield f"{here} had the default {default!r}, now {default_now!r}"
    for name in now.keys() - was.keys():
        if "default" not in now[name]:
            yield f"{path}.{name} is new and has no default, which stored facts need"


def _type_broken(was: Any, now: Any, path: str) -> Iterator[str]:
    if type(was) is not type(now) or isinstance(was, str) or was.keys() != now.keys():
        if was != now:
            yield f"{path} was {was}, is {now}"
    elif "fields" in was:
        yield from _fields_broken(was["fields"], now["fields"], path)
    elif "items" in was:
        yield from _type_broken(was["items"], now["items"], f"{path}[]")
    elif "values" in was:
        yield from (
            f"{path}: {value} is gone" for value in was["values"] if value not in now["values"]
        )
    elif was != now:
        yield f"{path} was {was}, is {now}"


def examples() -> dict[str, str]:
    """The stored bytes of the fullest fact of each kind in the tour."""
    mapper = Ledger().mapper
    found: dict[str, str] = {}
    for fact in every_fact():
        text = mapper.to_stored_event(fact).state.decode()
        if len(text) > len(found.get(fact.TOPIC, "")):
            found[fact.TOPIC] = text
    return found


def golden() -> dict[str, Described]:
    loaded: dict[str, Described] = json.loads(GOLDEN.read_text())
    return loaded


def extend() -> list[str]:
    """Adds what is new to the golden file, or returns why it does not."""
    pinned = golden() if GOLDEN.exists() else {}
    refusals = broken(pinned, current()) + form_broken(released(), FORM, digest())
    if refusals:
        return refusals
    bytes_now = examples()
    extended = {
        topic: {
            "fields": fields,
            "example": pinned[topic]["example"] if topic in pinned else bytes_now[topic],
        }
        for topic, fields in current().items()
    }
    for topic in UPCASTERS:
        read = readings(topic, pinned[topic]["example"])
        extended[topic] = {**pinned[topic], "read as": read}
    GOLDEN.parent.mkdir(exist_ok=True)
    text = json.dumps(extended, indent=1, ensure_ascii=False, sort_keys=True)
    GOLDEN.write_text(text + "\n")
    return []


def release() -> None:
    """Pins what the form of this version is."""
    text = json.dumps(released() | {str(FORM): digest()}, indent=1, sort_keys=True)
    RELEASED.write_text(text + "\n")


if __name__ == "__main__":
    reasons = extend()
    if "--release" in sys.argv and not reasons:
        release()
    print("\n".join(reasons) or f"{GOLDEN.name} holds {len(golden())} facts")
    sys.exit(1 if reasons else 0)
