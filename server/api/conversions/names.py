"""Resource names: `books/main/transfers/T-1` on the wire, book `main` and key `T-1` inside.

Where a name has several parts, the key joins them as the ledger's streams do: the name
`books/main/dealers/D01/settlements/2026-09` has the key `D01/2026-09`.

The number of a part may hold slashes, blanks and signs. In a name it is escaped as in the path of a
URL, `books/main/parts/6204-2RS%2FC3`; in a key it stands as it is, always as the last.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

from domain import values
from domain.accounting_period import CALENDAR
from domain.errors import InvalidValue

_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_LONGEST_NAME: Final = 500
_REMEMBERED: Final = 4_000  # Of the names of a kind, those parsed last: some 300 bytes each.
_LONGEST_POSITION: Final = 18  # Digits. All positions of so many fit into 64 bits.


class NamePattern:
    """The pattern of one kind of resource names. Converts names to keys and back."""

    def __init__(self, template: str, only: str = "") -> None:
        self.template = template
        self.only = only  # The key, if a book has one such resource: the name does not hold it.
        self._variables = _VARIABLE.findall(template)
        self._joins = len(self._variables) - 2  # Slashes of a key. Others are of a part's number.
        self._of_part = self._variables[-1] == "part"
        self._rule = f"must be {template}"
        if self._of_part:
            self._rule += ", with %2F for a slash in the part's number"
        self._format = _VARIABLE.sub("%s", template)
        self._matches = re.compile(_VARIABLE.sub("([^/]*)", template)).fullmatch
        self._remembered = lru_cache(_REMEMBERED)(self._parse)

    def format(self, book: str, key: str = "") -> str:
        """The name of the resource with a key in a book."""
        if key == self.only:
            return self._format % book
        numbers = key.split("/", self._joins)
        if self._of_part:
            numbers[-1] = in_name(numbers[-1])
        return self._format % (book, *numbers)

    def parse(self, name: str, field: str) -> tuple[str, str]:
        """Book and key of a name. Refuses a name that does not match the pattern."""
        try:
            return self._remembered(name)  # Whatever the field; refusals are not kept.
        except InvalidValue:
            return self._parse(name, field)

    def _parse(self, name: str, field: str = "name") -> tuple[str, str]:
        match = self._matches(name) if len(name) <= _LONGEST_NAME else None
        if match is None:
            raise InvalidValue(field, name[:_LONGEST_NAME], self._rule)
        parts = zip(self._variables, match.groups(), strict=True)
        book, *key = [_checked(variable, value, field) for variable, value in parts]
        return book, "/".join(key) or self.only

    def fits(self, name: str) -> bool:
        """Whether it looks like a name of this kind; what stands in it may still be refused."""
        return self._matches(name) is not None

    def typed(self, name: str) -> str:
        """The name that is meant where the slashes in a part's number may stand as they are; empty
        if it is none of this kind."""
        if self._of_part:
            *before, number = name.split("/", self.template.count("/"))
            name = "/".join((*before, number.replace("/", in_name("/"))))
        return name if self.fits(name) else ""

    def parse_or_all(self, name: str, field: str) -> tuple[str, str]:
        """Book and key; the key is empty where a hyphen stands for all: `books/main/dealers/-`."""
        collection, _, last = name.rpartition("/")
        if last != "-":
            return self.parse(name, field)
        pattern = NamePattern(self.template.rpartition("/")[0])
        try:
            return pattern.parse(collection, field)
        except InvalidValue as refusal:
            rule = f"must be {self.template}, or end in /- for all"
            raise InvalidValue(field, name[:_LONGEST_NAME], rule) from refusal

    def key(self, name: str, field: str, book: str) -> str:
        """The key of a resource of the same book that a message refers to."""
        other, key = self.parse(name, field)
        if other != book:
            raise InvalidValue(field, name, f"must be of the book {book}")
        return key

    def optional_key(self, name: str, field: str, book: str) -> str:
        """The same, or an empty key for an empty name."""
        return self.key(name, field, book) if name else ""


def in_name(part: str) -> str:
    """The number of a part as it stands in names: `6204-2RS%2FC3`, `M8%20x%2025`."""
    return quote(part, safe="")


def last_number(name: str) -> str:
    """What a name ends with, as people write it: `6204-2RS/C3`, or `W01`."""
    return unquote(name.rpartition("/")[2])


def _checked(variable: str, value: str, field: str) -> str:
    if variable == "part":
        return _part(value, field)
    if variable == "month":
        return values.month(value, field)
    if variable == "position":
        return _position(value, field)
    return values.code(value, field)


def _part(value: str, field: str) -> str:
    try:
        number = unquote(value, errors="strict")
    except UnicodeDecodeError:
        number = "%"
    if "%" in number:
        rule = "must hold a % only where it escapes what a number may hold, as %2F for a slash"
        raise InvalidValue(field, value, rule)
    return values.part_number(number, field)


def _position(value: str, field: str) -> str:
    if not (value.isascii() and value.isdecimal()) or len(value) > _LONGEST_POSITION:
        raise InvalidValue(field, value, "must be a position: 1, 2, 3, …")
    if value.startswith("0"):
        raise InvalidValue(field, value, "must be a position: 1, 2, 3, … without leading zeros")
    return value


# Each has the name of the field in which the answer to a Get has the resource, so that a client
# finds the pattern of what it is shown.
BOOK: Final = NamePattern("books/{book}")
PART: Final = NamePattern("books/{book}/parts/{part}")
PLACE: Final = NamePattern("books/{book}/places/{place}")
PRICE_LIST: Final = NamePattern("books/{book}/priceLists/{list}")
PRICE: Final = NamePattern("books/{book}/priceLists/{list}/prices/{part}")
EXCHANGE_RATE: Final = NamePattern("books/{book}/exchangeRates/{rate}")
DEALER: Final = NamePattern("books/{book}/dealers/{dealer}")
MACHINE: Final = NamePattern("books/{book}/machines/{serial}")
SUPPLIER: Final = NamePattern("books/{book}/suppliers/{supplier}")
POLICY: Final = NamePattern("books/{book}/policies/{model}")
PURCHASE: Final = NamePattern("books/{book}/purchases/{purchase}")
SALE: Final = NamePattern("books/{book}/sales/{sale}")
PAYMENT: Final = NamePattern("books/{book}/payments/{payment}")
PAYOUT: Final = NamePattern("books/{book}/payouts/{payout}")
TRANSFER: Final = NamePattern("books/{book}/transfers/{transfer}")
CLAIM: Final = NamePattern("books/{book}/claims/{claim}")
PARTS_RETURN: Final = NamePattern("books/{book}/returns/{return}")
SETTLEMENT: Final = NamePattern("books/{book}/dealers/{dealer}/settlements/{month}")
STATEMENT: Final = NamePattern("books/{book}/dealers/{dealer}/statements/{month}")
STOCK_ITEM: Final = NamePattern("books/{book}/places/{place}/stock/{part}")
ENTRY: Final = NamePattern("books/{book}/entries/{position}")
PERIOD: Final = NamePattern("books/{book}/period", only=CALENDAR)


def book(parent: str) -> str:
    """The book named by a `parent`."""
    return BOOK.parse(parent, "parent")[0]
