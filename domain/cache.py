"""The aggregates that a ledger keeps in memory: those used last, as many as there is room for.

Aggregates grow: stock by its layers, an account by its open items, a machine by its failures. So
they take room by what they hold, or memory would grow with the log even if their number did not.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from domain.dated import Dated
from domain.facts import Aggregate
from domain.open_items import OpenItems

ROWS: Final = 8  # So many rows take about as much memory as an aggregate that holds none.

# Exactly these, and not what is derived of them: a tuple with names is a value and no rows.
COLLECTIONS: Final = frozenset({tuple, list, dict, set, frozenset, Dated, OpenItems})


class AggregateCache:
    """By stream, in the order of their last use. None stands for an aggregate that does not exist.

    Nothing leaves by itself: what a command has changed must be there until the command is decided.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._held: OrderedDict[str, Aggregate | None] = OrderedDict()
        self._takes: dict[str, int] = {}  # Room, as when it was last weighed.

    def __contains__(self, stream: str) -> bool:
        return stream in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def used(self, stream: str) -> Aggregate | None:
        """What is there, which is now the one used last. Raises KeyError if nothing is known."""
        self._held.move_to_end(stream)
        return self._held[stream]

    def get(self, stream: str) -> Aggregate | None:
        """What is there, without using it."""
        return self._held.get(stream)

    def keep(self, stream: str, aggregate: Aggregate | None) -> None:
        self._held[stream] = aggregate
        self._weigh(stream)

    def weigh(self, changed: Iterable[tuple[str, int]]) -> None:
        """These streams have these versions now. Weighed now and then, since it takes its time: a
        fact seldom adds more than a row."""
        for stream, version in changed:
            if version % ROWS == 0 and stream in self._held:
                self._weigh(stream)

    def trim(self) -> None:
        """Drops those not used for longest until the others fit; the one used last stays."""
        while self._taken > self._room and len(self._held) > 1:
            self.drop(next(iter(self._held)))

    def drop(self, stream: str) -> None:
        if stream in self._held:
            del self._held[stream]
            self._taken -= self._takes.pop(stream)

    def clear(self) -> None:
        self._held.clear()
        self._takes.clear()
        self._taken = 0

    def _weigh(self, stream: str) -> None:
        aggregate = self._held[stream]
        takes = 1 if aggregate is None else 1 + _rows(aggregate) // ROWS
        self._taken += takes - self._takes.get(stream, 0)
        self._takes[stream] = takes


def _rows(aggregate: Aggregate) -> int:
    rows = 0
    for each in vars(aggregate).values():
        if type(each) in COLLECTIONS:
            rows += len(each)
    return rows
