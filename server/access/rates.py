"""How many calls a second one caller may make.

Each caller has as many calls in hand as it may make in a second; every call takes one, and they
come back evenly. So it may make all of them at once, and no more than that on average.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from server.access.errors import CalledTooOften

MOST_CALLERS: Final = 10_000  # That are remembered; who has called least recently has all in hand.


class _InHand(NamedTuple):
    calls: float
    at: float


class Rates:
    """Counts the calls of each caller. Used on the event loop only."""

    def __init__(self, per_second: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._now = now
        self._in_hand: OrderedDict[str, _InHand] = OrderedDict()

    def take(self, caller: str) -> None:
        """Counts one call. Raises CalledTooOften, and then does not count it."""
        now, most = self._now(), float(self._per_second)
        calls, at = self._in_hand.pop(caller, _InHand(most, now))
        calls = min(most, calls + (now - at) * most)
        called = calls >= 1
        self._in_hand[caller] = _InHand(calls - called, now)
        if len(self._in_hand) > MOST_CALLERS:
            self._in_hand.popitem(last=False)
        if not called:
            raise CalledTooOften(caller, self._per_second, (1 - calls) / most)
