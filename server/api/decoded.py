"""A mutation as the ledger understands it: which document, which use case, which answer."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from google.protobuf.message import Message

from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.facts import Aggregate
from domain.part import Part
from domain.stock_item import StockItem, stock_key
from server.writing.submission import UseCase


class Decoded(NamedTuple):
    """What is left of a request once every field is found in order.

    `stream` is the document it is about, as the log names it, and `beside` others that it will
    need, as far as the request tells: those of many commands are loaded together. `respond` makes
    the response, without its receipt, of the aggregate the use case returns: the same again for a
    repeat.
    """

    book: str
    stream: str
    use_case: UseCase
    respond: Callable[[Any], Any]
    beside: tuple[str, ...] = ()


# How to decode a request, by its type.
Decoders = Mapping[type[Message], Callable[[Any], Decoded]]


def stream_of(kind: type[Aggregate], key: str) -> str:
    """`transfers/T-1`: how the log names the aggregate of a kind with a key."""
    return f"{kind.KIND}/{key}"


def streams_of_dealer(dealer: str) -> tuple[str, ...]:
    """A dealer and its account."""
    return stream_of(Dealer, dealer), stream_of(DealerAccount, dealer)


def streams_of_stock(place: str, parts: Iterable[str]) -> tuple[str, ...]:
    """Parts, and what lies of them at a place."""
    return tuple(
        stream
        for part in parts
        for stream in (stream_of(Part, part), stream_of(StockItem, stock_key(place, part)))
    )
