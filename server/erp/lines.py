"""A line of an ERP file as a typed value: what each file's layout is built from."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Self, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from domain.currencies import DECIMALS
from server.erp.cells import Shape
from server.erp.rows import Problem, Row, number_of, shown


class Line(BaseModel):
    """One row of one file. The fields are the columns, and their descriptions the reference.

    Where there are columns in `PER_LINE`, rows with the same number are one document: all other
    columns belong to the document and say the same on each of its rows. Else each row is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    FILE: ClassVar[str]
    NUMBER: ClassVar[tuple[str, ...]]
    PER_LINE: ClassVar[frozenset[str]] = frozenset()
    MAY_LACK: ClassVar[frozenset[str]] = frozenset()  # Columns that a file need not have at all.
    AMOUNTS: ClassVar[tuple[str, ...]] = ()  # In the row's `currency`, with its decimals at most.
    NEEDS: ClassVar[dict[str, str]] = {}  # A column, and the one without which it says nothing.
    TOGETHER: ClassVar[dict[str, str]] = {}  # The same, and the other way round too.

    @classmethod
    def columns(cls) -> list[str]:
        return list(cls.model_fields)

    @classmethod
    def read(cls, row: Row) -> Self | list[Problem]:
        """The row as a line, or each of its cells that breaks a rule."""
        number = number_of(row.cells, cls.NUMBER)
        try:
            line = cls.model_validate(row.cells)
        except ValidationError as error:
            faults = [_fault(details, row) for details in error.errors(include_url=False)]
        else:
            faults = [*line._unfit_amounts(), *line._lonely(row.cells), *line.faults()]
            if not faults:
                return line
        return [
            Problem(cls.FILE, row.line, column, shown(row.cells.get(column, "")), rule, number)
            for column, rule in faults
        ]

    @classmethod
    def fits(cls, column: str, cell: str) -> bool:
        """Whether a cell is what its column takes, whatever stands beside it."""
        if not cell:
            return not is_required(cls, column)
        try:
            check_of(cls, column)(cell)
        except ValueError:
            return False
        return True

    def faults(self) -> list[tuple[str, str]]:
        """What else is wrong between the cells of one row: (column, rule) pairs."""
        return []

    def _unfit_amounts(self) -> list[tuple[str, str]]:
        faults = []
        for column in self.AMOUNTS:
            amount: Decimal | None = getattr(self, column)
            currency: str = getattr(self, "currency", "")
            if amount is None:
                continue
            if not currency:
                faults.append(("currency", f"is required with {column}"))
            elif _decimals(amount) > DECIMALS[currency]:
                rule = f"must have at most {DECIMALS[currency]} decimals in {currency}"
                faults.append((column, rule))
        return faults

    def _lonely(self, cells: dict[str, str]) -> list[tuple[str, str]]:
        """Columns that need another one: who did a step without when, a finding without a day."""
        return [
            (needed, f"is required with {column}")
            for column, needed in _needs(type(self))
            if column in cells and needed not in cells
        ]


@cache
def _needs(kind: type[Line]) -> list[tuple[str, str]]:
    """Pairs of a column and the one it needs."""
    needs = [*kind.NEEDS.items(), *kind.TOGETHER.items()]
    needs += [(other, column) for column, other in kind.TOGETHER.items()]
    steps = [column.removesuffix("_by") for column in kind.columns() if column.endswith("_by")]
    return needs + [(f"{step}_by", f"{step}_on") for step in steps]


def is_required(kind: type[Line], column: str) -> bool:
    return kind.model_fields[column].is_required()


def shape_of(kind: type[Line], column: str) -> str:
    """What may stand in a column, in the reference's words."""
    field = kind.model_fields[column]
    for found in (*field.metadata, *_metadata(field.annotation)):
        if isinstance(found, Shape):
            return found.words
    return " / ".join(f"`{choice}`" for choice in _choices(field.annotation))


def column(meaning: str, *, default: Any = ..., example: str = "") -> Any:
    """A column with what the reference says of it; with a default, the cell may be empty."""
    return Field(default, description=meaning, examples=[example] if example else None)


def optional(meaning: str, example: str = "") -> Any:
    """A column whose cell may be empty."""
    return column(meaning, default=None, example=example)


def holds_from() -> Any:
    """The column of base data that makes a row a version."""
    meaning = "First day on which this holds; empty: from the beginning. A change needs one."
    return optional(meaning, "2025-09-01")


@cache
def check_of(kind: type[Line], column: str) -> Callable[[str], object]:
    """What refuses a cell of a column with a ValueError; an empty one, too."""
    field = kind.model_fields[column]
    for found in (*field.metadata, *_metadata(field.annotation)):
        if isinstance(found, BeforeValidator):
            return cast("Callable[[str], object]", found.func)
    return _choices(field.annotation)


def _choices(annotation: Any) -> type[StrEnum]:
    """The values of a column that takes one of a few."""
    types = [annotation, *get_args(annotation)]
    return next(t for t in types if isinstance(t, type) and issubclass(t, StrEnum))


def _metadata(annotation: object) -> list[object]:
    """What an optional type was annotated with: pydantic leaves it inside the union."""
    if not isinstance(annotation, UnionType) and not get_args(annotation):
        return []
    return [m for branch in get_args(annotation) for m in getattr(branch, "__metadata__", ())]


def _decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _fault(details: ErrorDetails, row: Row) -> tuple[str, str]:
    column = str(details["loc"][0])
    if details["type"] == "missing":
        return column, "is required"
    if details["type"] == "enum":
        return column, f"must be {details['ctx']['expected'].replace(chr(39), '')}"
    assert details["type"] == "value_error", details
    return column, str(details["ctx"]["error"])
