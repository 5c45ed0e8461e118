"""Enumerations: values of the domain and of the API, matched by name."""

from enum import StrEnum
from typing import Any, Generic, TypeVar

from domain.errors import InvalidValue

E = TypeVar("E", bound=StrEnum)


class Choice(Generic[E]):
    """`PlaceKind.WAREHOUSE` is PLACE_KIND_WAREHOUSE; the wire's zero is nobody's twin.

    A value without a twin on the wire fails at import, so none can be forgotten.
    """

    def __init__(self, kind: type[E], wire: Any) -> None:
        self._wire = wire
        self._prefix = wire.Name(0).removesuffix("UNSPECIFIED")
        self._numbers = {value: wire.Value(self._prefix + value.name) for value in kind}
        self._values = {number: value for value, number in self._numbers.items()}

    def value(self, number: int, field: str) -> E:
        """The domain's value; refuses UNSPECIFIED and numbers this server does not know."""
        try:
            return self._values[number]
        except KeyError:
            known = ", ".join(self._prefix + value.name for value in self._numbers)
            raise InvalidValue(field, self._said(number), f"must be one of {known}") from None

    def number(self, value: E | None) -> Any:
        """The number on the wire, 0 for none; Any, because each generated enum has its own type."""
        return 0 if value is None else self._numbers[value]

    def _said(self, number: int) -> str:
        try:
            return str(self._wire.Name(number))
        except ValueError:
            return str(number)
