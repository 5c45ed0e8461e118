"""Messages of the API as people and programs read them: amounts, days, states as words.

A field's type says how it is shown, so a new field is shown without a line here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from rich.cells import cell_len

from server.cli.tables import Cell, Column, Table, worded
from server.cli.wording import Amount, amount, day, moment, short

# Of the machinery: people are told who changed what and when by the steps.
UNSHOWN: Final = frozenset({"etag", "create_time", "update_time"})

_AMOUNTS: Final = ("google.type.Money", "partsledger.v1.Sum")
_DAY: Final = "google.type.Date"
_ONE_VALUE: Final[dict[str, Callable[[Any], Cell]]] = {
    **dict.fromkeys(_AMOUNTS, amount),
    _DAY: day,
    "google.protobuf.Timestamp": moment,
    "google.type.Decimal": lambda message: message.value,
}
_AMOUNT_RANK: Final = 3
_EDGES, _GAP = 2, 2  # Blanks around a table, and between its columns.
_WIDEST_WORDS: Final = 24  # To which columns of words are wrapped.


class Leaf(NamedTuple):
    """One value in a message: its name, and the fields that lead to it."""

    name: str
    path: tuple[FieldDescriptor, ...]

    @property
    def field(self) -> FieldDescriptor:
        return self.path[-1]

    def of(self, message: Any) -> Cell:
        """What a message has there; None where that is nothing."""
        for field in self.path:
            if field.has_presence and not message.HasField(field.name):
                return None
            message = getattr(message, field.name)
        return value(self.field, message)


@cache
def leaves(message: Descriptor) -> tuple[Leaf, ...]:
    """The values of a message in the order of the schema, then those of the messages inside.

    What stands inside keeps its name, after that of the message it stands in where it is taken.
    """
    found = {field.name: Leaf(field.name, (field,)) for field in message.fields if _is_one(field)}
    for field in message.fields:
        if not field.is_repeated and not _is_one(field):
            for name, path in leaves(field.message_type):
                name = f"{field.name}_{name}" if name in found else name
                found[name] = Leaf(name, (field, *path))
    return tuple(found.values())


def value(field: Any, found: Any) -> Cell:  # The generated types and the library's own differ.
    """What a field of one value holds; names of resources without what they lie in."""
    if field.message_type is not None:
        return _ONE_VALUE[field.message_type.full_name](found) or None
    if field.enum_type is not None:
        return enum_word(field, found) if found else None
    if isinstance(found, bytes):
        return found.hex()
    if isinstance(found, str):
        return (short(found) if found.startswith("books/") else found) or None
    return bool(found) if isinstance(found, bool) else int(found)


def enum_word(field: Any, number: int) -> str:
    """`partly approved` of CLAIM_STATE_PARTLY_APPROVED."""
    known = field.enum_type.values_by_number
    prefix = known[0].name.removesuffix("UNSPECIFIED")
    name: str = known[number].name if number in known else str(number)
    return name.removeprefix(prefix).lower().replace("_", " ")


def table_of(key: str, kind: Descriptor, messages: Sequence[Any]) -> Table:
    """Messages of a type for programs: a column for each value, and one for each currency."""
    columns, rows = list[Column](), [list[Cell]() for _ in messages]
    for leaf in leaves(kind):
        columns.append(Column(leaf.name))
        is_amount = leaf.field.message_type and leaf.field.message_type.full_name in _AMOUNTS
        if is_amount:
            columns.append(Column(f"{leaf.name}_currency"))
        for row, message in zip(rows, messages, strict=True):
            cell = leaf.of(message)
            row.append(cell)
            if is_amount:
                row.append(cell.currency if isinstance(cell, Amount) else None)
    return Table(key, columns, rows)


def people_table(key: str, messages: Sequence[Any], title: str = "") -> Table:
    """Messages of a type, at least one, for people: only what says anything in one of them.

    Lists in them have a line for each element. Where all amounts of each message are in one
    currency, it is said once.
    """
    found = [_said(message) for message in messages]
    names = [name for name in dict.fromkeys(name for row in found for name in row)
             if any(row.get(name) for row in found)]  # fmt: skip
    columns = [Column(name, wraps=_wraps(row.get(name) for row in found)) for name in names]
    return Table(key, columns, [[row.get(name) for name in names] for row in found], title=title)


def fitted(table: Table, width: int) -> tuple[Table, list[str]]:
    """A table of at least one row with those columns that a screen has room for, and the names of
    the others."""
    left, shown, out = width - _EDGES, list[Column](), list[str]()
    for index, column in enumerate(table.columns):
        widest = max(cell_len(worded(row[index])) for row in table.rows)
        words = min(widest, _WIDEST_WORDS) if column.wraps else widest
        needed = _GAP + max(cell_len(column.key), words)
        room = needed <= left
        left -= needed if room else 0
        shown.append(replace(column, shown=room))
        out += [] if room else [column.key.replace("_", " ")]
    return replace(table, columns=shown), out


def plain(message: Message) -> dict[str, Any]:
    """For JSON: all fields, amounts as exact texts with their currencies, whole names."""
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        held = getattr(message, field.name)
        if field.is_repeated:
            found[field.name] = [_plain(field, each) for each in held]
        elif field.has_presence and not message.HasField(field.name):
            found[field.name] = None
        else:
            found[field.name] = _plain(field, held)
    return found


def _is_one(field: FieldDescriptor) -> bool:
    composite = field.message_type is not None and field.message_type.full_name not in _ONE_VALUE
    return not field.is_repeated and not composite


def _said(message: Any) -> dict[str, Cell]:
    """What a message says for people, the name, states, days and amounts first."""
    found = {leaf: leaf.of(message) for leaf in sorted(leaves(message.DESCRIPTOR), key=_rank)}
    currencies = {cell.currency for cell in found.values() if isinstance(cell, Amount)}
    several = len(currencies) > 1
    said: dict[str, Cell] = {
        leaf.name: with_currency(cell) if several and isinstance(cell, Amount) else cell
        for leaf, cell in found.items()
        if _rank(leaf) <= _AMOUNT_RANK
    }
    if len(currencies) == 1:
        [said["currency"]] = currencies
    said |= {leaf.name: cell for leaf, cell in found.items() if _rank(leaf) > _AMOUNT_RANK}
    return said | dict(_lists(message))


def _rank(leaf: Leaf) -> int:
    if leaf.name in ("name", "dealer", "part"):
        return 0
    if leaf.field.enum_type is not None:
        return 1
    kind = leaf.field.message_type and leaf.field.message_type.full_name
    return 2 if kind == _DAY else _AMOUNT_RANK if kind in _AMOUNTS else _AMOUNT_RANK + 1


def with_currency(cell: Cell) -> str:
    return f"{worded(cell)} {cell.currency}" if isinstance(cell, Amount) else worded(cell)


def _plain(field: Any, held: Any) -> Any:
    if field.message_type is not None and field.message_type.full_name not in _ONE_VALUE:
        return plain(held)
    if isinstance(held, str):
        return held
    shown = value(field, held)
    if isinstance(shown, Amount):
        return {"amount": shown.text, "currency": shown.currency}
    return shown


def _lists(message: Message) -> Iterator[tuple[str, Cell]]:
    for field in message.DESCRIPTOR.fields:
        held = getattr(message, field.name)
        if field.is_repeated and held:
            composite = field.message_type is not None
            lines = (_line(each) if composite else worded(value(field, each)) for each in held)
            yield field.name, "\n".join(lines)


def _line(message: Any) -> str:
    found = ((leaf.name, leaf.of(message)) for leaf in leaves(message.DESCRIPTOR))
    return ", ".join(
        f"{name.replace('_', ' ')} {with_currency(cell)}" for name, cell in found if cell
    )


def _wraps(cells: Iterator[Cell]) -> bool:
    return any(isinstance(cell, str) and " " in cell for cell in cells)
