"""Where the time of P1 goes: by thread of the server, and by room within the writer's thread."""

import json
import sys
from collections import Counter
from pathlib import PurePath
from typing import Any, Final

from benchmarks.course import Course
from benchmarks.sending import stream
from benchmarks.serving import listening

_TOP: Final = 15
_DATABASE: Final = ("psycopg2", "psycopg")
_WAITING: Final = ("SimpleQueue", "acquire")
_ROOMS: Final = (
    ("/domain/", "deciding: domain/"),
    ("/server/eventlog/", "the log: server/eventlog/"),
    ("/server/", "the writer: server/"),
    ("/projections/", "views"),
    ("/eventsourcing/", "the library"),
    ("/pydantic", "pydantic"),
    ("/psycopg2/", "PostgreSQL"),
)


def as_markdown(course: Course) -> str:
    """The generated part of the page: two tables of shares."""
    threads: Counter[str] = Counter(_profiled(course)["threads"])
    functions = _profiled(course, "--writer")["functions"]
    rooms: Counter[str] = Counter()
    for file, name, seconds in functions:
        rooms[room(file, name)] += seconds
    waiting = rooms.pop("waiting for commands", 0.0)
    own: Counter[str] = Counter()
    for file, name, seconds in functions:
        if room(file, name) != "waiting for commands":
            own[_called(file, name)] += seconds
    busy = sum(rooms.values())
    return "\n\n".join(
        (
            "Processor time of the server by thread, while P1 runs:",
            _table("thread", threads),
            f"The writer's thread under cProfile, {busy:.1f} s at work and {waiting:.1f} s waiting"
            " for commands. Calls of Python functions look dearer there than they are:",
            _table("room", rooms),
            "The functions that take most of it by themselves:",
            _table("function", Counter(dict(own.most_common(_TOP))), busy),
        )
    )


def _profiled(course: Course, *options: str) -> Any:
    out = course.folder / "profile.json"
    with course.database() as url:
        program = [sys.executable, "-m", "benchmarks.profiled_server", url, str(out), *options]
        with listening(program, course.log_file) as server:
            stream(server.address, course.workload.before)
            stream(server.address, course.workload.mixed)
    return json.loads(out.read_text())


def room(file: str, name: str) -> str:
    """Whose time a function's is, by its file; built-in functions by their name."""
    if any(word in name for word in _WAITING):
        return "waiting for commands"
    if any(word in name for word in _DATABASE):
        return "PostgreSQL"
    if "pydantic" in name:
        return "pydantic"
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
