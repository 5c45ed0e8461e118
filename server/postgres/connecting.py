"""Opens connections, and makes sure that the server which answers is the one that is meant.

libpq takes what a connection is not told from the environment: PGHOSTADDR, for one, wins over the
directory of a socket, and PGSERVICE names a file with an answer to everything. That is as it should
be for a server of `--database-url`. The private one has to be reached whatever they say, and no
other: so libpq's variables are taken out of the environment of a process that starts one, and each
connection to it asks for the *mark*, which that server was given when it was started, and which
nobody else knows.

What the program depends on is set by every connection: somebody may have set it otherwise for the
database or the role.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

import psycopg2
from psycopg2.extensions import connection, cursor

MARK: Final = "partsledger.mark"  # A setting of the server; PostgreSQL lets any program have some.

# What the program depends on, whatever is set for the database, the role or the server. Limits that
# a connection needs it sets after these.
SETTINGS: Final = {
    "statement_timeout": "0",  # A long report is not to be cut off.
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "search_path": "pg_catalog",  # Every statement names its schema.
    "array_nulls": "on",
    "bytea_output": "hex",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "transform_null_equals": "off",
    "plan_cache_mode": "auto",
    "jit": "off",  # It takes longer than these queries.
}
_SET: Final = "; ".join(f"SET {name} = '{value}'" for name, value in SETTINGS.items())
# Not all supported versions have these.
_SET_IF_KNOWN: Final = """
    SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
    WHERE name IN ('transaction_timeout', 'idle_session_timeout')
"""
# psycopg2 looks at this one when it connects, and never again: so it is said when connecting.
_STANDARD_STRINGS: Final = "standard_conforming_strings"

_LIBPQ: Final = "PG"  # All of libpq's variables begin so, and those of PostgreSQL's programs.


class WrongServer(psycopg2.OperationalError):
    """Another server answers than the one that was started here. Nothing was asked of it."""

    def __init__(self, opened: connection) -> None:
        where = opened.get_dsn_parameters()
        address = where.get("hostaddr") or where.get("host") or "an unknown address"
        super().__init__(
            f"another PostgreSQL answers at {address}, port {where.get('port')}, than the private "
            "one that was started here: it is neither read nor written"
        )


def without_libpq(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without the variables that libpq and PostgreSQL's programs read."""
    return {name: value for name, value in environment.items() if not name.startswith(_LIBPQ)}


def forget_libpq() -> None:
    """Takes libpq's variables out of this process's environment.

    Some of them (PGSERVICE, PGTZ, PGDATESTYLE, PGSYSCONFDIR) cannot be overruled in any other way.
    """
    for name in os.environ.keys() - without_libpq(os.environ).keys():
        del os.environ[name]


def connect(dsn: str, mark: str | None = None, **options: Any) -> connection:
    """A new connection with our `SETTINGS`; with a mark, to the server that was started with it
    and to no other.

    Raises psycopg2's errors, of which `WrongServer` is one.
    """
    options = {"client_encoding": "UTF8", **options}
    opened: connection = psycopg2.connect(dsn, **options)
    if opened.get_parameter_status(_STANDARD_STRINGS) == "off":
        asked = opened.get_dsn_parameters().get("options", "")
        opened.close()
        options["options"] = f"{asked} -c {_STANDARD_STRINGS}=on"
        opened = psycopg2.connect(dsn, **options)
    try:
        opened.autocommit = True
        with opened.cursor() as c:
            if mark is not None:
                _require(opened, c, mark)
            c.execute(f"{_SET}; {_SET_IF_KNOWN}")
        opened.autocommit = False
    except BaseException:
        opened.close()
        raise
    return opened


def _require(opened: connection, c: cursor, mark: str) -> None:
    c.execute("SELECT current_setting(%s, true)", (MARK,))
    if c.fetchone() != (mark,):
        raise WrongServer(opened)
