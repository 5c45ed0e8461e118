"""The `eventsourcing` library as its documentation has it, on its own PostgreSQL module.

Aggregates of the same shape as ours: stock items with layers, dealer accounts with open items,
documents with a state. For each command of the workload it loads those aggregates that the command
changes, decides, and saves all of them together; its facts hold what ours hold. Eight threads, as
many connections, and snapshots every 50 events. What favours it, and is left so: it checks only
that there is enough stock, that items are known and that a document's steps come in their order; it
does not load base data, keeps no request ids, hashes nothing, and speaks no gRPC.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError
from psycopg2.extensions import parse_dsn

from benchmarks.recorded import RecordedCommand, RecordedFact, spread

THREADS: Final = 8
_TRIES: Final = 200  # Of one command, while others change the same aggregates first.
_FILLED_AT_ONCE: Final = 50  # Thousands in one save would fill the driver's pipeline, and hang.
_ENOUGH: Final = 1_000_000  # Pieces on every shelf, since only some documents are written.


class Refused(Exception):  # noqa: N818 - Named after what happened.
    """A rule was broken: in this workload, a defect of the baseline."""


class StockItem(Aggregate):
    """One part at one place, in layers, the oldest first."""

    @event("Opened")
    def __init__(self, key: str, content: dict[str, Any]) -> None:
        self.key = key
        self.layers: list[list[Any]] = []

    @staticmethod
    def create_id(key: str) -> UUID:
        return uuid5(NAMESPACE_URL, key)

    def take(self, fact: RecordedFact) -> None:
        """Issues if the fact does, oldest layers first; else receives."""
        moved = fact.content.get("movements", [])
        if not fact.topic.endswith(".Issued"):
            self.received(fact.content)
            return
        wanted = sum(layer["quantity"] for each in moved for layer in each["layers"])
        taken = []
        for index, (_, quantity, _) in enumerate(self.layers):
            if wanted == 0:
                break
            pieces = min(wanted, quantity)
            taken.append([index, pieces])
            wanted -= pieces
        if wanted:
            raise Refused(f"{self.key} has {wanted} too few")
        self.issued(fact.content, taken)

    @event("Received")
    def received(self, content: dict[str, Any]) -> None:
        for movement in content.get("movements", []):
            for layer in movement["layers"]:
                self.layers.append([layer["origin_on"], layer["quantity"], layer["value_minor"]])
        self.layers.sort()

    @event("Issued")
    def issued(self, content: dict[str, Any], taken: list[list[int]]) -> None:
        for index, pieces in taken:
            self.layers[index][1] -= pieces
        self.layers = [layer for layer in self.layers if layer[1]]


class Account(Aggregate):
    """What a dealer owes and is owed, item by item."""

    @event("Opened")
    def __init__(self, key: str, content: dict[str, Any]) -> None:
        self.key = key
        self.balance = 0
        self.items: dict[str, int] = {}

    @staticmethod
    def create_id(key: str) -> UUID:
        return uuid5(NAMESPACE_URL, key)

    def take(self, fact: RecordedFact) -> None:
        postings = fact.content.get("postings", [])
        if not all(each["amount_minor"] or each.get("functional_minor") for each in postings):
            raise Refused(f"{self.key} would be posted nothing")
        self.posted(fact.content)

    @event("Posted")
    def posted(self, content: dict[str, Any]) -> None:
        for posting in content.get("postings", []):
            if posting.get("party"):
                self.balance += posting["amount_minor"]
                item = posting.get("item", "")
                self.items[item] = self.items.get(item, 0) + posting["amount_minor"]
                if not self.items[item]:
                    del self.items[item]


class Document(Aggregate):
    """A sale, transfer, claim, return or payment: its steps, in their order."""

    @event("Created")
    def __init__(self, key: str, content: dict[str, Any]) -> None:
        self.key = key
        self.steps = 1

    @staticmethod
    def create_id(key: str) -> UUID:
        return uuid5(NAMESPACE_URL, key)

    def take(self, fact: RecordedFact) -> None:
        if fact.kind != "machines" and fact.version != self.steps + 1:
            raise Refused(f"{self.key} has had {self.steps} steps, and not {fact.version - 1}")
        self.advanced(fact.topic, fact.content)

    @event("Advanced")
    def advanced(self, topic: str, content: dict[str, Any]) -> None:
        self.steps += 1


_KINDS: Final[dict[str, type[StockItem | Account | Document]]] = {
    "stock": StockItem,
    "accounts": Account,
}


class Library(Application[UUID]):
    """The library's application: one use case, for commands of every kind."""

    snapshotting_intervals = {StockItem: 50, Account: 50}

    def write(self, command: RecordedCommand) -> None:
        """Loads, decides and saves; again if somebody else was first."""
        for _ in range(_TRIES):
            try:
                self.save(*self._decided(command))
                return
            except IntegrityError:
                continue
        raise Refused(f"{command[0].stream} was changed by others {_TRIES} times")

    def fill(self, commands: Iterable[RecordedCommand]) -> None:
        """Opens every stock item that occurs, with enough in it. Not measured."""
        plenty = {"origin_on": "2020-01-01", "quantity": _ENOUGH, "value_minor": _ENOUGH}
        items = []
        for stream in sorted({fact.stream for command in commands for fact in command}):
            if stream.startswith("stock/"):
                item = StockItem(key=stream, content={})
                item.received({"movements": [{"layers": [plenty]}]})
                items.append(item)
        for at in range(0, len(items), _FILLED_AT_ONCE):
            self.save(*items[at : at + _FILLED_AT_ONCE])

    def _decided(self, command: RecordedCommand) -> list[StockItem | Account | Document]:
        found: dict[str, StockItem | Account | Document] = {}
        for fact in command:
            if fact.stream in found:
                found[fact.stream].take(fact)
                continue
            kind = _KINDS.get(fact.kind, Document)
            try:
                if kind is Document and fact.version == 1:  # Its number is known to be new.
                    raise AggregateNotFoundError
                aggregate: Any = self.repository.get(kind.create_id(fact.stream))
                aggregate.take(fact)
            except AggregateNotFoundError:
                aggregate = kind(key=fact.stream, content=fact.content)
            found[fact.stream] = aggregate
        return list(found.values())


@contextmanager
def library(url: str, *, functions: bool = False) -> Iterator[Library]:
    """The application on a database, in its plain mode or with its database functions."""
    with Library(environment(url, functions=functions)) as application:
        yield application


def environment(url: str, *, functions: bool) -> dict[str, str]:
    """The library's settings."""
    parts = parse_dsn(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts["dbname"],
        "POSTGRES_HOST": parts["host"],
        "POSTGRES_PORT": parts["port"],
        "POSTGRES_USER": parts["user"],
        "POSTGRES_PASSWORD": "",
        "POSTGRES_POOL_SIZE": str(THREADS),
        "POSTGRES_MAX_OVERFLOW": str(THREADS),
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y" if functions else "n",
        "IS_SNAPSHOTTING_ENABLED": "y",
    }


def rate(application: Library, commands: Sequence[RecordedCommand]) -> float:
    """Commands a second, all threads together."""
    failures: list[BaseException] = []

    def work(lane: Sequence[RecordedCommand]) -> None:
        try:
            for command in lane:
                application.write(command)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(lane,)) for lane in spread(commands, THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if failures:
        raise failures[0]
    return len(commands) / seconds
