"""Data directories, of which one has been started before."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.postgres.embedded import EmbeddedPostgres
from server.postgres.processes import end_processes_in


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A data directory that has been started once: the first start takes the longest.

    Tests that leave no trace in it use it as it is.
    """
    with tempfile.TemporaryDirectory(prefix="partsledger-embedded-") as parent:
        made = Path(parent) / "made"
        with EmbeddedPostgres(made):
            pass
        yield made
        end_processes_in(made / "postgres", seconds=10)


@pytest.fixture
def new_dir() -> Iterator[Path]:
    """Not there yet. Short, unlike tmp_path, whose parents other runs of pytest tidy as well."""
    parent = Path(tempfile.mkdtemp(prefix="partsledger-embedded-"))
    yield parent / "data"
    for directory in parent.rglob("postgres"):
        end_processes_in(directory, seconds=10)
    shutil.rmtree(parent)


@pytest.fixture
def data_dir(new_dir: Path, made_once: Path) -> Path:
    """A copy for one test, which takes half a second: for tests that leave something behind."""
    subprocess.run(["cp", "-a", made_once, new_dir], check=True)
    return new_dir
