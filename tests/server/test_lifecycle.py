"""The log tells an operator when and where a server has started, taken over, recovered, stopped."""

import logging
from importlib.metadata import version

import pytest

from server.cli.logs import log_to_stderr
from server.lifecycle import Lifecycle
from tests.server.conftest import serving

VERSION = version("partsledger")


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [each.getMessage() for each in caplog.records if each.name == "partsledger.server"]
    caplog.clear()
    return found


def test_start_takeover_and_stop_are_said_with_version_position_and_database(
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
    assert took_over == f"book {book} is taken over at position 1: epoch 2"
    assert again == f"book {book} is taken over at position 1: epoch 3"
    assert serves.startswith(
        f"partsledger {VERSION} serves book {book} at {app.address}, position 1, in database "
    )
    assert "of PostgreSQL " in serves
    assert secret not in serves
    assert stops == f"partsledger {VERSION} stops: book {book}, position 1"
    assert recovered.endswith(f"started again: book {book}, position 1")


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
