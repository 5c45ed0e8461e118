"""A connection that somebody keeps: no pool is asked for it, and it keeps what it prepared."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import psycopg2
from psycopg2.extensions import cursor

from server.postgres.pool import Datastore
from server.postgres.prepared import PreparingConnection

T = TypeVar("T")


class DedicatedConnection:
    """Opened when it is first needed, and again after its server has gone. For one thread at a
    time."""

    def __init__(self, datastore: Datastore, name: str, settings: str) -> None:
        self._datastore = datastore
        self._name = name
        self._settings = f"{settings}; SET plan_cache_mode = force_generic_plan"
        self._opened: PreparingConnection | None = None

    def first(self, ask: Callable[[cursor], T], *, alone: bool) -> T:
        """Asks the first thing of a transaction; again on a new connection if the old one has died.

        So it may be sent twice, which nothing else may: it only reads, or begins what is lost with
        its connection, or fences itself against being done again. `alone` it is a transaction by
        itself, otherwise it begins one.
        """
        try:
            return ask(self.cursor(alone))
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            if self._opened is None or not self._opened.closed:
                raise
            self.close()
            return ask(self.cursor(alone))

    def cursor(self, alone: bool) -> cursor:
        opened = self._connected()
        opened.autocommit = alone
        return opened.cursor()

    def prepared(self, statement: str, values: Mapping[str, Any]) -> bytes:
        """What executes a statement that the connection keeps, until it is replaced."""
        return self._connected().prepared(statement, values)

    def commit(self) -> None:
        self._connected().commit()

    def roll_back(self) -> None:
        if self._opened is not None:
            try:
                self._opened.rollback()
            except psycopg2.Error:
                self.close()

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _connected(self) -> PreparingConnection:
        if self._opened is None:
            opened = self._datastore.connect(self._name)
            with opened.cursor() as c:
                c.execute(self._settings)
            self._opened = opened
        return self._opened
