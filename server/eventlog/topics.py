"""The numbers of the stored names of facts: an entry has the number in its row, and is hashed with
the name."""

from collections.abc import Set
from typing import Final

from psycopg2.extensions import cursor

from server.eventlog.rows import Topics
from server.postgres.pool import Datastore

_ALL: Final = "SELECT name, number FROM {schema}.topics"
_ADD: Final = """
    INSERT INTO {schema}.topics (name, number)
    SELECT name, (SELECT coalesce(max(number), 0) FROM {schema}.topics) + nth
    FROM unnest(%s::text[]) WITH ORDINALITY AS new (name, nth)
    RETURNING name, number
"""


def read_topics(c: cursor, datastore: Datastore) -> Topics:
    c.execute(datastore.sql(_ALL))
    return _numbered(c)


def with_new_topics(c: cursor, datastore: Datastore, known: Topics, names: Set[bytes]) -> Topics:
    """Numbers those that are new, in the caller's transaction, which holds the head: no one else
    adds a topic."""
    new = sorted(names - known.keys())
    if not new:
        return known
    c.execute(datastore.sql(_ADD), ([name.decode() for name in new],))
    return {**known, **_numbered(c)}


def _numbered(c: cursor) -> Topics:
    return {name.encode(): number for name, number in c.fetchall()}
