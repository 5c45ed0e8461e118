"""P11: from the start of the server to its first answered write, with a long log and an empty one.

Both books have been served before, so that what is made once, at the first start, is there. The
long log is one that the product has written: one that is repeated in SQL does not have the hashes
of what it holds, and no server writes to that.
"""

import time
from collections.abc import Iterator
from uuid import uuid4

from benchmarks.course import Course
from benchmarks.pairs import AT_MOST, Goal, Line, Pair
from benchmarks.seeded import copied, facts_in
from benchmarks.serving import served
from partsledger.v1.part_service_pb2 import CreatePartRequest, Part, PartClass
from partsledger.v1.part_service_pb2_grpc import PartServiceStub
from server.cli.channel import connected

NUMBERS = ("P11",)


def measure(course: Course) -> Iterator[Line]:
    pairs = []
    written = course.scale.facts if course.scale.imported else 0  # 0: no more than was written.
    with course.database() as empty, copied(course, written) as long:
        starting(course, empty)
        starting(course, long)
        for number in range(1, course.scale.pairs + 1):
            course.told(f"P11, pair {number} of {course.scale.pairs}")
            pairs.append(Pair(starting(course, empty), starting(course, long)))
        facts = facts_in(long)
    yield Line("P11", f"start to first write, {facts:,} facts", "an empty log", "s",
               tuple(pairs), Goal(AT_MOST, 2))  # fmt: skip


def starting(course: Course, url: str) -> float:
    """Seconds until a new part is recorded."""
    started = time.perf_counter()
    with served(url, course.log_file) as server, connected(server.address, "main") as connection:
        connection.ask(
            PartServiceStub(connection.channel).CreatePart,
            CreatePartRequest(
                parent="books/main", request_id=str(uuid4()), part_id=f"S-{uuid4().hex[:12]}",
                part=Part(description="started", part_class=PartClass.PART_CLASS_WEAR),
            ),
        )  # fmt: skip
        return time.perf_counter() - started
