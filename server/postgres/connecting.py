"""Opens connections, and makes sure that the server which answers is the one that is meant.

libpq takes what a connection is not told from the environment: PGHOSTADDR, for one, wins over the
directory of a socket, and PGSERVICE names a file with an answer to everything. That is as it should
be for a server of `--database-url`. The private one has to be reached whatever they say, and no
other: so libpq's variables are taken out of the environment of a process that starts one, and each
connection to it asks for the *mark*, which that server was given when it was started, and which
nobody else knows.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

import psycopg2
from psycopg2.extensions import connection

MARK: Final = "partsledger.mark"  # A setting of the server; PostgreSQL lets any program have some.

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
    """A new connection; with a mark, to the server that was started with it and to no other.

    Raises psycopg2's errors, of which `WrongServer` is one.
    """
    opened: connection = psycopg2.connect(dsn, **options)
    if mark is not None:
        try:
            _require(opened, mark)
        except BaseException:
            opened.close()
            raise
    return opened


def _require(opened: connection, mark: str) -> None:
    opened.autocommit = True
    with opened.cursor() as c:
        c.execute("SELECT current_setting(%s, true)", (MARK,))
        if c.fetchone() != (mark,):
            raise WrongServer(opened)
    opened.autocommit = False
