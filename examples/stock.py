"""A simple stock ledger, so that what is sold and sent is there on its day."""

from collections import defaultdict
from datetime import date


class Stock:
    """Pieces by place and part, and what is on its way by the day it comes.

    It knows no layers: only when the last pieces came, because a back-dated issue may not take
    what had not come yet.
    """

    def __init__(self) -> None:
        self._there: dict[tuple[str, int], int] = {}
        self._last_came: dict[tuple[str, int], date] = {}
        self._coming: defaultdict[date, list[tuple[str, int, int]]] = defaultdict(list)

    def available(self, place: str, part: int, on: date | None = None) -> int:
        """Pieces there now; on an earlier day, none where some have come since."""
        key = (place, part)
        if on is not None and self._last_came.get(key, date.min) > on:
            return 0
        return self._there.get(key, 0)

    def put(self, place: str, part: int, quantity: int, on: date) -> None:
        key = (place, part)
        self._there[key] = self._there.get(key, 0) + quantity
        self._last_came[key] = max(on, self._last_came.get(key, on))

    def take(self, place: str, part: int, quantity: int) -> None:
        left = self._there[(place, part)] - quantity
        if left < 0:
            raise ValueError(f"{quantity} of part {part} taken at {place}, {-left} too many")
        self._there[(place, part)] = left

    def expect(self, place: str, part: int, quantity: int, on: date) -> None:
        """Announces pieces that come later."""
        self._coming[on].append((place, part, quantity))

    def arrive(self, day: date) -> None:
        """Takes in what was announced for a day."""
        for place, part, quantity in self._coming.pop(day, ()):
            self.put(place, part, quantity, day)
