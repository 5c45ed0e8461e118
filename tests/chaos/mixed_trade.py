"""Two months of a small maker's trade as commands, and which of them touch the same things.

It is what an ERP exports: base data, then purchases, sales, transfers, claims, returns and payments
with all their steps, a few of them written to be refused. Statements and month ends are left out:
each waits for everything before it.
"""

import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from google.protobuf.message import Message

from examples.files import opened
from examples.generate import generate
from examples.sizes import Size, last_day
from server.api.resources import RESOURCES
from server.erp.folder import ErpFolder, Ordered

SIZE: Final = Size(
    dealers=24, warehouses=3, parts=101, active_parts=60, machines=40, months=2, claims=40,
    sale_lines=300, transfer_lines=60,
)  # fmt: skip
LAST_DAY: Final = last_day(SIZE.months)
MOST_IN_A_BATCH: Final = 100
_SEED: Final = 2025
_DOCUMENTS: Final = frozenset(
    {"purchases", "sales", "transfers", "claims", "returns", "payments", "payouts"}
)
_LEFT_OUT: Final = frozenset({"settlements", "periods"})
_SHARED: Final = _DOCUMENTS | {"parts", "dealers", "machines"}

# By the full name of a request: the batch it can come in.
BATCHES: Final[dict[str, Any]] = {
    request.message_type.full_name: batch
    for batch in RESOURCES.batches
    for request in batch.DESCRIPTOR.fields
    if request.name == "requests" and request.message_type is not None
}


Step = tuple[str, str, str]  # File, document, step.


class Trade(NamedTuple):
    """Commands in the order in which things happened."""

    base: list[Ordered]
    documents: list[Ordered]
    to_be_refused: frozenset[Step]

    @property
    def all(self) -> list[Ordered]:
        return self.base + self.documents

    @property
    def valid(self) -> list[Ordered]:
        """Without the few that are written to be refused."""
        return [command for command in self.all if _step(command) not in self.to_be_refused]


class Call(NamedTuple):
    """What goes out together: one command, or a batch of one kind by one caller."""

    commands: list[Ordered]
    touches: set[str]


def trade_of(book: str) -> Trade:
    """The same for every book, but for its name and the ids of requests."""
    with tempfile.TemporaryDirectory() as directory:
        with opened(Path(directory)) as files:
            for _ in generate(SIZE, _SEED, files):
                pass
        with ErpFolder(Path(directory), book) as erp:
            erp.read()
            commands = [command for command in erp if _noun(command) not in _LEFT_OUT]
        with (Path(directory) / "expected_refusals.csv").open(newline="") as file:
            rows = csv.DictReader(file)
            refused = frozenset((row["file"], row["document"], row["step"]) for row in rows)
    base = [command for command in commands if _noun(command) not in _DOCUMENTS]
    documents = [command for command in commands if _noun(command) in _DOCUMENTS]
    return Trade(base, documents, refused)


def request_of(command: Ordered) -> Any:
    return getattr(command.command, str(command.command.WhichOneof("command")))


def id_of(command: Ordered) -> str:
    return str(request_of(command).request_id)


def single_calls(commands: Sequence[Ordered]) -> list[Call]:
    """Each command by itself."""
    touches = _touches(commands)
    return [Call([command], set(touches[_document(command)])) for command in commands]


def batched_calls(commands: Sequence[Ordered], look_back: int = 60) -> list[Call]:
    """Batches of what may be recorded together; what comes in no batches goes by itself.

    A command joins a batch of its kind if nothing that stands between touches what it touches. So
    each thing sees what concerns it in the same order as before. Looking back one call only, the
    order stays altogether.
    """
    calls: list[Call] = []
    for call in single_calls(commands):
        joined = _to_join(call, calls[-look_back:])
        if joined is None:
            calls.append(call)
        else:
            joined.commands.extend(call.commands)
            joined.touches.update(call.touches)
    return calls


def _to_join(call: Call, before: Sequence[Call]) -> Call | None:
    kind = _kind(call)
    if kind[0] not in BATCHES:
        return None
    for earlier in reversed(before):
        if _kind(earlier) == kind and len(earlier.commands) < MOST_IN_A_BATCH:
            return earlier
        if earlier.touches & call.touches:
            return None
    return None


def _kind(call: Call) -> tuple[str, str]:
    first = call.commands[0]
    return request_of(first).DESCRIPTOR.full_name, first.command.actor


def _touches(commands: Sequence[Ordered]) -> Mapping[str, set[str]]:
    """By document: what any of its steps reads or changes, itself included.

    A step may name its document only, and a return only the sale it is of. So a document touches
    what all its steps name, and what the documents touch that these name.
    """
    touched: defaultdict[str, set[str]] = defaultdict(set)
    for command in commands:
        document = _document(command)
        named = set(_names(request_of(command)))
        touched[document].update(named, {document}, *(touched.get(name, ()) for name in named))
    return touched


def _names(message: Message) -> Iterator[str]:
    """The things that are named anywhere in a message, as `parts/P-1`."""
    for field, value in message.ListFields():
        values: Iterable[Any] = value if field.is_repeated else [value]
        for each in values:
            if isinstance(each, Message):
                yield from _names(each)
            elif isinstance(each, str) and each.startswith("books/"):
                _, _, collection, number, *_ = [*each.split("/"), "", ""]
                if collection in _SHARED:
                    yield f"{collection}/{number}"


def _step(command: Ordered) -> Step:
    return command.source.file, command.source.document, command.source.step


def _noun(command: Ordered) -> str:
    return command.source.file.removesuffix(".csv")


def _document(command: Ordered) -> str:
    return f"{_noun(command)}/{command.source.document}"
