"""What the log refuses: named after what is wrong, as refusals are.

    DataError ── EntryTooLarge
    IntegrityError ── BrokenChain
    NotSupportedError ── UnsupportedPostgres, UnsupportedEncoding, SchemaTaken, UnreadableLog,
        LogExists
    OperationalError ── StaleEpoch, UnexpectedSize
    ProgrammingError ── ServiceRoleUnavailable, GrantsMissing

The errors on the left are the library's; PostgreSQL's own refusals become the same ones
(server/postgres/errors.py).
"""

from collections.abc import Sequence
from typing import Self

from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)


class EntryTooLarge(DataError):  # noqa: N818
    """A fact does not fit an entry of the log."""

    def __init__(self, stream: str, size: int, limit: int) -> None:
        super().__init__(f"an entry of {stream!r} would take {size} bytes, of {limit} allowed")


class BrokenChain(IntegrityError):  # noqa: N818
    """An account stream may only be continued from its last entry."""

    def __init__(self, stream: str, version: int) -> None:
        super().__init__(f"version {version} of {stream!r} does not follow its last entry")


class StaleEpoch(OperationalError):  # noqa: N818
    """Another writer has taken the book over; this one must not append again."""

    def __init__(self, schema: str, epoch: int) -> None:
        super().__init__(
            f"another server has taken over the book in {schema!r}, and epoch {epoch} is over:"
            " call that one"
        )


class UnexpectedSize(OperationalError):  # noqa: N818
    """The log is not the one that was decided on: nothing was appended to it."""

    def __init__(self, schema: str, expected: int, found: int) -> None:
        gone = "its last entries are gone"
        why = gone if found < expected else "the answer to an append was lost"
        super().__init__(f"the log of {schema!r} has {found} entries, not {expected}: {why}")


class UnsupportedPostgres(NotSupportedError):  # noqa: N818
    """The server is older than the oldest PostgreSQL this log is tested on."""


class UnsupportedEncoding(NotSupportedError):  # noqa: N818
    """The database cannot hold the exact bytes of every fact."""


class SchemaTaken(NotSupportedError):  # noqa: N818
    """The schema holds something else, which a log must not lie among."""

    def __init__(self, schema: str, table: str) -> None:
        super().__init__(f"the schema {schema!r} is not a book's: it holds {table!r}, and no log")


class LogExists(NotSupportedError):  # noqa: N818
    """A log is to be put where there is something already."""

    def __init__(self, schema: str) -> None:
        super().__init__(f"the schema {schema!r}")


class UnreadableLog(NotSupportedError):  # noqa: N818
    """The log's facts are of a form, or in tables, that this version does not know."""

    @classmethod
    def without_form(cls, schema: str, readable: int) -> Self:
        return cls(
            f"the log in the schema {schema!r} does not say which form its facts have, so version"
            f" 0.1 wrote it, or one before; this version reads form {readable}, and none converts"
            f" such a log. Read it with the version that wrote it, and begin a new log here: with"
            f" another --data-dir, --database-url or --book"
        )

    @classmethod
    def of_later_form(cls, schema: str, found: int, readable: int) -> Self:
        return cls(
            f"the log in the schema {schema!r} may hold facts of form {found}, so a later version"
            f" of partsledger has written it; this version reads no form above {readable}. Start"
            f" that version, or a newer one"
        )

    @classmethod
    def of_other_tables(cls, schema: str, found: str, newest: str) -> Self:
        return cls(
            f"the tables of the log in the schema {schema!r} are those of migration {found}, so a"
            f" later version of partsledger has changed them; this version knows the migrations up"
            f" to {newest}. Start that version, or a newer one"
        )


class ServiceRoleUnavailable(ProgrammingError):  # noqa: N818
    """The role that may only insert and select can neither be found nor created."""


class GrantsMissing(ProgrammingError):  # noqa: N818
    """That role may not do what a server has to do, or lacks a table of the log."""

    @classmethod
    def to_be_given(cls, role: str, statements: Sequence[str]) -> Self:
        given = "; ".join(statements)
        return cls(f"the role {role} lacks rights that it needs. An administrator runs: {given}")

    @classmethod
    def of_views(cls, role: str, schema: str, owner: str) -> Self:
        return cls(
            f"the views in {schema} belong to {owner}, not to the role {role}. They can be made"
            f" again from the log: an administrator runs DROP SCHEMA {schema} CASCADE, and the next"
            f" start builds them"
        )
