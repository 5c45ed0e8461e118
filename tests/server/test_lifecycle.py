"""The log tells an operator when and where a server has started, taken over, recovered, stopped."""

import logging
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from server.cli.logs import log_to_stderr
from server.lifecycle import Lifecycle
from tests.server.api.access.protected import Signer, protected
from tests.server.conftest import serving

VERSION = version("partsledger")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [each.getMessage() for each in caplog.records if each.name == "partsledger.server"]
    caplog.clear()
    return found


def test_start_takeover_recovery_and_stop_are_said_with_version_position_and_database(
    database_url: str, book: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "hunter2"
    url = f"{database_url}&password={secret}"
    with caplog.at_level(logging.INFO, "partsledger.server"):
        with serving(url, book) as app:
            took_over, serves = said(caplog)
            Lifecycle(book, app.address, app.reads.log, app.follower.size).recovered()
            [recovered] = said(caplog)
        [stops] = said(caplog)
        with serving(url, book):
            again, _ = said(caplog)
    for line, position in ((took_over, 1), (again, 1), (serves, 1), (stops, 1), (recovered, 1)):
        assert f"partsledger {VERSION}" in line
        assert f"book {book}" in line
        assert f"position {position}, " in line
        assert re.search(r"in database \S+ of PostgreSQL \d+(\.\d+)?.* at .*, port \d+$", line)
        assert secret not in line
    assert f"has taken over book {book} at position 1, epoch 2, " in took_over
    assert "position 1, epoch 3, " in again
    assert f"serves book {book} at {app.address}, position 1, " in serves
    assert stops.startswith(f"partsledger {VERSION} stops: book {book}, ")
    assert recovered.startswith("PostgreSQL had died and was started again: ")


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_trace_has_no_box(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        log_to_stderr(log_format)
        try:
            raise ValueError("of this test")
        except ValueError:
            logging.getLogger("partsledger.test").exception("a defect")
    finally:
        root.handlers[:], root.level = before
    told = capsys.readouterr().err
    assert "ValueError: of this test" in told
    assert "Traceback (most recent call last)" in told
    assert not set(told) & set("╭╰│─❱")


def test_a_server_that_asks_nobody_says_so(
    database_url: str, book: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(database_url, book) as app:
        warned = f"nobody is asked who they are: whoever reaches {app.address} may do everything"
        assert warned in caplog.text
    caplog.clear()

    with protected(database_url, book, Signer(tmp_path)):
        assert "nobody is asked" not in caplog.text
