"""The embedded PostgreSQL started and stopped by real processes, one holder at a time."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from server.postgres.data_directory import DataDirectoryInUse
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.processes import processes_in
from tests.server.postgres.holding import (
    PROJECT,
    held_elsewhere,
    is_alive,
    note_a_fact,
    python,
    run,
    the_fact_is_there,
)

# --- Starting and stopping -----------------------------------------------------------------------


def test_it_starts_durable_in_utf8_and_deaf_to_the_network(new_dir: Path) -> None:
    with EmbeddedPostgres(new_dir) as postgres:
        shown = {
            name: run(postgres.url, f"SHOW {name}")[0][0]
            for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
        }
        assert set(shown.values()) == {"on"}, shown
        assert run(postgres.url, "SHOW server_encoding") == [("UTF8",)]
        assert run(postgres.url, "SHOW listen_addresses") == [("",)]
        assert run(postgres.url, "SELECT current_database()") == [("partsledger",)]
        assert (new_dir / "postgres").stat().st_mode & 0o777 == 0o700  # The socket lies inside.


def test_leaving_stops_every_process_and_the_data_is_there_the_next_time(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        note_a_fact(postgres.url)
        assert processes_in(postgres.cluster)  # The control: they can be seen.
    assert processes_in(postgres.cluster) == []
    assert postgres.postmaster_pid is None

    with EmbeddedPostgres(data_dir) as postgres:
        assert the_fact_is_there(postgres.url)
    assert "not properly shut down" not in postgres.log_file.read_text()


def test_an_open_transaction_does_not_delay_the_stop(made_once: Path) -> None:
    with EmbeddedPostgres(made_once) as postgres:
        connection = psycopg2.connect(postgres.url)
        connection.cursor().execute("SELECT 1")
        began = time.monotonic()
    assert time.monotonic() - began < 10
    connection.close()


def test_an_exception_inside_stops_the_server_and_goes_on(made_once: Path) -> None:
    postgres = EmbeddedPostgres(made_once)

    def fail() -> None:
        with postgres:
            assert processes_in(postgres.cluster)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert processes_in(postgres.cluster) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_to_the_holder_stops_the_server_cleanly(
    data_dir: Path, number: signal.Signals
) -> None:
    with held_elsewhere(data_dir) as holder:
        assert is_alive(holder.postmaster_pid, data_dir)
        holder.process.send_signal(number)
        assert holder.process.wait(30) != 0
        assert processes_in(data_dir / "postgres") == []
    assert "database system is shut down" in (data_dir / "postgres.log").read_text()


def test_a_forked_child_that_exits_leaves_the_server_to_its_parent(made_once: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from server.postgres.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        print(postgres.postmaster_pid, flush=True)
        sys.stdin.read()
"""
    with python(script, made_once) as process:
        assert process.stdout is not None
        assert is_alive(int(process.stdout.readline()), made_once)
        process.communicate()
    assert processes_in(made_once / "postgres") == []


def test_a_configuration_file_cannot_weaken_a_commit(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        run(postgres.url, "ALTER SYSTEM SET fsync = off")
        run(postgres.url, "ALTER SYSTEM SET deadlock_timeout = '7s'")

    with EmbeddedPostgres(data_dir) as postgres:
        assert run(postgres.url, "SHOW deadlock_timeout") == [("7s",)]  # The file was read.
        assert run(postgres.url, "SHOW fsync") == [("on",)]


def test_grpc_is_not_called_between_fork_and_exec() -> None:
    """It was seen to end the child there. The variable counts when grpc is imported."""
    name = "GRPC_ENABLE_FORK_SUPPORT"
    without = {key: value for key, value in os.environ.items() if key != name}
    told = subprocess.run(
        [sys.executable, "-c", f"import server, os; print(os.environ[{name!r}])"],
        env=without, cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout == "false\n"


# --- One holder ----------------------------------------------------------------------------------


def test_a_second_process_is_refused_by_the_pid_of_the_first(made_once: Path) -> None:
    with held_elsewhere(made_once) as holder:
        with pytest.raises(DataDirectoryInUse) as refusal, EmbeddedPostgres(made_once):
            pass
        assert f"in use by process {holder.process.pid}" in str(refusal.value)
        assert is_alive(holder.postmaster_pid, made_once)
        holder.process.communicate()

    with EmbeddedPostgres(made_once) as postgres:
        assert run(postgres.url, "SELECT 1") == [(1,)]


def test_the_same_process_is_refused_a_second_server_too(made_once: Path) -> None:
    with EmbeddedPostgres(made_once) as postgres:
        with pytest.raises(DataDirectoryInUse), EmbeddedPostgres(made_once):
            pass
        assert run(postgres.url, "SELECT 1") == [(1,)]


def test_a_lock_file_nobody_holds_blocks_nobody(data_dir: Path) -> None:
    lock = data_dir / "partsledger.lock"
    lock.write_text(f"{os.getppid()}\n")  # Alive, and not the holder.

    with EmbeddedPostgres(data_dir) as postgres:
        assert run(postgres.url, "SELECT 1") == [(1,)]
        assert lock.read_text() == f"{os.getpid()}\n"
