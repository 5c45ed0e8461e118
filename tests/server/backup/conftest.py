"""Databases and data directories in which no ledger is yet."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection

from server.postgres.processes import end_processes_in
from tests.server.backup.handling import of_database


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the tester's own settings."""
    for name in ("BOOK", "DATA_DIR", "DATABASE_URL"):
        monkeypatch.delenv(f"PARTSLEDGER_{name}", raising=False)


@pytest.fixture
def admin(database_url: str) -> Iterator[connection]:
    with closing(psycopg2.connect(database_url)) as opened:
        opened.autocommit = True
        yield opened


@pytest.fixture
def elsewhere(database_url: str, admin: connection) -> Iterator[str]:
    """A database without any book."""
    name = f"elsewhere_{uuid4().hex[:12]}"
    with admin.cursor() as c:
        c.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        yield of_database(database_url, name)
        c.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def directory() -> Iterator[Path]:
    """Not below tmp_path: see tests/server/postgres/conftest.py."""
    parent = Path(tempfile.mkdtemp(prefix="partsledger-backup-"))
    yield parent
    for cluster in parent.rglob("postgres"):
        end_processes_in(cluster, seconds=10)
    shutil.rmtree(parent)
