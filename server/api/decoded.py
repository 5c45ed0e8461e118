"""What is decoded of a mutation: the document it is about, and the use case to run."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from google.protobuf.message import Message

from domain import values
from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.facts import Aggregate
from domain.part import Part
from domain.stock_item import StockItem, stock_key
from server.access.roles import Roles
from server.api.conversions import times
from server.api.conversions.names import NamePattern
from server.api.own import Own
from server.api.permissions import Permission


class Decoded(NamedTuple):
    """A request after all its fields were checked.

    `key` is the key of the document it is about. `beside` are the streams of other aggregates it
    will need, as far as the request tells them; the writer loads those of many commands together.
    A use case that closes a month for good takes the `figures` of the month, `proves`.
    """

    book: str
    key: str
    use_case: Callable[..., Aggregate]  # A `UseCase`, once `figures` are filled in.
    beside: tuple[str, ...] = ()
    proves: str = ""


Decoder = Callable[[Any], Decoded]


class Act:
    """A mutation: how its request is decoded, and who may ask for it."""

    def __init__(self, decode: Decoder, roles: Roles, own: Own | None = None) -> None:
        self.decode = decode
        self.permission = Permission(roles, own)


Acts = Mapping[type[Message], Act]  # By the type of the request.


def step(
    request: Any, name: NamePattern, use_case: Callable[..., Aggregate], **more: Any
) -> Decoded:
    """Decodes a request for a step of the document it names; each says when it happened."""
    book, number = name.parse(request.name, "name")
    occurrence = times.occurrence(request.occurrence)
    return Decoded(book, number, partial(use_case, number=number, occurrence=occurrence, **more))


def dated(request: Any) -> dict[str, Any]:
    """From when a revision holds, why, and whether it may register what is not known."""
    return {
        "effective_from": times.optional_day(request.effective_from, "effective_from")
        or values.FIRST_DAY,
        "because": values.text(request.because, "because"),
        "allow_missing": request.allow_missing,
    }


def stream_of(kind: type[Aggregate], key: str) -> str:
    """The name of an aggregate's stream in the log: `transfers/T-1`."""
    return f"{kind.KIND}/{key}"


def streams_of_dealer(dealer: str) -> tuple[str, ...]:
    """The streams of a dealer and its account."""
    return stream_of(Dealer, dealer), stream_of(DealerAccount, dealer)


def streams_of_stock(place: str, parts: Iterable[str]) -> tuple[str, ...]:
    """The streams of parts and of their stock at a place."""
    return tuple(
        stream
        for part in parts
        for stream in (stream_of(Part, part), stream_of(StockItem, stock_key(place, part)))
    )
