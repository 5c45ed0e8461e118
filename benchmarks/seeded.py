"""Long logs for what reads them: a history as long, or a short one repeated over ten years in SQL.

Only reading, folding and starting are measured on such a log, never writing. In a long run it is
a long history, written by the product (benchmarks/imported.py). In a shorter one, the first part is
written by the product. The repetitions are its very rows with later positions: documents get new
numbers, stock items and accounts get longer, and the copies go through ten years in their order,
purchases included, so that all sums stay sums of real lines. Hashes and chains are copied, so they
prove nothing; nobody verifies them here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from benchmarks.course import Ask, Course, asked
from benchmarks.imported import imported, whole_history
from benchmarks.sending import stream
from benchmarks.serving import served
from server.cli import status
from server.cli.channel import connected

_REPEATED: Final = """
    CREATE TABLE repeated AS
    SELECT row_number() OVER (ORDER BY position) AS nth, e.*,
           split_part(stream, '/', 1) = ANY('{stock,accounts,machines}') AS shared,
           count(*) OVER (PARTITION BY stream) AS in_stream,
           max(version) OVER (PARTITION BY stream) AS latest,
           row_number() OVER (PARTITION BY stream ORDER BY version) AS nth_in_stream
    FROM book_main.entries AS e JOIN book_main.topics AS t ON t.number = e.topic
    WHERE split_part(stream, '/', 1) = ANY(
              '{stock,accounts,machines,purchases,transfers,sales,claims,returns,payments}')
      AND t.name NOT LIKE '%.Opened' AND t.name NOT LIKE '%.Registered'
"""
_REPEAT: Final = r"""
    INSERT INTO book_main.entries (
        position, stream, version, topic, state, recorded_at, actor, principal, request_id,
        previous_hash, salt, leaf_hash
    )
    SELECT %s + (copy - 1) * (SELECT count(*) FROM repeated) + nth,
           CASE WHEN shared THEN stream ELSE stream || '~' || copy END,
           CASE WHEN shared THEN latest + (copy - 1) * in_stream + nth_in_stream ELSE version END,
           topic,
           regexp_replace(
               replace(state, '"2025-', '"' || 2016 + (copy - 1) * 10 / %s || '-'),
               '("caused_by":"[^"]+)', '\1~' || copy
           ),
           recorded_at, actor, principal, md5(request_id::text || copy)::uuid, previous_hash, salt,
           leaf_hash
    FROM generate_series(%s, %s) AS copy CROSS JOIN repeated
    ORDER BY copy, nth
"""
_COPIES_AT_ONCE: Final = 20


@contextmanager
def copied(course: Course, facts: int) -> Iterator[str]:
    """A database of its own with a log of about so many facts, its views at the end of it."""
    template = course.templates.get(facts)
    if template is None:
        template = course.templates[facts] = _written(course, facts) or _seeded(course, facts)
    with course.database(template) as url:
        yield url


def _written(course: Course, facts: int) -> str:
    """Where the scale has a history that long: the URL of one that is."""
    if course.scale.imported is None:
        return ""
    if facts == course.scale.facts:
        return course.once(whole_history).url
    return imported(course, replace(course.scale.imported, months=1)).url


def _seeded(course: Course, facts: int) -> str:
    course.told(f"seeding {facts:,} facts")
    url = course.lasting_database()
    seed(course, url, facts)
    return url


def seed(course: Course, url: str, facts: int) -> None:
    with served(url, course.log_file) as server:
        stream(server.address, course.workload.before)
        stream(server.address, course.workload.mixed)
    with asked(url) as ask:
        repeat(ask, facts)
        ask("VACUUM ANALYZE book_main.entries")
    with served(url, course.log_file) as server:
        await_views(server.address)
    with asked(url) as ask:
        ask("VACUUM ANALYZE")


def repeat(ask: Ask, facts: int) -> None:
    """Repeats the log of a book until it has so many facts, or a few more."""
    ((size,),) = ask("SELECT size FROM book_main.head")
    ask(_REPEATED)
    ((length,),) = ask("SELECT count(*) FROM repeated")
    copies = max(0, -(-(facts - size) // length))
    for first in range(1, copies + 1, _COPIES_AT_ONCE):
        ask(_REPEAT, size, copies, first, min(copies, first + _COPIES_AT_ONCE - 1))
    ask("UPDATE book_main.head SET size = %s", size + copies * length)
    ask("DROP TABLE repeated")


def await_views(address: str) -> None:
    """Returns when the views have all of the log."""
    with connected(address, "main") as connection:
        while (found := status.read(connection)).lag:
            status.wait_for_views(connection, found.head_position)


def facts_in(url: str) -> int:
    with asked(url) as ask:
        ((size,),) = ask("SELECT size FROM book_main.head")
    return int(size)
