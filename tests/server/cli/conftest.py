"""Ledgers on real sockets for the commands to talk to."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from tests.conftest import new_book
from tests.server.cli.terminal import EXAMPLES, Served
from tests.server.conftest import serving


@pytest.fixture(scope="session", autouse=True)
def quiet_server() -> Iterator[None]:
    """The server's log of calls stays out of the commands' output: here they share a process."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


@contextmanager
def _served(database_url: str) -> Iterator[Served]:
    with new_book(database_url) as book, serving(database_url, book) as app:
        yield Served(app.address, book)


@pytest.fixture
def served(database_url: str) -> Iterator[Served]:
    """An empty book."""
    with _served(database_url) as served:
        yield served


@pytest.fixture(scope="session")
def examples(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A book with examples/small in it, for commands that only read.

    They are imported from a copy, because receipts are kept beside what is imported.
    """
    folder = tmp_path_factory.mktemp("examples") / "small"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("receipts"))
    with _served(database_url) as served, pytest.MonkeyPatch.context() as width:
        width.delenv("COLUMNS", raising=False)  # A test runner's workers may have one.
        imported = served.ask("import", str(folder))
        assert imported.code == 1  # It has lines to be refused.
        [receipts] = (folder / "receipts").iterdir()
        said = imported.out.replace(str(folder), "examples/small").replace(served.book, "main")
        yield replace(served, imported=said, receipts=receipts)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the tester's own settings."""
    for name in ("SERVER", "BOOK", "ACTOR", "DATA_DIR", "DATABASE_URL", "LISTEN"):
        monkeypatch.delenv(f"PARTSLEDGER_{name}", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
