"""What messages need to know of the book."""

from typing import NamedTuple


class ShownBook(NamedTuple):
    """The name is the first part of all resource names; stock is valued in the currency."""

    name: str
    currency: str
