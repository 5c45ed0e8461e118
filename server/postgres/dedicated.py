"""A connection for one owner, outside the pool, so that its prepared statements stay."""

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
        """Sends the first statement of a transaction; if the connection has died, on a new one.

        So the statement may arrive twice. It has to be one that only reads, or begins a transaction
        (which is lost with its connection), or has no effect the second time. With `alone` it is a
        transaction by itself, otherwise it begins one.
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
