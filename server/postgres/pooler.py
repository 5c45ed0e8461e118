"""Finds out whether a pooler lends server connections for a transaction or a statement only.

Behind one, what a connection sets or prepares, the locks it holds and the news it listens for
belong to whoever is lent its server connection next. A pooler in session mode is in nobody's way.
"""

from contextlib import closing

from eventsourcing.persistence import NotSupportedError
from psycopg2 import OperationalError
from psycopg2.extensions import connection

from server.postgres.connecting import connect

_CONNECT_SECONDS = 10


class SharedSessions(NotSupportedError):  # noqa: N818 - Named after what is the matter.
    """Connections do not keep a session of their own."""

    def __init__(self) -> None:
        super().__init__(
            "a pooler gives each transaction another session, or allows none (as PgBouncer does"
            " with pool_mode = transaction or statement): name the PostgreSQL itself, or a pool in"
            " session mode"
        )


def require_own_sessions(dsn: str) -> None:
    """Raises SharedSessions. Behind no pooler it costs one connection."""
    with closing(connect(dsn, connect_timeout=_CONNECT_SECONDS)) as one:
        one.autocommit = True
        first = _session(one)
        if first == one.info.backend_pid:  # A pooler says another number when one connects.
            return
        with closing(connect(dsn, connect_timeout=_CONNECT_SECONDS)) as other:
            if not _keeps(one, other, first):
                raise SharedSessions


def _keeps(one: connection, other: connection, first: int) -> bool:
    """Whether one connection keeps its first session while the other is in a transaction.

    In a transaction the other takes the session that is free, or waits for one. With `pool_mode =
    statement` PgBouncer ends whoever begins a transaction.
    """
    try:
        return _session(other) != first and _session(one) == first
    except OperationalError:
        return False


def _session(opened: connection) -> int:
    with opened.cursor() as c:
        c.execute("SELECT pg_backend_pid()")
        ((pid,),) = c.fetchall()
    return int(pid)
