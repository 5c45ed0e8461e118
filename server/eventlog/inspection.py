"""Looks whether the log is what was written: cheaply enough for every start.

The head names the last entry. The newest entries and some that chance picks are there, each leaf
hash is that of the stored columns, and each entry follows the one before it in its stream. What was
altered elsewhere is found by whoever reads the whole log (server/cli/verify.py).
"""

from collections.abc import Collection, Iterator, Sequence
from random import SystemRandom
from typing import Final, NamedTuple

from psycopg2.extensions import cursor

from server.eventlog.books import book_of
from server.eventlog.entry import CHAINED_PREFIX, Entry, bytes_of, leaf_hash
from server.eventlog.rows import ENTRIES, ENTRY_READ, entry
from server.postgres.pool import Datastore

NEWEST: Final = 1_000
SAMPLED: Final = 1_000  # Of the others.
MOST_FAULTS: Final = 100  # Of one kind; the first of them say enough.

# All that is compared is read in one snapshot, whatever is appended meanwhile.
SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_ENDS: Final = """
    SELECT (SELECT size FROM {schema}.head),
           (SELECT min(position) FROM {schema}.entries),
           (SELECT max(position) FROM {schema}.entries)
"""
_SUSPECTS: Final = "SELECT position FROM {schema}.suspects"
_SUSPECT: Final = """
    INSERT INTO {schema}.suspects SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING
"""
_SOME: Final = f"SELECT {ENTRY_READ} FROM {ENTRIES} WHERE position = ANY(%s)"
_BEFORE: Final = """
    SELECT e.stream, e.version, e.position, e.leaf_hash
    FROM unnest(%s::text[], %s::bigint[]) AS wanted (stream, version)
    JOIN {schema}.entries AS e USING (stream, version)
"""
_ANSWERS: Final = """
    SELECT a.last_position, a.request_id, e.position IS NULL
    FROM {schema}.answers AS a
    LEFT JOIN {schema}.entries AS e ON e.position = a.last_position
    WHERE e.request_id IS DISTINCT FROM a.request_id
    ORDER BY a.last_position, a.request_id LIMIT %s
"""
_SNAPSHOTS: Final = """
    SELECT s.stream, s.version,
           (SELECT coalesce(max(position), 1) FROM {schema}.entries WHERE stream = s.stream)
    FROM {schema}.snapshots AS s
    LEFT JOIN {schema}.entries AS e USING (stream, version)
    WHERE e.position IS NULL
    ORDER BY s.stream, s.version LIMIT %s
"""


class Fault(NamedTuple):
    """Something in the log that nobody wrote; `what` goes on after "entry 7: "."""

    position: int
    what: str


class Inspection(NamedTuple):
    """What was looked at, and what was found wrong, by position."""

    size: int  # The length of the log, as its head says.
    leaves: int  # Leaf hashes that were made again.
    faults: list[Fault]


class Before(NamedTuple):
    position: int
    leaf_hash: bytes


def inspect(c: cursor, datastore: Datastore, asked: Collection[int] = ()) -> Inspection:
    """Looks at both ends of the log, at the newest entries, at a sample, at those `asked` for, and
    at those that an earlier look found altered.

    `c` is in a transaction of `SNAPSHOT`.
    """
    c.execute(datastore.sql(_ENDS))
    ((size, first, last),) = c.fetchall()
    first, last = first or 1, last or 0
    faults = list(ends(size or 0, first, last))
    book = book_of(datastore.schema)
    c.execute(datastore.sql(_SUSPECTS))
    wanted = _wanted(last, {*asked, *(position for (position,) in c.fetchall())})
    c.execute(datastore.sql(_SOME), (sorted(wanted),))
    entries = [entry(book, row) for row in c.fetchall()]
    gone = wanted - {each.position for each in entries}
    faults += [Fault(position, "it is missing") for position in sorted(gone)[:MOST_FAULTS]]
    before = _those_before(c, datastore, entries)
    for each in entries:
        faults += wrong(each, before.get((each.stream, each.version - 1)))
    return Inspection(size or 0, len(entries), sorted(set(faults)))


def suspect(datastore: Datastore, faults: Collection[Fault]) -> None:
    """Has these entries looked at again by every later look, after any number of starts. It accuses
    nobody: an entry that is sound is found so."""
    with datastore.cursor() as c:
        c.execute(datastore.sql(_SUSPECT), (sorted({fault.position for fault in faults}),))


def inspect_answers(c: cursor, datastore: Datastore) -> Iterator[Fault]:
    """Looks whether stored answers and snapshots are of entries that the log has. Reads all of
    them: some seconds for a million."""
    c.execute(datastore.sql(_ANSWERS), (MOST_FAULTS,))
    for position, request_id, missing in c.fetchall():
        where = "it is missing" if missing else "it is of another"
        yield Fault(position, f"{where}, and request {request_id} was answered with it")
    c.execute(datastore.sql(_SNAPSHOTS), (MOST_FAULTS,))
    for stream, version, position in c.fetchall():
        what = f"a snapshot has version {version} of {stream}, which comes after it and is missing"
        yield Fault(position, what)


def ends(size: int, first: int, last: int) -> Iterator[Fault]:
    if first > 1:
        yield Fault(1, f"it is missing: the first one is {first}")
    if last < size:
        yield Fault(last + 1, f"it is missing: the head says that there are {size} entries")
    if last > size:
        yield Fault(size + 1, f"it is there, and the head says that there are {size} entries")


def _wanted(last: int, asked: Collection[int]) -> set[int]:
    """The newest, a sample that nobody can foresee, and what was asked for, as far as it is."""
    older = range(1, max(1, last - NEWEST + 1))
    newest = range(older.stop, last + 1)
    sample = SystemRandom().sample(older, min(SAMPLED, len(older)))
    return {*newest, *sample, *(position for position in asked if 0 < position <= last)}


def _those_before(
    c: cursor, datastore: Datastore, entries: Sequence[Entry]
) -> dict[tuple[str, int], Before]:
    """Of each entry, the one before it in its stream."""
    wanted = [(each.stream, each.version - 1) for each in entries if each.version > 1]
    streams, versions = [stream for stream, _ in wanted], [version for _, version in wanted]
    c.execute(datastore.sql(_BEFORE), (streams, versions))
    return {
        (stream, version): Before(position, bytes(leaf))
        for stream, version, position, leaf in c.fetchall()
    }


def wrong(each: Entry, before: Before | None) -> Iterator[Fault]:
    if leaf_hash(bytes_of(each)) != each.leaf_hash:
        yield Fault(each.position, "its leaf hash is not that of what is stored")
    named = f"version {each.version} of {each.stream}"
    if each.version < 1 or (before is None and each.version > 1):
        yield Fault(each.position, f"it is {named}, and the version before is missing")
    if before is not None and before.position > each.position:
        yield Fault(each.position, f"it is {named}, and the version before stands behind it")
    previous = b""
    if each.stream.startswith(CHAINED_PREFIX) and before is not None:
        previous = before.leaf_hash
    if each.previous_hash != previous:
        yield Fault(each.position, f"it is {named}, and does not name the entry before by its hash")
