"""The book as its messages show it."""

from typing import NamedTuple


class Book(NamedTuple):
    """Its name begins the name of every resource; what lies in stock is valued in its currency."""

    name: str
    currency: str
