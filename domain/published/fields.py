"""Lists what is stored of a record, field by field: the one place that reads the models."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct, structs

from domain.published.vocabulary import FIELDS, Word

_TYPES: Final = {
    "bool": "boolean", "int": "integer", "str": "text", "date": "date", "Decimal": "decimal text",
    "NoneType": "null",
}  # fmt: skip


class Field(NamedTuple):
    """A stored field; `default` is its JSON, or nothing where it is always written."""

    name: str
    type: str
    default: str
    word: Word


class Unexplained(LookupError):  # noqa: N818 - Named after what is the matter.
    """A field that nobody has explained yet: it belongs into domain/published/vocabulary.py."""


def fields(kind: type[Struct], owner: str) -> list[Field]:
    """The fields of a fact or of a record inside one, in the order in which they are written."""
    return [
        Field(
            field.encode_name, _type(field.type), _default(field),
            word_of(owner, field.encode_name),
        )
        for field in structs.fields(kind)
    ]  # fmt: skip


def word_of(owner: str, name: str) -> Word:
    """What a field means in a record: what is said of just that, or else of the name."""
    word = FIELDS.get(f"{owner}.{name}") or FIELDS.get(name)
    if word is None:
        raise Unexplained(f"{owner}.{name}")
    return word


def records(kind: type[Struct]) -> dict[str, type[Struct]]:
    """The records inside a fact, at any depth, by their names."""
    found: dict[str, type[Struct]] = {}
    for field in structs.fields(kind):
        for part in _parts(field.type):
            if isinstance(part, type) and issubclass(part, Struct):
                found |= {part.__name__: part} | records(part)
    return found


def schema(kind: type[Struct], title: str) -> dict[str, Any]:
    """JSON Schema of a fact's stored bytes, with what each field means."""
    made = msgspec.json.schema(kind)
    definitions: dict[str, Any] = made["$defs"]
    name = made["$ref"].rpartition("/")[2]
    for owner, definition in definitions.items():
        definition.pop("description", None)
        said_of = title if owner == name else owner
        for field, shape in definition.get("properties", {}).items():
            word = word_of(said_of, field)
            shape["description"] = f"{word.meaning} [{word.unit}]" if word.unit else word.meaning
    definitions[name]["title"] = title
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def _type(annotation: Any) -> str:
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple:
        return f"list of {_type(arguments[0])}"
    if arguments:
        return " or ".join(_type(each) for each in arguments)
    if issubclass(annotation, Enum):
        return "one of " + ", ".join(f"`{each.value}`" for each in annotation)
    if issubclass(annotation, Struct):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _TYPES[annotation.__name__]


def _default(field: structs.FieldInfo) -> str:
    return "" if field.default is NODEFAULT else msgspec.json.encode(field.default).decode()
