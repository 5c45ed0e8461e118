"""Does to a log what a failover does to a replica that lacked the last entries."""

from psycopg2.extensions import cursor

_CUT = """
    ALTER TABLE entries DISABLE TRIGGER only_grows;
    ALTER TABLE answers DISABLE TRIGGER only_grows;
    DELETE FROM answers WHERE last_position > %(size)s;
    DELETE FROM entries WHERE position > %(size)s;
    UPDATE head SET size = %(size)s;
    ALTER TABLE entries ENABLE ALWAYS TRIGGER only_grows;
    ALTER TABLE answers ENABLE ALWAYS TRIGGER only_grows;
"""

# The two statements that append, what fences them by size, and what takes its place.
UNFENCED = (
    ("server.eventlog.append._MOVE_HEAD", "AND size = %s", "AND size + %s >= 0"),
    ("server.eventlog.short_append.STATEMENT", "AND size = %(size)s", ""),
)


def cut_off(owner: cursor, size: int) -> None:
    """Leaves so many entries; `owner` is a superuser in the book's schema."""
    owner.execute(_CUT, {"size": size})
