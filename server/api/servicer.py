"""What every servicer is given, and the two ways through it: a command, and a look at one thing."""

from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import grpc
from google.protobuf.message import Message

from domain.errors import InvalidValue
from domain.facts import Aggregate
from server.api.conversions.names import NamePattern
from server.api.reads import Reads

A = TypeVar("A", bound=Aggregate)


class Commands(Protocol):
    """Runs any request that MUTATIONS can decode, or a batch of them (server/api/commands.py)."""

    def run(self, context: grpc.ServicerContext, request: Message) -> Any: ...

    def run_batch(self, context: grpc.ServicerContext, batch: Message) -> Any: ...


class Found(NamedTuple, Generic[A]):
    """An aggregate, its book, and a position of the log up to which nothing of it is missing."""

    aggregate: A
    book: str
    position: int


class Servicer:
    """The base of all servicers: they differ in names, not in what they do."""

    def __init__(self, commands: Commands, reads: Reads) -> None:
        self._commands = commands
        self._reads = reads

    def run(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Every mutation: what it means is in MUTATIONS, by the type of its request."""
        return self._commands.run(context, request)

    def run_batch(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Every batch of mutations (server/api/batches.py)."""
        return self._commands.run_batch(context, request)

    def find(self, kind: type[A], pattern: NamePattern, request: Any, key: str = "") -> Found[A]:
        """What a Get request names, or NOT_FOUND; `key` is a singleton's.

        The log answers at once, so a `min_position` is either reached or not one.
        """
        book, named = pattern.parse(request.name, "name")
        self._reads.require_book(book)
        position = self._reads.log.head().size
        if not 0 <= request.min_position <= position:
            rule = f"must be between 0 and the log's end, {position}"
            raise InvalidValue("min_position", request.min_position, rule)
        return Found(self._reads.aggregate(kind, key or named), book, position)
