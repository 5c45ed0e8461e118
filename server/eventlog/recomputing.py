"""Recomputes a whole log in its database: every entry, the head, answers and snapshots.

`inspection.py` looks at some entries, so that a server starts at once. This reads all of them, some
ten thousand a second.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from psycopg2.extensions import connection

from server.eventlog.books import book_of
from server.eventlog.entry import Entry
from server.eventlog.inspection import MOST_FAULTS, Before, Fault, ends, inspect_answers, wrong
from server.eventlog.rows import ENTRIES, ENTRY_READ, entry
from server.eventlog.tree import Tree
from server.postgres.pool import Datastore

# As a text: a connection that SQLAlchemy has opened would make an object of it.
_READ: Final = ENTRY_READ.replace("request_id", "request_id::text")
_ALL: Final = f"SELECT {_READ} FROM {ENTRIES} ORDER BY position"
_HEAD: Final = "SELECT size FROM {schema}.head"
_AT_A_TIME: Final = 5_000  # Entries that are in memory.


class Recomputed(NamedTuple):
    """What a log is, and what was found wrong in it, by position."""

    position: int  # Of the last entry.
    last_hash: bytes  # Its leaf hash; empty in an empty log.
    root_hash: bytes
    faults: list[Fault]


def recompute(
    opened: connection, datastore: Datastore, told: Callable[[int], None] = lambda position: None
) -> Recomputed:
    """Reads all entries in the transaction that `opened` is in; `told` is how far it has come."""
    tree, faults = Tree(), list[Fault]()
    last = Before(0, b"")
    for each, wrongs in _entries(opened, datastore):
        faults += wrongs
        if each.position != last.position + 1:
            faults.append(Fault(last.position + 1, f"it is missing: {each.position} comes next"))
        if len(faults) > MOST_FAULTS:
            return Recomputed(each.position, each.leaf_hash, tree.root(), sorted(faults))
        last = Before(each.position, each.leaf_hash)
        tree.add(each.leaf_hash)
        if each.position % _AT_A_TIME == 0:
            told(each.position)
    with opened.cursor() as c:
        c.execute(datastore.sql(_HEAD))
        for (size,) in c.fetchall() or [(0,)]:  # A head that is gone says as much as none.
            faults += ends(size, 1, last.position)
        faults += inspect_answers(c, datastore)
    return Recomputed(last.position, last.leaf_hash, tree.root(), sorted(set(faults)))


def _entries(opened: connection, datastore: Datastore) -> Iterator[tuple[Entry, list[Fault]]]:
    """Every entry by its position, and what is wrong with it and its place in its stream."""
    book = book_of(datastore.schema)
    newest: dict[str, tuple[int, Before]] = {}  # Of each stream, its last version so far.
    with opened.cursor("all_entries") as c:
        c.itersize = _AT_A_TIME
        c.execute(datastore.sql(_ALL))
        for row in c:
            each = entry(book, row)
            version, before = newest.get(each.stream, (0, None))
            yield each, list(wrong(each, before if version == each.version - 1 else None))
            newest[each.stream] = each.version, Before(each.position, each.leaf_hash)
