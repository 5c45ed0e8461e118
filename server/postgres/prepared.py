"""A connection that keeps what it prepares: planned once, where planning takes most of the time.

    c.execute(connection.prepared("SELECT … WHERE position > %(after)s", {"after": 7}))

Such a plan is made without the values, so it has to be a good one for all of them.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from psycopg2.extensions import AsIs, connection

Values = Mapping[str, Any]

_NAMES: Final = re.compile(r"%\(([^)]+)\)s")


class _Prepared(NamedTuple):
    execution: str
    parameters: tuple[str, ...]


class PreparingConnection(connection):
    """For `connection_factory` of psycopg2; what it has prepared ends with it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._prepared: dict[str, _Prepared] = {}
        self._own = self.cursor()  # The caller's may be in the middle of its rows.

    def prepared(self, statement: str, values: Values, constants: Values | None = None) -> bytes:
        """What executes a statement with these values; the first time, it is prepared.

        `constants` are written into it, and have to be the same each time.
        """
        known = self._prepared.get(statement)
        if known is None:
            known = self._prepared[statement] = self._prepare(statement, constants or {})
        execution, parameters = known
        return self._own.mogrify(execution, [values[name] for name in parameters] or None)

    def _prepare(self, statement: str, constants: Values) -> _Prepared:
        name = f"prepared_{len(self._prepared)}"
        names = dict.fromkeys(_NAMES.findall(statement))
        parameters = tuple(each for each in names if each not in constants)
        numbered = {each: AsIs(f"${number}") for number, each in enumerate(parameters, 1)}
        text = self._own.mogrify(statement, {**constants, **numbered})
        self._own.execute(f"PREPARE {name} AS ".encode() + text)
        places = ", ".join(["%s"] * len(parameters))
        return _Prepared(
            f"EXECUTE {name} ({places})" if parameters else f"EXECUTE {name}", parameters
        )
