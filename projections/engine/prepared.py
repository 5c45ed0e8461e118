"""What the views need of a connection: that it keeps statements, planned once for all values.

c.execute(prepared(c, "SELECT … WHERE position > %(after)s", {"after": 7}))
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol, cast

from psycopg2.extensions import cursor

# To be set where prepared statements are executed: they are never planned again for the values of
# one execution, and go by an index however short a table was when they were planned.
BY_INDEX: Final = """
    SET LOCAL plan_cache_mode = force_generic_plan;
    SET LOCAL enable_seqscan = off
"""


class Prepares(Protocol):
    """A connection that keeps what it has prepared."""

    def prepared(
        self,
        statement: str,
        values: Mapping[str, Any],
        constants: Mapping[str, Any] | None = None,
        /,
    ) -> bytes:
        """What executes a statement with these values; the first time, it is prepared.

        `constants` are written into it, and have to be the same each time.
        """


def prepared(
    c: cursor, statement: str, values: Mapping[str, Any], constants: Mapping[str, Any] | None = None
) -> bytes:
    """What executes a statement on this connection, which has to be one that `Prepares`."""
    return cast(Prepares, c.connection).prepared(statement, values, constants)
