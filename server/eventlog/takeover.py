"""Ends the connections of those who wrote a book before."""

from typing import Final

import psycopg2.errors

from server.postgres.pool import Datastore

_TERMINATE: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = %s AND pid <> pg_backend_pid()
"""


def terminate_writers(datastore: Datastore, name: str) -> None:
    """Ends other writers' connections, as far as we may.

    What fences them is the epoch. This only spares the takeover the wait for a timeout, should
    one of them be frozen while it holds the head row.
    """
    opened = datastore.connect(f"takeover of {datastore.schema}", as_service=False)
    try:
        with opened.cursor() as c:
            c.execute(_TERMINATE, (name,))
    except psycopg2.errors.InsufficientPrivilege:
        pass  # Its timeout will do it.
    finally:
        opened.close()
