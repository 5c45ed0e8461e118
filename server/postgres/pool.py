"""Connections to a book: pooled ones that read, and those a writer or a listener keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final, Literal, cast

import psycopg2
from psycopg2 import extensions
from psycopg2.sql import SQL, Identifier
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from server.postgres.connecting import connect
from server.postgres.errors import library_errors
from server.postgres.prepared import PreparingConnection

SERVICE_ROLE = "partsledger_service"

TRUSTED_SECONDS: Final = 1  # A connection used less long ago is handed out without a check.

OriginatorIdType = Literal["text", "uuid"]


class Datastore:
    """One book's schema on one PostgreSQL server.

    Every connection works as the service role, which may add to the log and read it, and cannot
    change what is in it. Pooled connections are in autocommit: a single SELECT needs no transaction
    around it. With a `mark`, no server but the one that was started with it is used
    (connecting.py).
    """

    def __init__(
        self,
        dsn: str,
        schema: str,
        *,
        mark: str | None = None,
        originator_id_type: OriginatorIdType = "text",
        pool_size: int = 5,
        max_overflow: int = 10,
        pool_timeout: float = 30,
        connect_timeout: int = 5,
        idle_in_transaction_timeout: int = 5,
    ) -> None:
        self.dsn = dsn
        self.mark = mark
        self.schema = schema
        self.originator_id_type = originator_id_type
        self.idle_in_transaction_timeout = idle_in_transaction_timeout
        self._quoted = '"' + schema.replace('"', '""') + '"'
        self._connect_timeout = connect_timeout
        self._pool = QueuePool(
            lambda: cast(DBAPIConnection, self.connect(f"reader of {schema}")),
            pool_size=pool_size,
            max_overflow=max_overflow,
            timeout=pool_timeout,
            use_lifo=True,
        )

    def sql(self, statement: str) -> str:
        """A statement with the book's schema in place of `{schema}`."""
        return statement.replace("{schema}", self._quoted)

    def connect(self, application_name: str, *, as_service: bool = True) -> PreparingConnection:
        """A new connection, in autocommit, its times in UTC. Raises psycopg2's errors."""
        opened = connect(
            self.dsn,
            self.mark,
            connection_factory=PreparingConnection,
            connect_timeout=self._connect_timeout,
            application_name=application_name,
        )
        assert isinstance(opened, PreparingConnection)
        try:
            opened.autocommit = True
            with opened.cursor() as c:
                c.execute(
                    "SET idle_in_transaction_session_timeout = %s",
                    (self.idle_in_transaction_timeout * 1000,),
                )
                if as_service:
                    c.execute(SQL("SET ROLE {}").format(Identifier(SERVICE_ROLE)))
        except BaseException:
            opened.close()
            raise
        return opened

    @contextmanager
    def cursor(self) -> Iterator[extensions.cursor]:
        """A cursor on a pooled connection; each statement is its own transaction."""
        with self._checkout() as pooled, pooled.cursor() as c:
            yield c

    @contextmanager
    def transaction(self) -> Iterator[extensions.cursor]:
        """A cursor whose statements commit together, or not at all."""
        with self._checkout() as pooled:
            pooled.autocommit = False
            try:
                with pooled, pooled.cursor() as c:  # psycopg2: commits, or rolls back.
                    yield c
            finally:
                if not pooled.closed:
                    pooled.autocommit = True

    @contextmanager
    def _checkout(self) -> Iterator[extensions.connection]:
        with library_errors():
            fairy = self._answering()
            pooled = cast(extensions.connection, fairy.dbapi_connection)
            try:
                yield pooled
            finally:
                if pooled.closed:
                    fairy.invalidate()
                else:
                    fairy.info["used"] = monotonic()
                fairy.close()

    def _answering(self) -> PoolProxiedConnection:
        """A pooled connection; one that was not used for a moment is first checked, and replaced
        if its server is gone."""
        while True:
            fairy = self._pool.connect()
            used = fairy.info.get("used")
            pooled = cast(extensions.connection, fairy.dbapi_connection)
            if used is None or monotonic() - used < TRUSTED_SECONDS or _answers(pooled):
                return fairy
            fairy.invalidate()
            fairy.close()

    def close(self) -> None:
        """Closes the pooled connections. The datastore may be used again."""
        self._pool.dispose()


def _answers(pooled: extensions.connection) -> bool:
    try:
        with pooled.cursor() as c:
            c.execute("SELECT 1")
    except psycopg2.Error:
        return False
    return True
