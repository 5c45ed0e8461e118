"""That the server is about to stop, for streams that would otherwise go on for ever."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

STOPPING: Final = "the server is stopping"


class Closing:
    """Used on the event loop only."""

    def __init__(self) -> None:
        self.begun = False
        self._told: set[Callable[[], object]] = set()

    def begin(self) -> None:
        """Tells all who asked to be told, and who will ask."""
        self.begun = True
        for callback in list(self._told):
            callback()

    @contextmanager
    def telling(self, callback: Callable[[], object]) -> Iterator[None]:
        """Calls back when the server is about to stop, as long as the block has not been left."""
        self._told.add(callback)
        try:
            if self.begun:
                callback()
            yield
        finally:
            self._told.discard(callback)
