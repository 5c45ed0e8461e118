"""Where the views stop: at the first entry that cannot be read.

A fold passes over what it does not know. So a kind of fact that this version does not know is
looked for before each step: by the names of kinds, of which a log has a few dozen. What is no fact
of its kind shows when it is folded.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from psycopg2.extensions import cursor

import domain.aggregates  # noqa: F401 - Kinds of facts are known once it is imported.
from domain.errors import EntryUnreadable
from domain.storing import require_known, require_readable
from projections.engine.errors import EntryStops
from projections.engine.schemas import Schemas

_KINDS: Final = "SELECT number, name FROM {log}.topics"
_FIRST_OF: Final = """
    SELECT position FROM {log}.entries
    WHERE position > %s AND position <= %s AND topic = ANY(%s) ORDER BY position LIMIT 1
"""
_ENTRIES: Final = """
    SELECT position, name, stream, version, state FROM {log}.entries JOIN {log}.topics
    ON number = topic WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
"""
_AT_ONCE: Final = 1_000


def before_unknown(c: cursor, at: Schemas, after: int, through: int) -> int:
    """How far a fold may go before the first entry of a kind that this version does not know.

    Raises EntryStops where that is the next one.
    """
    c.execute(at.sql(_KINDS))
    unknown = [number for number, name in c.fetchall() if not _is_known(name)]
    if not unknown:
        return through
    c.execute(at.sql(_FIRST_OF), (after, through, unknown))
    found = c.fetchone()
    return through if found is None else _stopped(c, at, after, int(found[0]))


def before_unreadable(
    c: cursor, at: Schemas, after: int, through: int, go_on: Callable[[], None] = lambda: None
) -> int:
    """The same, where a fold has failed; `through` where every entry can be read.

    `go_on` is called now and then, and raises where nobody waits any more.
    """
    position = after
    while position < through:
        go_on()
        c.execute(at.sql(_ENTRIES), (position, through, _AT_ONCE))
        entries = c.fetchall()
        for position, topic, stream, version, state in entries:
            try:
                require_readable(topic, state.encode(), stream, version)
            except EntryUnreadable:
                return _stopped(c, at, after, position)
        if not entries:
            break
    return through


def require_readable_log(c: cursor, at: Schemas, size: int, go_on: Callable[[], None]) -> None:
    """Raises EntryStops for the first entry that cannot be read, whether a view reads it or not."""
    readable = before_unreadable(c, at, 0, size, go_on)
    if readable < size:
        before_unreadable(c, at, readable, size)


def _stopped(c: cursor, at: Schemas, after: int, position: int) -> int:
    if position > after + 1:
        return position - 1
    c.execute(at.sql(_ENTRIES), (position - 1, position, 1))
    for _, topic, stream, version, state in c.fetchall():
        try:
            require_readable(topic, state.encode(), stream, version)
        except EntryUnreadable as unreadable:
            raise EntryStops(position, unreadable) from unreadable
    return position


@lru_cache(maxsize=1_000)
def _is_known(topic: str) -> bool:
    try:
        require_known(topic)
    except LookupError:
        return False
    return True
