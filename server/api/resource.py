"""What a resource is to the API: one row says it, and every table that is looked into derives.

What no row speaks of, or two rows do, is a defect with a name, and never a wrong answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from server.api.conversions.book import Book
from server.api.conversions.choices import Choice
from server.api.conversions.names import NamePattern
from server.api.decoded import Decoded, Decoder, Decoders, stream_of
from server.api.schema import Response, batches_of, response_to
from server.writing.submission import UseCase

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Resource(Generic[A]):
    """One kind of resource: how it is kept, named and shown, and what can be done to it."""

    kind: type[A]
    name: NamePattern
    message: Callable[[A, Book], Message]
    decoders: Decoders = field(default_factory=dict)
    states: Choice[Any] | None = None  # Those it is listed by.
    parent: NamePattern | None = None  # What it is listed in, where that is less than the book.


@dataclass(frozen=True, eq=False)
class Mutation:
    """One kind of request that changes a resource: what it means, and what answers it."""

    resource: Resource[Any]
    decoder: Decoder
    response: Response
    takes_etag: bool

    def decode(self, request: Any) -> Decoded:
        """As its decoder does. A request with an etag is only for the version that it names."""
        decoded = self.decoder(request)
        if not self.takes_etag or not request.etag:
            return decoded
        book, key, use_case, beside = decoded
        checked = partial(_at_version, self.resource.kind, key, request.etag, use_case)
        return Decoded(book, key, checked, beside)

    def stream(self, decoded: Decoded) -> str:
        """That of the resource it is about."""
        return stream_of(self.resource.kind, decoded.key)

    def answer(self, book: Book, aggregate: Aggregate) -> Any:
        """The response, without its receipt: the same again for a repeat."""
        kind, field = self.response
        return kind(**{field: self.resource.message(aggregate, book)})


class Unserved(LookupError):  # noqa: N818 - Named after what happened.
    """A defect: no row speaks of it."""


class SaidTwice(ValueError):  # noqa: N818
    """A defect: two rows speak of it."""


class Table(dict[K, V]):
    """What each key stands for."""

    def add(self, key: K, value: V) -> None:
        if key in self:
            raise SaidTwice(str(key))
        self[key] = value

    def __missing__(self, key: K) -> V:
        raise Unserved(str(key))


class Resources:
    """The rows, by all that they are looked up by."""

    def __init__(self, rows: Iterable[Resource[Any]]) -> None:
        self.named = Table[NamePattern, Resource[Any]]()
        self.collections = Table[str, Resource[Any]]()  # Of streams.
        self.mutations = Table[type[Message], Mutation]()
        self.batches = Table[type[Message], Resource[Any]]()
        for row in rows:
            self.named.add(row.name, row)
            self.collections.add(row.kind.KIND, row)
            for request, decoder in row.decoders.items():
                schema = request.DESCRIPTOR
                etag = "etag" in schema.fields_by_name
                self.mutations.add(request, Mutation(row, decoder, response_to(schema), etag))
                for batch in batches_of(schema):
                    self.batches.add(batch, row)

    def of_stream(self, book: str, stream: str) -> str:
        """The name of the resource whose stream this is."""
        collection, _, key = stream.partition("/")
        return self.collections[collection].name.format(book, key)


def _at_version(
    kind: type[Aggregate], key: str, etag: str, use_case: UseCase, ledger: Ledger, command: Command
) -> Aggregate:
    """The use case, refused before all else unless the document is at the version."""
    ledger.require_version(kind, key, etag)
    return use_case(ledger, command)
