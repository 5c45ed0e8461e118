"""What is stored: facts, the values in them, and the states of snapshots.

They are msgspec Structs, which are made, written and read faster than anything else. A Struct does
not look at what it is made of, so `require_typed` does before anything is written.
"""

from collections.abc import Callable, Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, dataclass_transform, get_args, get_origin, get_type_hints

from msgspec import Struct, StructMeta, field


class StoredType(StructMeta):
    """Makes the fields of a class keywords: so they are stored in the order they are written in,
    those of its base first, and one without a default may follow one that has one."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any
    ) -> "StoredType":
        return super().__new__(cls, name, bases, namespace, **({"kw_only": True} | config))


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Stored(
    Struct, metaclass=StoredType, frozen=True, forbid_unknown_fields=True, omit_defaults=True,
    gc=False,
):  # fmt: skip
    """A value that is never edited. Defaults are not written; no field is unknown when read.

    A tree of values has no cycle, so Python need not look for one in it, which is most of what a
    ledger holds in memory.
    """


class WronglyTyped(TypeError):  # noqa: N818 - Named after what is the matter.
    """A defect, and no refusal: a value of another type than its field's was to be stored."""

    def __init__(self, kind: type, field: str, wanted: str, value: object) -> None:
        super().__init__(f"{kind.__qualname__}.{field} takes {wanted}, and is {value!r}")


def require_typed(value: Struct) -> None:
    """Refuses a value of which some field, at any depth, is of another type than it declares.

    The type has to be the very one: a subclass could be written differently, or mean something
    else, as True does in the place of 1.
    """
    _check(type(value))(value)


@cache
def _check(kind: type[Struct]) -> Callable[[Struct], None]:
    """A function that looks at each field of a kind.

    Every fact passes here, so it is not a loop over the fields, which takes three times as long: it
    is written out as one would by hand, and compiled once.
    """
    names: dict[str, Any] = {"kind": kind, "WronglyTyped": WronglyTyped}
    lines = ["def check(value):"]
    hints = get_type_hints(kind)
    for name in kind.__struct_fields__:
        lines.append(f"    held = value.{name}")
        lines += _lines(hints[name], name, "held", names, "    ")
    exec("\n".join([*lines, "    return"]), names)
    check: Callable[[Struct], None] = names["check"]
    return check


def _lines(
    annotation: Any, name: str, held: str, names: dict[str, Any], indent: str
) -> Iterator[str]:
    """The lines that refuse what is held, unless it is of the annotated type.

    `names` takes in what the lines speak of.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is UnionType and arguments[1:] == (NoneType,):
        yield f"{indent}if {held} is not None:"
        yield from _lines(arguments[0], name, held, names, indent + "    ")
        return
    if (origin, arguments[1:]) not in ((None, ()), (tuple, (...,))):
        raise TypeError(f"{name} is to be a value, a value or None, or a tuple of any length")
    wanted: type = origin or annotation
    known = f"{wanted.__name__}_{len(names)}"
    names[known] = wanted
    yield f"{indent}if type({held}) is not {known}:"
    yield f"{indent}    raise WronglyTyped(kind, {name!r}, {wanted.__name__!r}, {held})"
    if wanted is tuple:
        yield f"{indent}for each in {held}:"
        yield from _lines(arguments[0], name, "each", names, indent + "    ")
    elif issubclass(wanted, Struct):
        names[f"check_{known}"] = _check(wanted)
        yield f"{indent}check_{known}({held})"
