"""The example consumer: killed again and again, it has every entry once."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import grpc
import pytest

from examples.consumer import Copy
from partsledger.v1 import entry_service_pb2 as pb
from server.access.roles import Role
from server.app import App
from tests.conftest import new_book
from tests.server.api.access.conftest import MAKER, trade
from tests.server.api.access.protected import KeyedDesk, Signer, protected
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving, size

PATIENCE = 60.0


@contextmanager
def consuming(*options: str) -> Iterator["subprocess.Popen[str]"]:
    """A consumer in a process of its own, killed with -9 in the end."""
    command = [sys.executable, "-m", "examples.consumer", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        try:
            yield run
        finally:
            run.send_signal(signal.SIGKILL)


def passed(file: Path) -> int:
    with closing(Copy(file).database) as database:
        [(position,)] = database.execute("SELECT position FROM passed")
    return int(position)


def until(file: Path, position: int) -> None:
    """Waits until the copy has passed a position."""
    end = time.monotonic() + PATIENCE
    while not file.exists() or passed(file) < position:
        assert time.monotonic() < end, f"the copy stands at {passed(file)}, not at {position}"
        time.sleep(0.02)


def copied(file: Path) -> list[tuple[int, str, bytes]]:
    with closing(sqlite3.connect(file)) as database:
        return list(database.execute("SELECT position, stream, state FROM entries ORDER BY 1"))


def in_the_log(app: App) -> list[tuple[int, str, bytes]]:
    read = app.reads.log.entries.read(0, 100_000)
    return [(e.position, e.stream, e.state) for e in read]


def test_a_consumer_that_is_killed_again_and_again_has_every_entry_once(
    app: App, desk: FrontDesk, tmp_path: Path
) -> None:
    file, options = tmp_path / "copy.sqlite", ("--server", app.address, "--book", desk.book)
    for round_ in range(6):
        for number in range(25):
            desk.add_part(f"P-{round_}-{number}")
        with consuming(str(file), *options):
            # Not to the end: it is killed in the middle of what it has to take in.
            until(file, size(app) - 20 if round_ % 2 else 1)
    with consuming(str(file), *options):
        until(file, size(app))

    assert copied(file) == in_the_log(app)
    assert len(copied(file)) > 150


def test_how_far_it_is_and_what_it_has_are_written_together(tmp_path: Path) -> None:
    """Control: an entry that came a second time would be noticed."""
    copy = Copy(tmp_path / "copy.sqlite")
    copy.take([pb.Entry(position=1, stream="parts/P-1")], 1)
    with pytest.raises(sqlite3.IntegrityError):
        copy.take([pb.Entry(position=2), pb.Entry(position=1)], 2)

    assert copy.passed == 1
    assert copy.database.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    copy.database.close()


def test_it_comes_back_when_the_server_does(database_url: str, book: str, tmp_path: Path) -> None:
    file = tmp_path / "copy.sqlite"
    with serving(database_url, book) as first, grpc.insecure_channel(first.address) as channel:
        FrontDesk(channel, book).add_part("P-1")
        address, last = first.address, size(first)
    with consuming(str(file), "--server", address, "--book", book) as run:
        time.sleep(1.0)  # Nobody is there yet.
        assert run.poll() is None
        port = address.rpartition(":")[2]
        with serving(database_url, book, listen=f"127.0.0.1:{port}") as again:
            until(file, last)
            assert copied(file) == in_the_log(again)


def test_a_dealers_consumer_has_that_dealers_entries(database_url: str, tmp_path: Path) -> None:
    signer, file = Signer(tmp_path), tmp_path / "d01.sqlite"
    with (
        new_book(database_url) as book,
        protected(database_url, book, signer) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        erp = KeyedDesk(channel, book, signer.token("erp", Role.ERP, speaks_for=["*"]))
        erp.open_for_business(MAKER)
        for dealer in ("D01", "D02"):
            trade(erp, dealer)
        token = tmp_path / "d01.jwt"
        token.write_text(signer.token("dms-d01", Role.DEALER, dealer="D01"))
        options = ("--server", app.address, "--book", book, "--token-file", str(token))
        with consuming(str(file), *options):
            until(file, size(app))
        found = copied(file)
        whole = {position: stream for position, stream, _ in in_the_log(app)}

    streams = {stream for _, stream, _ in found}
    assert {"accounts/D01", "sales/SO-D01", "claims/CL-D01", "dealers/D01"} <= streams
    assert not [stream for stream in streams if "D02" in stream]
    accounts = [position for position, stream in whole.items() if stream == "accounts/D01"]
    assert [position for position, stream, _ in found if stream == "accounts/D01"] == accounts


def test_a_caller_without_a_right_is_told_and_left(
    database_url: str, book: str, tmp_path: Path
) -> None:
    signer = Signer(tmp_path)
    with protected(database_url, book, signer) as app:
        options = (str(tmp_path / "copy.sqlite"), "--server", app.address, "--book", book)
        with consuming(*options) as run:
            _, said = run.communicate(timeout=PATIENCE)
            assert run.returncode == 2
            assert "a token is needed" in said
            assert "UNAUTHENTICATED" in said
