"""What the product has recorded, command by command: the measure of comparable work.

A baseline does, for each command, what that command came to in the product: as many aggregates,
as many events, as many bytes. So nothing is compared that one side does not have to do.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple
from zlib import crc32

from benchmarks.course import Ask, Course, asked
from benchmarks.sending import stream

_FACTS: Final = """
    SELECT request_id, stream, version, name, state
    FROM book_main.entries JOIN book_main.topics ON number = topic
    ORDER BY position
"""
_COMMITS: Final = """
    SELECT count(DISTINCT xmin::text) FROM book_main.entries WHERE position > %s
"""
_SHARED: Final = frozenset({"stock", "accounts"})  # By many documents.


class RecordedFact(NamedTuple):
    """One entry of the product's log, its content decoded."""

    stream: str
    version: int
    topic: str
    content: dict[str, Any]

    @property
    def kind(self) -> str:
        return self.stream.partition("/")[0]


RecordedCommand = tuple[RecordedFact, ...]  # What one command came to.


class Recorded(NamedTuple):
    """The shelves as they were filled, then the mixed commands in their order."""

    shelves: list[RecordedCommand]
    mixed: list[RecordedCommand]
    refused: int


def commits_after(ask: Ask, position: int) -> int:
    """How many groups the facts after a position were committed in."""
    ((count,),) = ask(_COMMITS, position)
    return int(count)


def recorded(course: Course) -> Recorded:
    """Sends the workload once, and reads back what it came to. Not measured."""
    course.told("recording what the workload comes to")
    with course.prepared() as (server, url), asked(url) as ask:
        ((size,),) = ask("SELECT size FROM book_main.head")
        sent = stream(server.address, course.workload.mixed)
        rows = ask(_FACTS)
    shelves = [row for row in rows[:size] if row[1].startswith("stock/")]
    return Recorded(list(_commands(shelves)), list(_commands(rows[size:])), sent.refused)


def one_in(share: int, commands: Sequence[RecordedCommand]) -> list[RecordedCommand]:
    """Every so-manieth document, with all commands that belong to it: the mix stays the same."""
    return [c for c, document in _documented(commands) if crc32(document.encode()) % share == 0]


def spread(commands: Sequence[RecordedCommand], threads: int) -> list[list[RecordedCommand]]:
    """The commands of each thread; a document stays with one, so its steps keep their order."""
    lanes: list[list[RecordedCommand]] = [[] for _ in range(threads)]
    for command, document in _documented(commands):
        lanes[crc32(b"lane" + document.encode()) % threads].append(command)
    return lanes


def _documented(commands: Sequence[RecordedCommand]) -> Iterator[tuple[RecordedCommand, str]]:
    """Each command with the name of its document; documents that cite each other count as one."""
    parents: dict[str, str] = {}

    def root(stream: str) -> str:
        while (parent := parents.setdefault(stream, stream)) != stream:
            stream = parent
        return stream

    for command in commands:
        first, *others = _papers(command)
        for other in others:
            parents[root(other)] = root(first)
    for command in commands:
        yield command, root(_papers(command)[0])


def _papers(command: RecordedCommand) -> list[str]:
    own = [fact.stream for fact in command if fact.kind not in _SHARED]
    return own or [command[0].stream]


def _commands(rows: Iterable[tuple[Any, ...]]) -> Iterator[RecordedCommand]:
    for _, facts in groupby(rows, key=lambda row: row[0]):
        yield tuple(
            RecordedFact(stream, version, topic, json.loads(state))
            for _, stream, version, topic, state in facts
        )
