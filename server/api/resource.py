"""The rows of the table of resources (server/api/resources.py), and the tables that derive from it.

A missing row and a second row for the same are defects: they raise, and nothing is answered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from domain.changes import told
from domain.errors import InvalidValue
from domain.facts import Aggregate, BookedFact, Command, Fact
from domain.ledger import Ledger
from server.api.conversions.book import ShownBook
from server.api.conversions.choices import Choice
from server.api.conversions.names import NamePattern
from server.api.decoded import Decoded, Decoder, Decoders, stream_of
from server.api.differences import differences, of_occurrence, of_step
from server.api.schema import Response, batches_of, response_to
from server.writing.submission import UseCase

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Resource(Generic[A]):
    """One kind of resource: its aggregate, names, messages and mutations."""

    kind: type[A]
    name: NamePattern
    message: Callable[[A, ShownBook], Message]
    decoders: Decoders = field(default_factory=dict)
    states: Choice[Any] | None = None  # To filter lists by.
    parent: NamePattern | None = None  # Of a list, if it is not the book: a dealer, a price list.


@dataclass(frozen=True, eq=False)
class Mutation:
    """How one kind of request that changes a resource is decoded and answered."""

    resource: Resource[Any]
    decoder: Decoder
    response: Response
    takes_etag: bool

    def decode(self, request: Any) -> Decoded:
        """Decodes a request. If it has an etag, its use case first checks the version."""
        decoded = self.decoder(request)
        if not self.takes_etag or not request.etag:
            return decoded
        kind, use_case = self.resource.kind, decoded.use_case
        checked = partial(_at_version, kind, decoded.key, request.etag, use_case)
        return decoded._replace(use_case=checked)

    def stream(self, decoded: Decoded) -> str:
        """The stream of the resource it is about."""
        return stream_of(self.resource.kind, decoded.key)

    def answer(self, book: ShownBook, aggregate: Aggregate) -> Any:
        """The response without its receipt. A repeated request gets the same."""
        kind, field = self.response
        return kind(**{field: self.resource.message(aggregate, book)})

    def differences(
        self, book: ShownBook, request: Any, ledger: Ledger, aggregate: Aggregate
    ) -> str:
        """What the request says otherwise than what was recorded under its id.

        `aggregate` is as the recorded request left it. A request that holds the whole resource is
        compared with that, one that is a step with the step's fact; both with when it happened.
        """
        field = self.response.field
        if field in request.DESCRIPTOR.fields_by_name:
            found = differences(getattr(request, field), self.resource.message(aggregate, book))
            fact = ledger.fact(Fact, aggregate.id, 1)
        else:
            fact = _first_of_request(ledger, aggregate)
            found = of_step(request, fact)
        if isinstance(fact, BookedFact) and "occurrence" in request.DESCRIPTOR.fields_by_name:
            document = request.occurrence.document or aggregate.key
            found += of_occurrence(request.occurrence.occurred_on, document, fact)
        return told(found)


def _first_of_request(ledger: Ledger, aggregate: Aggregate) -> Fact:
    """The step's own fact: another may follow from it, as a credit from an approval."""
    version = aggregate.version
    fact = ledger.fact(Fact, aggregate.id, version)
    while version > 1:
        before = ledger.fact(Fact, aggregate.id, version - 1)
        if before.request_id != fact.request_id:
            break
        version, fact = version - 1, before
    return fact


class Unserved(LookupError):  # noqa: N818 - Named after what happened.
    """No row has this name, collection or request: a defect."""


class SaidTwice(ValueError):  # noqa: N818
    """Two rows have this name, collection or request: a defect."""


class Table(dict[K, V]):
    """A dict in which each key is set once, and a missing key is a defect."""

    def add(self, key: K, value: V) -> None:
        if key in self:
            raise SaidTwice(str(key))
        self[key] = value

    def __missing__(self, key: K) -> V:
        raise Unserved(str(key))


class Resources:
    """The tables that derive from the rows."""

    def __init__(self, rows: Iterable[Resource[Any]]) -> None:
        self.named = Table[NamePattern, Resource[Any]]()
        self.collections = Table[str, Resource[Any]]()  # By the first part of a stream's name.
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
        """The name of the resource that has this stream."""
        collection, _, key = stream.partition("/")
        return self.collections[collection].name.format(book, key)

    def stream(self, name: str, field: str, book: str) -> str:
        """The stream of the resource with this name."""
        for pattern, row in self.named.items():
            if pattern.fits(name):
                return stream_of(row.kind, pattern.key(name, field, book))
        rule = "must name a resource that has entries, as books/{book}/parts/{part}"
        raise InvalidValue(field, name, rule)


def _at_version(
    kind: type[Aggregate], key: str, etag: str, use_case: UseCase, ledger: Ledger, command: Command
) -> Aggregate:
    """Runs the use case on this version of the document only."""
    ledger.require_version(kind, key, etag)
    return use_case(ledger, command)
