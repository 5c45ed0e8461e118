"""Builds in the background the views that are new or were changed, while all else goes on."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg2
from eventsourcing.persistence import PersistenceError
from psycopg2.extensions import connection

from projections.engine.errors import EntryStops, RebuildUnderWay
from projections.engine.rebuild import drop_leftover, rebuild
from projections.engine.schemas import Connect, schemas, standing
from projections.engine.view import View, Views

_DELAY: Final = 1.0  # Seconds before another try.

# The database went away, or somebody else is rebuilding views: worth another try.
_RETRIED: Final = (psycopg2.Error, PersistenceError, OSError, RebuildUnderWay, EntryStops)

_log = logging.getLogger(__name__)


class _Stopped(Exception):  # noqa: N818 - Named after what happened.
    """Nobody needs the views any more."""


class Builder:
    """Builds views of the book in schema `book` between `start` and `stop`, then is done."""

    def __init__(
        self,
        connect: Connect,
        book: str,
        views: Views,
        on_done: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect = connect
        self._book = book
        self._views = views
        self._on_done = on_done
        self._stopping = threading.Event()
        self._opened: connection | None = None
        self._thread = threading.Thread(target=self._run, name=f"builder of {book}")

    def start(self, outdated: tuple[View, ...]) -> None:
        """Begins with what `Follower.start` has found to be outdated, if anything. What a build
        that was killed has left is dropped in any case."""
        if outdated:
            names = ", ".join(view.name for view in outdated)
            _log.warning(
                "views of %s are new or changed, and are being built: %s", self._book, names
            )
        self._thread.start()

    def stop(self) -> None:
        """Leaves what is not built yet to the next start. May be called twice."""
        self._stopping.set()
        opened = self._opened
        if opened is not None:
            try:
                opened.cancel()
            except psycopg2.Error:
                _log.debug("the builder's connection is gone already")
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._build()
            except _Stopped:
                return
            except _RETRIED as error:
                if not self._stopping.is_set():
                    _log.warning("views of %s: building again soon: %s", self._book, error)
                self._stopping.wait(_DELAY)
            except Exception:  # A defect: the views that are there go on.
                _log.exception("views of %s cannot be built", self._book)
                return
            else:
                return

    def _build(self) -> None:
        drop_leftover(self._connect, self._book)
        with self._connect() as opened, opened.cursor() as c:
            there = standing(c, schemas(self._book), self._views).there
        outdated = [view.name for view in self._views if view.name not in there]
        if outdated:
            rebuild(self._noted, self._book, self._views, outdated, self._go_on)
            _log.info("views of %s are built: %s", self._book, ", ".join(outdated))
            self._on_done()

    @contextmanager
    def _noted(self) -> Iterator[connection]:
        with self._connect() as opened:
            self._opened = opened
            try:
                yield opened
            finally:
                self._opened = None

    def _go_on(self, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise _Stopped
