"""A mutation as the ledger understands it: of which document, and by which use case."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from google.protobuf.message import Message

from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.facts import Aggregate
from domain.part import Part
from domain.stock_item import StockItem, stock_key
from server.api.conversions.names import NamePattern
from server.writing.submission import UseCase


class Decoded(NamedTuple):
    """What is left of a request once every field is found in order.

    `key` is that of the document it is about, and `beside` are the streams of others that it will
    need, as far as the request tells: those of many commands are loaded together.
    """

    book: str
    key: str
    use_case: UseCase
    beside: tuple[str, ...] = ()


Decoder = Callable[[Any], Decoded]
Decoders = Mapping[type[Message], Decoder]  # By the type of the request.


def step(
    request: Any, name: NamePattern, use_case: Callable[..., Aggregate], **more: Any
) -> Decoded:
    """What a document that is there goes through."""
    book, number = name.parse(request.name, "name")
    return Decoded(book, number, partial(use_case, number=number, **more))


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
