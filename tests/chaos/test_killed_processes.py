"""Processes killed in the middle of an import: the server's, and its PostgreSQL's."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest

from server.data_directory import DataDirectoryInUse
from server.embedded import EmbeddedPostgres
from tests.chaos.ledger_checks import (
    Acknowledged,
    entries_of,
    faults,
    note,
    views_are_as_rebuilt,
)
from tests.chaos.processes import serving
from tests.server.import_desk import business, commands, imported, importing, many_parts, messages
from tests.server.reading.front_desk import FrontDesk, Refused

COUNT = 1_500
BOOK = "main"


@pytest.fixture
def data_dir() -> Iterator[str]:
    # Not tmp_path: as root PostgreSQL is another user, who may not go there.
    with tempfile.TemporaryDirectory(prefix="partsledger-tests-") as directory:
        yield directory
        with suppress(DataDirectoryInUse), EmbeddedPostgres(Path(directory)):
            pass  # Whatever a killed server left behind is stopped here.


def interrupted(
    address: str, sent: list[Any], acknowledged: dict[str, Acknowledged], after: int, kill: Any
) -> int:
    """Imports until so many are answered, calls `kill`, and takes what answers still come."""
    answered = 0
    killed = False
    with grpc.insecure_channel(address) as channel, suppress(grpc.RpcError):
        for response in importing(channel, messages(sent, batch=50)):
            answered += note(acknowledged, sent, response.answers)
            if answered >= after and not killed:
                killed = True
                kill()
    assert killed
    return answered


def test_a_killed_server_has_everything_it_acknowledged_exactly_once(data_dir: str) -> None:
    none_refused = business(BOOK)[:-3]
    sent = commands([*none_refused, *many_parts(BOOK, COUNT)[2:]])
    acknowledged: dict[str, Acknowledged] = {}
    with serving("--data-dir", data_dir) as (process, address):
        with pytest.raises(DataDirectoryInUse, match=f"process {process.pid}"):
            EmbeddedPostgres(Path(data_dir)).__enter__()
        answered = interrupted(address, sent, acknowledged, 400, process.kill)
        assert process.wait(10) == -signal.SIGKILL
    assert 400 <= answered < len(sent)  # The control: it was in the middle.

    with (
        serving("--data-dir", data_dir) as (_, address),
        grpc.insecure_channel(address) as channel,
    ):
        answers = imported(channel, sent)
        assert note(acknowledged, sent, answers) == len(sent)
        assert sum(answer.repeated for answer in answers) >= answered
        entries = entries_of(channel, BOOK)
        assert faults(entries, acknowledged) == []
        assert len({entry.request_id for entry in entries}) == len(sent) + 1
        assert views_are_as_rebuilt(channel, BOOK)


def test_a_killed_postgres_is_started_again_and_callers_hear_no_worse_than_unavailable(
    data_dir: str,
) -> None:
    acknowledged: dict[str, Acknowledged] = {}
    codes: list[grpc.StatusCode] = []
    with serving("--data-dir", data_dir) as (_, address):
        postmaster = int((Path(data_dir) / "postgres/postmaster.pid").read_text().split()[0])
        stop = threading.Event()
        callers = [
            threading.Thread(target=call, args=(address, n, stop, acknowledged, codes))
            for n in range(4)
        ]
        for caller in callers:
            caller.start()
        wait_until(lambda: len(acknowledged) > 50)
        os.kill(postmaster, signal.SIGKILL)
        wait_until(lambda: bool(codes))  # The control: they have felt it.
        before = len(acknowledged)
        wait_until(lambda: len(acknowledged) > before + 50)
        stop.set()
        for caller in callers:
            caller.join(60)

        assert set(codes) == {grpc.StatusCode.UNAVAILABLE}
        again = int((Path(data_dir) / "postgres/postmaster.pid").read_text().split()[0])
        assert again != postmaster
        with grpc.insecure_channel(address) as channel:
            entries = entries_of(channel, BOOK)
            assert faults(entries, acknowledged) == []
            assert len({entry.request_id for entry in entries}) == len(acknowledged) + 1
            assert views_are_as_rebuilt(channel, BOOK)


def call(
    address: str,
    number: int,
    stop: threading.Event,
    acknowledged: dict[str, Acknowledged],
    codes: list[grpc.StatusCode],
) -> None:
    """Creates parts one after another, each until it is recorded; looks at the list meanwhile."""
    with grpc.insecure_channel(address) as channel:
        desk = FrontDesk(channel, BOOK)
        count = 0
        while not stop.is_set():
            count += 1
            name = f"P-{number}-{count}"
            request_id = str(uuid4())
            while request_id not in acknowledged:
                with noted(codes):
                    receipt = desk.call(
                        "Part.CreatePart", part_id=name, request_id=request_id,
                        part={"description": "x", "part_class": "PART_CLASS_WEAR"},
                    ).receipt  # fmt: skip
                    first, last = receipt.first_position, receipt.last_position
                    acknowledged[request_id] = Acknowledged(first, last, receipt.leaf_hash)
            with noted(codes):
                desk.call("Part.ListParts", page_size=5)
                desk.call("Part.GetPart", name=desk.name(f"parts/{name}"))


@contextmanager
def noted(codes: list[grpc.StatusCode]) -> Iterator[None]:
    """Keeps the code of a refusal, and waits a moment after it."""
    try:
        yield
    except Refused as refusal:
        codes.append(refusal.code)
        time.sleep(0.05)


def wait_until(holds: Any, seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)
