"""`serve` says where it is, ends when told to, and refuses to start with a reason."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.server.cli.terminal import PARTSLEDGER, partsledger


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and the address it says it listens on."""
    process = subprocess.Popen(
        [*PARTSLEDGER, "serve", "--listen", "127.0.0.1:0", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("listening on "), process.communicate()[1]
        yield process, line.split()[-1]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0(database_url: str, number: signal.Signals) -> None:
    book = f"cli_{uuid4().hex[:12]}"
    options = ("--database-url", database_url, "--book", book, "--log-format", "json")
    with serving(*options) as (process, address):
        assert partsledger("status", "--server", address, "--book", book).code == 0
        assert partsledger("status", "--server", address, "--book", "other").code == 2
        process.send_signal(number)
        _, log = process.communicate(timeout=30)
        assert process.returncode == 0
    assert all(line.startswith("{") for line in log.splitlines())  # So it holds no traceback.
    assert "BOOK_UNKNOWN" in log or "no book other" in log
    assert partsledger("status", "--server", address, "--book", book).code == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_so_does_a_signal_that_another_thread_gets(
    database_url: str, number: signal.Signals
) -> None:
    book = f"cli_{uuid4().hex[:12]}"
    with serving("--database-url", database_url, "--book", book) as (process, _):
        send_to_another_thread(process, number)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_the_control_that_pauses_misses_it() -> None:
    pausing = (
        "import signal, threading\n"
        "signal.signal(signal.SIGTERM, lambda *_: exit(0))\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "print('there', flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", pausing], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.5)  # It goes on to `pause`.
        send_to_another_thread(process, signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGTERM)  # To whichever thread: the kernel prefers the main one.
        assert process.wait(timeout=30) == 0


def send_to_another_thread(process: "subprocess.Popen[Any]", number: signal.Signals) -> None:
    """Sends a signal to the youngest thread: the kernel may do so on its own when the main thread
    is busy with another one."""
    threads = [int(thread) for thread in os.listdir(f"/proc/{process.pid}/task")]
    assert len(threads) > 1
    assert ctypes.CDLL(None).tgkill(process.pid, max(threads), int(number)) == 0


def test_it_keeps_its_data_in_a_directory_that_nobody_else_gets() -> None:
    with tempfile.TemporaryDirectory(prefix="partsledger-tests-") as directory:
        with serving("--data-dir", directory) as (process, address):
            assert partsledger("status", "--server", address, "--json").json["head_position"] == 1
            second = subprocess.run(
                [*PARTSLEDGER, "serve", "--data-dir", directory, "--listen", "127.0.0.1:0"],
                capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            assert second.returncode == 2
            assert f"is in use by process {process.pid}" in second.stderr
            assert "Traceback" not in second.stderr
            process.terminate()
            process.communicate(timeout=60)
            assert process.returncode == 0
        with serving("--data-dir", directory) as (_, address):  # It was left in order.
            assert partsledger("status", "--server", address, "--json").json["head_position"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--database-url", "postgresql://127.0.0.1:1/x"], "connection to server at"),
        (["--data-dir", "/dev/null/x"], "cannot keep a database in /dev/null/x"),
    ],
)
def test_a_refused_start_ends_with_2_and_a_reason(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [*PARTSLEDGER, "serve", *arguments],
        capture_output=True, text=True, timeout=60, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_that_is_taken_is_told(database_url: str) -> None:
    arguments = ("--database-url", database_url, "--book", f"cli_{uuid4().hex[:12]}")
    with serving(*arguments) as (_, address):
        second = subprocess.run(
            [*PARTSLEDGER, "serve", "--database-url", database_url, "--book",
             f"cli_{uuid4().hex[:12]}", "--listen", address],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert second.returncode == 2
    assert f"cannot listen on {address}" in second.stderr


@pytest.mark.parametrize(
    ("currency", "rule"),
    [
        ("RMB", "must be the code of a currency of ISO 4217, such as CNY"),
        ("cny", "must be the code of a currency of ISO 4217, such as CNY"),
        ("XAU", "must be a currency with a minor unit: no amount is in it"),
    ],
)
def test_an_unknown_currency_is_refused_before_anything_is_made(
    tmp_path: Path, currency: str, rule: str
) -> None:
    data_dir = tmp_path / "ledger"

    told = partsledger("serve", "--data-dir", str(data_dir), "--currency", currency)

    assert told.code == 2
    assert f"--currency (PARTSLEDGER_CURRENCY): {rule}" in told.err
    assert not data_dir.exists()
