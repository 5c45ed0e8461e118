"""A database that was copied with PostgreSQL's own tools, without its roles and grants.

The server says in one line what an administrator has to run, and serves when that is done. A dump
out of one of our backups is such a copy, too.
"""

import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import psycopg2
import pytest

from server.app import App
from server.postgres.connecting import without_libpq
from server.postgres.data_directory import CannotStart
from server.postgres.embedded import postgres_programs
from tests.chaos.ledger_checks import entries_of, views_are_as_rebuilt
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.backup.handling import back_up, parts_of, restore
from tests.server.conftest import serving
from tests.server.test_startup import refused

NO_RIGHTS = ("--no-owner", "--no-privileges")


def run(program: str, *arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        [postgres_programs() / program, *arguments],
        input=given, capture_output=True, check=True, env=without_libpq(os.environ),
    ).stdout  # fmt: skip


def followed(told: str, url: str) -> None:
    """Does what an administrator is told to do."""
    statements = told.partition("n administrator runs")[2].lstrip(": ").partition(", and")[0]
    assert statements, told
    with closing(psycopg2.connect(url)) as opened, opened, opened.cursor() as c:
        c.execute(statements)


def until_it_serves(url: str, book: str) -> int:
    """How many starts were refused until all was done that they said."""
    for refusals in range(3):
        try:
            with serving(url, book):
                return refusals
        except CannotStart:
            followed(refused(url, book=book), url)
    raise AssertionError("it still does not start")


@pytest.fixture
def entries(app: App, channel: grpc.Channel, book: str) -> list[Any]:
    """Of a book with some trade, which is served."""
    desk = FrontDesk(channel, book)
    desk.open_for_business()
    desk.trade()
    return entries_of(channel, book)


def require_served(url: str, book: str, entries: list[Any]) -> None:
    with serving(url, book) as app, grpc.insecure_channel(app.address) as channel:
        assert entries_of(channel, book) == entries
        FrontDesk(channel, book).add_part("P-NEW")
        assert views_are_as_rebuilt(channel, book)


@pytest.mark.parametrize("views", [False, True])
def test_a_copy_without_grants_says_what_to_run_and_is_served_then(
    entries: list[Any], database_url: str, book: str, elsewhere: str, views: bool
) -> None:
    """With the views, their owner is another one, too: they are dropped, and built again."""
    names = [f"book_{book}", f"views_of_book_{book}"] if views else [f"book_{book}"]
    schemas = [f"--schema={name}" for name in names]
    dump = run("pg_dump", "--format=custom", *NO_RIGHTS, *schemas, f"--dbname={database_url}")
    run("pg_restore", *NO_RIGHTS, f"--dbname={elsewhere}", given=dump)
    assert until_it_serves(elsewhere, book) == (2 if views else 1)
    require_served(elsewhere, book, entries)


def test_a_dump_out_of_a_backup_is_restored_without_partsledger(
    entries: list[Any], database_url: str, book: str, elsewhere: str, tmp_path: Path
) -> None:
    back_up(database_url, book, tmp_path / "a.backup")
    run("pg_restore", f"--dbname={elsewhere}", given=parts_of(tmp_path / "a.backup")[1])
    assert until_it_serves(elsewhere, book) == 1
    require_served(elsewhere, book, entries)


def test_what_we_restore_is_served_at_once(
    entries: list[Any],
    database_url: str,
    book: str,
    elsewhere: str,
    tmp_path: Path,
) -> None:
    """The control: the rights are those of a new book."""
    back_up(database_url, book, tmp_path / "a.backup")
    assert restore(tmp_path / "a.backup", elsewhere).code == 0
    assert until_it_serves(elsewhere, book) == 0
    require_served(elsewhere, book, entries)
