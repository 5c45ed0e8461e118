"""A mutation as the ledger understands it: which document, which use case, which answer."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from google.protobuf.message import Message

from domain.facts import Aggregate
from server.submission import UseCase


class Decoded(NamedTuple):
    """What is left of a request once every field is found in order.

    `stream` is the document it is about, as the log names it. `respond` makes the response,
    without its receipt, of the aggregate the use case returns: the same again for a repeat.
    """

    book: str
    stream: str
    use_case: UseCase
    respond: Callable[[Any], Any]


# How to decode a request, by its type.
Decoders = Mapping[type[Message], Callable[[Any], Decoded]]


def stream_of(kind: type[Aggregate], key: str) -> str:
    """`transfers/T-1`: how the log names the aggregate of a kind with a key."""
    return f"{kind.KIND}/{key}"
