"""Backups as tests take them, restore them, and pack them anew."""

import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import psycopg2

from tests.server.cli.terminal import Ended, partsledger

LOG_TABLES: Final = ("topics", "entries", "answers", "suspects", "head", "tracking")


def of_database(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def back_up(url: str, book: str, target: Path, *options: str) -> Any:
    """What a backup says of itself."""
    where = ("--database-url", url, "--book", book)
    ended = partsledger("backup", str(target), *where, "--json", *options)
    assert ended.code == 0, ended.err
    return ended.json


def restore(file: Path, url: str, *options: str) -> Ended:
    return partsledger("restore", str(file), "--database-url", url, *options)


def refusal(ended: Ended) -> str:
    """Why nothing was done: one line."""
    assert (ended.code, ended.out) == (2, "")
    # Servers of other books log in the same process, each line after its moment.
    [line] = [line for line in ended.err.splitlines() if not line.startswith("20")]
    assert line.startswith("error: ")
    return line.removeprefix("error: ")


def log_of(url: str, book: str) -> dict[str, list[Any]]:
    """Every row of the tables that make up a log."""
    found = {}
    with closing(psycopg2.connect(url)) as opened, opened.cursor() as c:
        for table in LOG_TABLES:
            c.execute(f"SELECT one_row::text FROM book_{book}.{table} AS one_row ORDER BY 1")
            found[table] = c.fetchall()
    return found


def schemas_in(url: str) -> set[str]:
    with closing(psycopg2.connect(url)) as opened, opened.cursor() as c:
        c.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ 'book_'")
        return {name for (name,) in c.fetchall()}


def parts_of(file: Path) -> tuple[Any, bytes]:
    """The manifest of a backup, and its dump."""
    with zipfile.ZipFile(file) as archive:
        return msgspec.json.decode(archive.read("manifest.json")), archive.read("log.dump")


def packed(file: Path, manifest: Any, dump: bytes) -> Path:
    """A file as `backup` writes one, of whatever content."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.dump", dump)
        archive.writestr("manifest.json", msgspec.json.encode(manifest))
    return file
