"""Where the time of P1 and P3 goes: by thread of the server, by room within the writer's thread."""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final

from benchmarks.course import Course
from benchmarks.p03_many_callers import CALLERS
from benchmarks.profiled_server import BEGINS
from benchmarks.sending import Sent, at_once, stream
from benchmarks.serving import listening
from server.erp.folder import Ordered

_TOP: Final = 15
_DATABASE: Final = ("psycopg2", "psycopg")
_IDLE: Final = "waiting for commands or for the commit before"
_WAITING: Final = ("SimpleQueue", "acquire")
_ROOMS: Final = (
    ("/domain/", "deciding: domain/"),
    ("/server/eventlog/", "the log: server/eventlog/"),
    ("/server/", "the writer: server/"),
    ("/projections/", "views"),
    ("/eventsourcing/", "the library"),
    ("/msgspec", "msgspec"),
    ("/psycopg2/", "PostgreSQL"),
)


def as_markdown(course: Course) -> str:
    """The generated part of the page: tables of shares, of the stream and of single calls."""
    return "\n\n".join(
        (
            "#### P1: the import stream",
            *_tables(course, lambda address: stream(address, course.workload.mixed)),
            f"#### P3: {CALLERS} callers at once",
            *_tables(course, lambda address: at_once(address, _calls(course), CALLERS)),
        )
    )


def _calls(course: Course) -> Sequence[Ordered]:
    return course.workload.mixed[: course.scale.pairs * course.scale.unary]


def _tables(course: Course, send: Callable[[str], Sent]) -> Iterator[str]:
    threads: Counter[str] = Counter(_profiled(course, send)["threads"])
    functions = _profiled(course, send, "--writer")["functions"]
    rooms: Counter[str] = Counter()
    for file, name, seconds in functions:
        rooms[room(file, name)] += seconds
    waiting = rooms.pop(_IDLE, 0.0)
    own: Counter[str] = Counter()
    for file, name, seconds in functions:
        if room(file, name) != _IDLE:
            own[_called(file, name)] += seconds
    busy = sum(rooms.values())
    yield "Processor time of the server by thread:"
    yield _table("thread", threads)
    yield (
        f"The writer's thread under cProfile, {busy:.1f} s at work and {waiting:.1f} s {_IDLE}."
        " Calls of Python functions look dearer there than they are:"
    )
    yield _table("room", rooms)
    yield "The functions that take most of it by themselves:"
    yield _table("function", Counter(dict(own.most_common(_TOP))), busy)


def _profiled(course: Course, send: Callable[[str], Sent], *options: str) -> Any:
    """What a server says of what is sent to it, once it has its base data."""
    out = course.folder / "profile.json"
    with course.database() as url:
        program = [sys.executable, "-m", "benchmarks.profiled_server", url, str(out), *options]
        with listening(program, course.log_file) as server:
            stream(server.address, course.workload.before)
            os.kill(server.pid, BEGINS)
            send(server.address)
    return json.loads(out.read_text())


def room(file: str, name: str) -> str:
    """Whose time a function's is, by its file; built-in functions by their name."""
    if any(word in name for word in _WAITING):
        return _IDLE
    if any(word in name for word in _DATABASE):
        return "PostgreSQL"
    if "msgspec" in name:
        return "msgspec"
    for part, found in _ROOMS:
        if part in file:
            return found
    return "Python itself: built-in functions and its library"


def _called(file: str, name: str) -> str:
    return name.strip("<>") if file == "~" else f"{PurePath(file).name}: {name.strip('<>')}"


def _table(heading: str, seconds: Counter[str], total: float = 0.0) -> str:
    total = total or sum(seconds.values()) or 1.0
    rows = [f"| {heading} | share |", "| --- | --- |"]
    rows += [f"| {name} | {100 * taken / total:.0f} % |" for name, taken in seconds.most_common()]
    return "\n".join(rows)
