"""Statements that a connection keeps: planned once, where planning takes longer than the rest.

    c.execute(kept(c, "SELECT … WHERE position > %(after)s", {"after": 7}))

Their plan is made without the values, so it has to be a good one for all of them.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from psycopg2.extensions import AsIs, connection, cursor

# To be set where kept statements are executed: they are never planned again for the values of one
# execution, and go by an index however short a table was when they were planned.
BY_INDEX: Final = """
    SET LOCAL plan_cache_mode = force_generic_plan;
    SET LOCAL enable_seqscan = off
"""

_NAMES: Final = re.compile(r"%\(([^)]+)\)s")


class _Kept(NamedTuple):
    execution: str
    parameters: tuple[str, ...]


_KEPT: Final[WeakKeyDictionary[connection, dict[str, _Kept]]] = WeakKeyDictionary()


def kept(
    c: cursor, statement: str, values: Mapping[str, Any], constants: Mapping[str, Any] | None = None
) -> bytes:
    """What executes a statement with these values; its connection prepares it the first time.

    `constants` are written into it, and have to be the same each time.
    """
    known = _KEPT.setdefault(c.connection, {})
    if statement not in known:
        known[statement] = _prepare(c, f"kept_{len(known)}", statement, constants or {})
    execution, parameters = known[statement]
    return c.mogrify(execution, [values[name] for name in parameters] or None)


def _prepare(c: cursor, name: str, statement: str, constants: Mapping[str, Any]) -> _Kept:
    names = dict.fromkeys(_NAMES.findall(statement))
    parameters = tuple(each for each in names if each not in constants)
    numbered = {each: AsIs(f"${number}") for number, each in enumerate(parameters, 1)}
    c.execute(f"PREPARE {name} AS ".encode() + c.mogrify(statement, {**constants, **numbered}))
    places = ", ".join(["%s"] * len(parameters))
    return _Kept(f"EXECUTE {name} ({places})" if parameters else f"EXECUTE {name}", parameters)
