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

    It is the epoch that keeps them from writing. Ending their connections only saves waiting for a
    timeout, if one of them is frozen while it holds the head row.
    """
    opened = datastore.connect(f"takeover of {datastore.schema}", as_service=False)
    try:
        with opened.cursor() as c:
            c.execute(_TERMINATE, (name,))
    except psycopg2.errors.InsufficientPrivilege:
        pass  # The timeout will end it.
    finally:
        opened.close()
