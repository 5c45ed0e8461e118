"""What stored bytes of an older form mean today.

The log keeps what was written, for ever. When a fact gets another form, the new form gets a stored
topic of its own (`partsledger:Part.Registered.2`), so that one topic always means one form. Beside
the fact an upcaster says what bytes under the older topic are read as:

    @formerly("partsledger:Part.Registered")
    def _counted_in_pieces(stored: Fields) -> Readings:
        '''Parts were counted in pieces only.'''
        return [("partsledger:Part.Registered.2", {**stored, "unit": "piece"})]

It is written once and never changed: when the fact changes again, the next upcaster goes on from
what this one returns. docs/adding.md says what else belongs to a changed fact.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

Fields = dict[str, Any]  # A fact's JSON, without the fields that hold their default.
Readings = Sequence[tuple[str, Fields]]  # Topic and fields of each fact, in order, at least one.
Upcaster = Callable[[Fields], Readings]

UPCASTERS: Final[dict[str, Upcaster]] = {}  # By the topic that they read.


class Reading(NamedTuple):
    """One of the facts that stored bytes are read as."""

    topic: str
    state: bytes


def formerly(topic: str) -> Callable[[Upcaster], Upcaster]:
    """Makes a function the upcaster of what was stored under a topic."""

    def registered(upcaster: Upcaster) -> Upcaster:
        if topic in UPCASTERS:
            raise ValueError(f"{topic} has an upcaster already")
        UPCASTERS[topic] = upcaster
        return upcaster

    return registered


def today(topic: str, fields: Fields) -> Iterator[tuple[str, Fields]]:
    """The facts of today that the fields of an older one are read as."""
    upcaster = UPCASTERS.get(topic)
    if upcaster is None:
        yield topic, fields
        return
    for newer, changed in upcaster(fields):
        yield from today(newer, changed)


def upcast(topic: str, state: bytes) -> list[Reading]:
    """The same, from bytes to bytes."""
    return [_reading(newer, fields) for newer, fields in today(topic, json.loads(state))]


def upcast_as_one(topic: str, state: bytes) -> Reading:
    """One reading of one stored fact, also where it is read as several: for views and entries.

    Rows of views are named by position or version, and statements that were issued have counted
    them. So it has the lines of all of these facts, and otherwise what the last of them says, which
    is also the one that leaves the document in its state.
    """
    together: Fields = {}
    for newer, fields in today(topic, json.loads(state)):
        topic = newer
        for name, value in fields.items():
            before = together.get(name)
            lists = isinstance(before, list) and isinstance(value, list)
            together[name] = before + value if lists else value
    return _reading(topic, together)


def _reading(topic: str, fields: Fields) -> Reading:
    return Reading(topic, json.dumps(fields, ensure_ascii=False).encode())
