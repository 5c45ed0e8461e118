"""Runs tests on another PostgreSQL than the one that comes along.

    python -m tests.on_postgres /usr/lib/postgresql/15/bin tests/server/eventlog

It gets a new cluster, which is gone afterwards. Its database sorts texts as people do, and not by
their bytes as the private one: what relies on the one or the other shows.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg2

from server.postgres.connecting import without_libpq
from server.postgres.embedded import SETTINGS
from server.postgres.local import DATABASE, PORT, SUPERUSER
from server.postgres.system_account import account_for
from tests.conftest import TEST_DATABASE_URL

_START_SECONDS: Final = 60
_CREATE_DATABASE: Final = f"""
    CREATE DATABASE {DATABASE} TEMPLATE template0
    ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'
"""


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """A server of its own, and the URL of its database."""
    if not (programs / "initdb").is_file():
        sys.exit(f"there is no PostgreSQL in {programs}; on Debian 12: apt install postgresql-15")
    with tempfile.TemporaryDirectory(prefix="partsledger-tests-") as parent:
        data = Path(parent) / "data"
        account = account_for(data)
        data.mkdir()
        account.own(data)
        account.reach(data)
        options: dict[str, Any] = {
            "cwd": data, "env": without_libpq(os.environ), "stdin": subprocess.DEVNULL,
            "user": account.uid, "group": account.gid, "extra_groups": account.groups,
        }  # fmt: skip
        initdb = (programs / "initdb", "-D", data, "-U", SUPERUSER)
        choices = ("--encoding=UTF8", "--locale=C", "--auth=trust", "--no-sync")
        subprocess.run([*initdb, *choices], check=True, stdout=subprocess.DEVNULL, **options)
        settings = SETTINGS | {"unix_socket_directories": str(data), "fsync": "off"}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = Path(parent) / "log"
        with log.open("wb") as said:
            command: list[str | Path] = [programs / "postgres", "-D", data, *given]
            server = subprocess.Popen(command, stdout=said, stderr=said, **options)
        try:
            yield _ready(f"postgresql://{SUPERUSER}@/{{}}?host={data}&port={PORT}", log)
        finally:
            server.terminate()
            server.wait()


def _ready(url: str, log: Path) -> str:
    """The URL of the database, made as soon as the server answers."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with closing(psycopg2.connect(url.format("postgres"))) as opened:
                opened.autocommit = True
                with opened.cursor() as c:
                    c.execute(_CREATE_DATABASE)
            return url.format(DATABASE)
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                sys.exit(f"PostgreSQL does not start:\n{log.read_text()}")
            time.sleep(0.1)


def main() -> None:
    programs, *arguments = sys.argv[1:]
    with cluster(Path(programs)) as url:
        environment = os.environ | {TEST_DATABASE_URL: url}
        tests = [sys.executable, "-m", "pytest", *arguments]
        code = subprocess.run(tests, check=False, env=environment).returncode
    sys.exit(code)


if __name__ == "__main__":
    main()
