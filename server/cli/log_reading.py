"""Reads a whole log as an auditor does: every entry in turn, believing nothing but its bytes.

Each leaf hash is made again, positions and the versions of each stream are counted, and the entries
of each account name the one before. What the log cannot show by itself, an entry that was altered
with its hash, is found by receipts that were kept elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from partsledger.v1 import entry_service_pb2 as pb
from server.cli.leaf import CHAINED, leaf_hash


class Finding(NamedTuple):
    """An entry that is not what was written, and who says so."""

    position: int
    fault: str
    shown_by: str


class LogReading:
    """What is known after the entries that were `read` in order; then `end` at the last position.

    `receipts` are the leaf hashes of positions as they were told when they were recorded.
    """

    def __init__(self, receipts: Mapping[int, bytes]) -> None:
        self.findings: list[Finding] = []
        self.read_count = 0
        self._receipts = receipts
        self._seen = 0  # The position that was read last.
        self._versions: defaultdict[str, int] = defaultdict(int)  # The last of each stream.
        self._tips: dict[str, bytes] = {}  # The last leaf hash of each account.

    def read(self, entry: pb.Entry) -> None:
        self._missing(entry.position)
        self._seen = max(self._seen, entry.position)
        self.read_count += 1
        for fault in self._faults(entry):
            self._found(entry.position, fault)
        receipt = self._receipts.get(entry.position)
        if receipt not in (None, entry.leaf_hash):
            self._found(entry.position, "its leaf hash is not that of its receipt", "receipt")
        self._versions[entry.stream] = max(self._versions[entry.stream], entry.version)
        if entry.stream.startswith(CHAINED):
            self._tips[entry.stream] = entry.leaf_hash

    def end(self, last: int) -> None:
        """The log ends at position `last`, as it says."""
        self._missing(last + 1)
        beyond = sorted(position for position in self._receipts if position > last)
        for position in beyond:
            fault = f"it is missing: the log ends at {last}, and there is a receipt of it"
            self._found(position, fault, "receipt")

    def _faults(self, entry: pb.Entry) -> Iterator[str]:
        if leaf_hash(entry) != entry.leaf_hash:
            yield "its leaf hash is not that of what is stored"
        named = f"it is version {entry.version} of {entry.stream}"
        before = self._versions[entry.stream]
        if entry.version != before + 1:
            yield f"{named}, and comes after version {before}"
        chained = entry.stream.startswith(CHAINED)
        if entry.previous_hash != (self._tips.get(entry.stream, b"") if chained else b""):
            yield f"{named}, and does not name the entry before by its hash"

    def _missing(self, until: int) -> None:
        """Those between the entry that was read last and the next one, told as one."""
        first, last = self._seen + 1, until - 1
        if first <= last:
            others = f", and so are all up to {last}" if first < last else ""
            self._found(first, f"it is missing{others}")

    def _found(self, position: int, fault: str, shown_by: str = "log") -> None:
        self.findings.append(Finding(position, fault, shown_by))
