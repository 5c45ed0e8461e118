"""What Prometheus reads of a server: calls by method and status, queue, commits and lag."""

import logging
import re
import socket
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import grpc
import pytest

from server.app import running
from server.postgres.data_directory import CannotStart
from server.settings import Settings
from tests.server.api.reading.front_desk import FrontDesk, Refused

PAGE: Final = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def figures(address: str) -> dict[str, float]:
    with urlopen(address, timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    found = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in found}


def test_a_servers_figures_are_what_it_has_done(
    database_url: str, book: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "partsledger.server")
    settings = Settings.read(
        database_url=database_url, book=book, listen="127.0.0.1:0", metrics_listen="127.0.0.1:0"
    )
    with running(settings) as app, grpc.insecure_channel(app.address) as channel:
        said = re.search(r"metrics are at (http://127\.0\.0\.1:\d+/metrics)", caplog.text)
        assert said is not None
        desk = FrontDesk(channel, book)
        for number in range(3):
            desk.add_part(f"P-{number}")
        with pytest.raises(Refused):
            desk.add_part("")
        app.follower.wait_for(app.reads.log.head().size, 20)

        found = figures(said[1])

        path = 'method="/partsledger.v1.PartService/CreatePart"'
        assert found[f'partsledger_call_seconds_count{{code="OK",{path}}}'] == 3
        assert found[f'partsledger_call_seconds_count{{code="INVALID_ARGUMENT",{path}}}'] == 1
        assert 0 < found[f'partsledger_call_seconds_sum{{code="OK",{path}}}'] < 60
        assert found["partsledger_committed_commands_total"] == 3
        assert found["partsledger_committed_facts_total"] == 3
        assert 1 <= found["partsledger_committed_groups_total"] <= 3
        assert found["partsledger_log_entries"] == app.reads.log.head().size
        assert found["partsledger_view_lag_entries"] == found["partsledger_queued_commands"] == 0
        assert found["partsledger_reads_work"] == found["partsledger_writes_work"] == 1
        assert not [name for name in found if "P-1" in name or book in name]
        for name in {re.sub(r"_(bucket|count|sum|created)?(\{.*)?$", "", name) for name in found}:
            assert name in PAGE
    with pytest.raises(OSError, match="refused"):
        figures(said[1])  # It ends with the server.


def test_a_method_that_there_is_not_makes_no_figure(database_url: str, book: str) -> None:
    """Or a caller could fill the memory with names."""
    settings = Settings.read(database_url=database_url, book=book, listen="127.0.0.1:0")
    with running(settings) as app, grpc.insecure_channel(app.address) as channel:
        for number in range(5):
            made_up: Any = channel.unary_unary(f"/partsledger.v1.PartService/Made{number}Up")
            with pytest.raises(grpc.RpcError):
                made_up(b"", timeout=20)

        [calls] = app.calls.registry.collect()
        assert not calls.samples


def test_an_address_that_is_taken_is_told(database_url: str, book: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings.read(
            database_url=database_url, book=book, listen="127.0.0.1:0",
            metrics_listen=f"127.0.0.1:{taken.getsockname()[1]}",
        )  # fmt: skip
        with pytest.raises(CannotStart, match="cannot answer for metrics at"), running(settings):
            pass
