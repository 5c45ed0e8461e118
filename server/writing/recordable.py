"""Checks, for each command by itself, that the log and the views can hold its facts.

The log would refuse such a fact together with the whole group, and the views would fail on it
later.
"""

import re
from collections.abc import Sequence
from typing import Final

from eventsourcing.persistence import StoredEvent

from domain.errors import InvalidValue

MAX_FACT_BYTES: Final = 60_000  # An entry holds 65,535; the rest is its frame.

# NUL as JSON writes it: an escape, and not an escaped backslash before the letters "u0000".
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def require_recordable(events: Sequence[StoredEvent]) -> None:
    """Raises InvalidValue for a fact that is too long, or holds a NUL, which no view can."""
    for event in events:
        if len(event.state) > MAX_FACT_BYTES:
            rule = f"a fact holds at most {MAX_FACT_BYTES} bytes: split the document"
            raise InvalidValue("lines", f"{len(event.state)} bytes", rule)
        if b"u0000" in event.state and _NUL.search(event.state):
            raise InvalidValue("text", event.topic, "must not hold NUL")
