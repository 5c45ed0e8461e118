"""A real server for the client package to call."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.app import App
from tests.server.api.access.protected import Signer
from tests.server.conftest import serving


@pytest.fixture
def app(database_url: str, book: str) -> Iterator[App]:
    with serving(database_url, book) as started:
        yield started


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path)
