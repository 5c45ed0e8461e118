"""What entries go back to: the documents whose steps caused them, and what these were decided by.

Everything is read from the log, a level at a time: however many entries there are, a level is one
query.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from msgspec import MsgspecError
from msgspec.json import decode

from domain.basis import Basis, bases, documents
from domain.errors import EntryUnreadable
from domain.facts import Cause, fact_name
from domain.storing import require_readable
from partsledger.v1 import explanation_service_pb2 as pb
from partsledger.v1.types_pb2 import Step
from server.api.conversions.entries import read_today, step_message
from server.api.explaining.wording import said_by
from server.eventlog.entry import Entry
from server.eventlog.entry_reader import EntryReader

_LEVELS: Final = 3  # A credit, its return, and the sale that the return is of.
# Streams that no document's steps are in: they have far more entries, and each has its cause.
_NO_DOCUMENTS: Final = ("stock/", "accounts/")


class History:
    """Some entries of the log up to a position, and all they go back to."""

    def __init__(
        self,
        log: EntryReader,
        positions: Collection[int],
        streams: Collection[str],
        position: int,
        most: int,
    ) -> None:
        """The entries at some positions, and some documents by their streams, up to a position.
        `most` is how many prices and the like of a document are told."""
        self._log, self._position, self._most = log, position, most
        self._entries: dict[int, Entry] = {}
        self._streams: dict[str, list[Entry]] = {}
        self._facts: dict[Cause, Mapping[str, Any]] = {}
        self._bases: dict[Cause, Entry] = {}
        wanted = sorted(set(positions))
        if wanted:
            found = log.read(wanted[0] - 1, len(wanted), only=wanted)
            self._entries = {entry.position: entry for entry in found}
        causes = {self._cause(entry).stream for entry in self._entries.values()}
        self._load({*streams, *causes})

    def entry(self, position: int) -> pb.Explanation:
        """An entry, with what it goes back to."""
        entry = self._entries.get(position)
        if entry is None:  # Somebody took it out of the log.
            return pb.Explanation(step=Step(position=position))
        return pb.Explanation(step=step_message(entry), because=self._because(entry))

    def document(self, stream: str) -> list[pb.Explanation]:
        """A document with all its steps, and what they were decided by; nothing of one that the
        log does not have."""
        if not self._streams.get(stream):
            return []
        return [self._document(Cause(stream, self._streams[stream][-1].version))]

    def _load(self, streams: set[str]) -> None:
        """A level of documents after the other, then what all of them were decided by."""
        wanted: set[Cause] = set()
        for _ in range(_LEVELS):
            new = streams - self._streams.keys()
            if not new:
                break
            read = self._log.of_streams(sorted(new), self._position)
            self._streams |= {stream: [] for stream in new}
            for entry in read:
                self._streams[entry.stream].append(entry)
            facts = [self._fact(entry) for entry in read]
            streams = {stream for fact in facts for stream in documents(fact)}
            wanted |= {basis.step for fact in facts for basis in bases(fact)}
        self._bases |= self._log.steps(wanted - self._bases.keys())

    def _cause(self, entry: Entry) -> Cause:
        """The step of a document: what caused the entry, or the entry itself."""
        fact = self._fact(entry)
        if "caused_by" in fact:
            return Cause(fact["caused_by"], fact["caused_by_version"])
        return Cause(entry.stream, entry.version)

    def _because(self, entry: Entry) -> list[pb.Explanation]:
        step = self._cause(entry)
        if entry.stream.startswith(_NO_DOCUMENTS) and step.stream == entry.stream:
            return []
        return [self._document(step)]

    def _document(self, step: Cause, above: tuple[str, ...] = ()) -> pb.Explanation:
        """A document up to a step. Those `above` it, which it goes back for, are not told again."""
        steps = [each for each in self._streams[step.stream] if each.version <= step.version]
        facts = [self._fact(each) for each in steps]
        told = (*above, step.stream)
        others = [
            Cause(stream, self._streams[stream][-1].version)
            for stream in dict.fromkeys(stream for fact in facts for stream in documents(fact))
            if stream not in told and self._streams.get(stream)
        ]
        return pb.Explanation(
            title=step.stream,
            step=step_message(steps[-1]) if steps else None,
            steps=map(step_message, steps),
            because=[
                *self._told(list(dict.fromkeys(basis for fact in facts for basis in bases(fact)))),
                *(self._document(other, told) for other in others if len(told) < _LEVELS),
            ],
        )

    def _told(self, decided_by: list[Basis]) -> list[pb.Explanation]:
        """The base data that decided a document, the first of them each by itself."""
        told = []
        for what, step in decided_by[: self._most]:
            entry = self._bases.get(step)
            if entry is None:
                told.append(pb.Explanation(title=f"{what}: {step.stream} is not in the log"))
                continue
            says = said_by(fact_name(entry.topic), self._fact(entry))
            title = f"{what}: {says}" if says else what
            told.append(pb.Explanation(title=title, step=step_message(entry)))
        if len(decided_by) > self._most:
            rest = f"{len(decided_by) - self._most} more prices and the like"
            told.append(pb.Explanation(title=rest))
        return told

    def _fact(self, entry: Entry) -> Mapping[str, Any]:
        step = Cause(entry.stream, entry.version)
        if step not in self._facts:
            self._facts[step] = _read(entry)
        return self._facts[step]


def _read(entry: Entry) -> Mapping[str, Any]:
    """What an entry says; nothing where it is no fact any more."""
    try:
        state = read_today(entry)
        require_readable(entry.topic, entry.state, entry.stream, entry.version)
    except (EntryUnreadable, MsgspecError, ValueError, KeyError):
        return {}
    said: Mapping[str, Any] = decode(state)
    return said
