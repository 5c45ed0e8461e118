"""A book's schema is named after the book, and each entry of its log names the book."""

from typing import Final

_SCHEMA_PREFIX: Final = "book_"


def schema_of(book: str) -> str:
    return _SCHEMA_PREFIX + book


def book_of(schema: str) -> str:
    """The book's name: under another one, no entry has the leaf hash that is stored with it."""
    return schema.removeprefix(_SCHEMA_PREFIX)
