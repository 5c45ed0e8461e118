"""Versions of a value, each by the day from which it counts.

A value that was wrong is corrected by a version of another day. So what a document pinned, and what
a statement or an invoice was made of, can always be read again as it was.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

from domain.changes import Change, VersionExists, changes

T = TypeVar("T")

_BY_DAY = attrgetter("effective_from")


class Version(NamedTuple, Generic[T]):
    """A value and its first day. `number` is the stream's version of the fact that says so."""

    effective_from: date
    value: T
    number: int


@dataclass(slots=True)
class Dated(Generic[T]):
    """The versions of one value, by the day they take effect, oldest first."""

    _versions: list[Version[T]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Version[T]]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def add(self, version: Version[T]) -> None:
        """The same said again for the same day changes nothing: the first stays what is pinned."""
        if not self._from(version.effective_from):
            insort(self._versions, version, key=_BY_DAY)

    def on(self, day: date) -> Version[T] | None:
        """The version in force on a day; None before the first."""
        position = bisect_right(self._versions, day, key=_BY_DAY)
        return self._versions[position - 1] if position else None

    def known_on(self, day: date) -> Version[T]:
        """The version in force on a day; the first one also holds for the days before it."""
        return self.on(day) or self._versions[0]

    @property
    def newest(self) -> T:
        """What the version of the latest day says."""
        return self._versions[-1].value

    def require_free(
        self,
        what: str,
        effective_from: date,
        value: T,
        differences: Callable[[T, T], list[Change]] = changes,
    ) -> None:
        """Refuses another value for a day that has a version, and says what differs."""
        known = self._from(effective_from)
        if known and known.value != value:
            raise VersionExists(what, effective_from, differences(known.value, value))

    def _from(self, day: date) -> Version[T] | None:
        """The version whose first day this is."""
        known = self.on(day)
        return known if known and known.effective_from == day else None
