"""The rows of the table of resources (server/api/resources.py), and the tables that derive from it.

A missing row and a second row for the same are defects: they raise, and nothing is answered.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar, get_type_hints

from google.protobuf.message import Message

from domain.changes import told
from domain.errors import InvalidValue, NotFound
from domain.facts import Aggregate, BookedFact, Command, Fact
from domain.ledger import Ledger
from server.access.roles import Role, Roles
from server.api import own
from server.api.conversions.book import ShownBook
from server.api.conversions.choices import Choice
from server.api.conversions.names import DEALER, NamePattern
from server.api.decoded import Act, Acts, Decoded, stream_of
from server.api.differences import differences, of_occurrence, of_step
from server.api.permissions import Permission
from server.api.schema import Response, batches_of, response_to
from server.writing.submission import UseCase

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class Resource(Generic[A]):
    """One kind of resource: its aggregate, names, messages, who may read it, and its mutations."""

    kind: type[A]
    name: NamePattern
    message: Callable[[A, ShownBook], Message]
    readers: Roles
    acts: Acts = field(default_factory=dict)
    states: Choice[Any] | None = None  # To filter lists by.
    parent: NamePattern | None = None  # Of a list, if it is not the book: a dealer, a price list.
    dealer: Callable[[A], str] | None = None  # Whose it is, or empty; None: dealers do not see it.

    @property
    def to_get(self) -> Permission:
        """Whose it is, the resource itself says when it is found."""
        return self._to_read(None if self.dealer is None else own.where_found)

    def to_list(self, fields: Container[str]) -> Permission:
        """A request with these fields is narrowed to a dealer by its filter or its parent."""
        if self.dealer is None:
            return self._to_read(None)
        if self.dealer is shared:
            return self._to_read(own.everything)
        if "dealer" in fields:
            return self._to_read(own.in_filter)
        return self._to_read(own.in_parent if self.parent is DEALER else None)

    def _to_read(self, rule: own.Own | None) -> Permission:
        return Permission(self.readers | ({Role.DEALER} if rule else set()), rule)

    def require_seen(self, aggregate: A, dealer: str) -> None:
        """Refuses a caller that is kept to a dealer another one's, as if it did not exist."""
        if dealer and not self.is_seen(aggregate, dealer):
            raise NotFound(self.kind.__name__, aggregate.key)

    def is_seen(self, aggregate: A, dealer: str) -> bool:
        return not dealer or (self.dealer is not None and self.dealer(aggregate) in ("", dealer))


def shared(aggregate: Aggregate) -> str:
    """Of a resource that all dealers see."""
    return ""


@dataclass(frozen=True, eq=False)
class Mutation:
    """How one kind of request that changes a resource is decoded and answered."""

    resource: Resource[Any]
    act: Act
    response: Response
    takes_etag: bool

    def decode(self, request: Any) -> Decoded:
        """Decodes a request. If it has an etag, its use case first checks the version."""
        decoded = self.act.decode(request)
        if not self.takes_etag or not request.etag:
            return decoded
        kind, use_case = self.resource.kind, decoded.use_case
        checked = partial(_at_version, kind, decoded.key, request.etag, use_case)
        return decoded._replace(use_case=checked)

    def stream(self, decoded: Decoded) -> str:
        """The stream of the resource it is about."""
        return stream_of(self.resource.kind, decoded.key)

    def answer(self, book: ShownBook, aggregate: Aggregate) -> Any:
        """The response without its receipt. A repeated request gets the same, if the caller may see
        what it was about."""
        kind, field = self.response
        self.resource.require_seen(aggregate, book.seen_by)
        return kind(**{field: self.resource.message(aggregate, book)})

    def differences(
        self, book: ShownBook, request: Any, ledger: Ledger, aggregate: Aggregate
    ) -> str:
        """What the request says otherwise than what was recorded under its id.

        `aggregate` is as the recorded request left it. A request that holds the whole resource is
        compared with that, one that is a step with the step's fact; both with when it happened.
        """
        field = self.response.field
        if not self.resource.is_seen(aggregate, book.seen_by):
            return ""
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
        self.batches = Table[type[Message], Mutation]()
        self.shown = Table[type[Message], Resource[Any]]()  # By the message that shows it.
        for row in rows:
            self.named.add(row.name, row)
            self.collections.add(row.kind.KIND, row)
            self.shown.add(get_type_hints(row.message)["return"], row)
            for request, act in row.acts.items():
                schema = request.DESCRIPTOR
                etag = "etag" in schema.fields_by_name
                mutation = Mutation(row, act, response_to(schema), etag)
                self.mutations.add(request, mutation)
                for batch in batches_of(schema):
                    self.batches.add(batch, mutation)

    def kept_to(self, dealer: str, mutation: Mutation, decoded: Decoded, request: Any) -> Decoded:
        """The same for a caller that is kept to a dealer: whatever it names of another dealer is as
        if it did not exist. What cannot be hidden stands in docs/security.md."""
        is_new = mutation.response.field in request.DESCRIPTOR.fields_by_name
        named = decoded.beside if is_new else (mutation.stream(decoded), *decoded.beside)
        looked_at = [
            (row, key)
            for collection, _, key in (stream.partition("/") for stream in named)
            if (row := self.collections.get(collection)) is not None and row.dealer is not None
        ]
        return decoded._replace(use_case=partial(_seen_only, looked_at, dealer, decoded.use_case))

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


def _seen_only(
    named: Sequence[tuple[Resource[Any], str]],
    dealer: str,
    use_case: UseCase,
    ledger: Ledger,
    command: Command,
) -> Aggregate:
    """Runs the use case if the dealer sees all that the request names, as far as it exists."""
    for row, key in named:
        found = ledger.find(row.kind, key)
        if found is not None:
            row.require_seen(found, dealer)
    return use_case(ledger, command)
