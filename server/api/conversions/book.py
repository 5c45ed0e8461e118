"""What messages need to know of the book."""

from typing import NamedTuple


class ShownBook(NamedTuple):
    """The name is the first part of all resource names; stock is valued in the currency.

    `seen_by` is the dealer that the caller is kept to, or empty: of what has been several dealers'
    in turn, it sees its own part.
    """

    name: str
    currency: str
    seen_by: str = ""
