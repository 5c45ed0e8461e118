"""What the views need of a connection: that it keeps the statements it has prepared.

    c.execute(prepared(c, "SELECT … WHERE position > %(after)s", {"after": 7}))

Their plans are made without the values, so they have to be good ones for all of them.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

from psycopg2.extensions import cursor

Values = Mapping[str, Any]

# To be set where prepared statements are executed: they are never planned again for the values of
# one execution, and go by an index however short a table was when they were planned.
BY_INDEX: Final = """
    SET LOCAL plan_cache_mode = force_generic_plan;
    SET LOCAL enable_seqscan = off
"""


class Prepares(Protocol):
    """A connection that keeps what it has prepared."""

    def prepared(self, statement: str, values: Values, constants: Values | None, /) -> bytes: ...


def prepared(c: cursor, statement: str, values: Values, constants: Values | None = None) -> bytes:
    """What executes a statement with these values; its connection prepares it the first time.

    `constants` are written into it, and have to be the same each time.
    """
    return cast(Prepares, c.connection).prepared(statement, values, constants)
