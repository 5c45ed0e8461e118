"""The embedded PostgreSQL after kill -9 of its holder, of itself, and of both."""

import os
import signal
import subprocess
from pathlib import Path

from server.postgres.embedded import EmbeddedPostgres, postgres_programs
from server.postgres.system_account import account_for
from tests.server.postgres.holding import (
    held_elsewhere,
    is_alive,
    note_a_fact,
    run,
    the_fact_is_there,
)


def test_after_kill_9_of_the_holder_its_orphan_is_stopped_and_the_data_is_there(
    data_dir: Path,
) -> None:
    with held_elsewhere(data_dir) as holder:
        note_a_fact(holder.url)
        holder.process.kill()
        holder.process.wait()
    assert is_alive(holder.postmaster_pid, data_dir)  # The control: there is an orphan.

    with EmbeddedPostgres(data_dir) as postgres:
        assert not is_alive(holder.postmaster_pid, data_dir)
        assert the_fact_is_there(postgres.url)


def test_starting_and_stopping_leaves_the_server_of_another_directory_alone(
    data_dir: Path, made_once: Path
) -> None:
    with EmbeddedPostgres(made_once) as neighbour:
        with EmbeddedPostgres(data_dir) as postgres:
            assert neighbour.postmaster_pid != postgres.postmaster_pid
        assert run(neighbour.url, "SELECT 1") == [(1,)]


def test_after_kill_9_of_both_recovery_runs_and_the_data_is_there(data_dir: Path) -> None:
    with held_elsewhere(data_dir) as holder:
        note_a_fact(holder.url)
        os.kill(holder.postmaster_pid, signal.SIGKILL)
        holder.process.kill()

    with EmbeddedPostgres(data_dir) as postgres:
        assert the_fact_is_there(postgres.url)
    assert "not properly shut down; automatic recovery" in postgres.log_file.read_text()


def test_a_server_killed_under_its_holder_is_left_without_an_error(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        note_a_fact(postgres.url)
        assert postgres.postmaster_pid is not None
        os.kill(postgres.postmaster_pid, signal.SIGKILL)
    with EmbeddedPostgres(data_dir) as postgres:
        assert the_fact_is_there(postgres.url)


def test_a_pid_file_whose_pid_now_belongs_to_somebody_else_does_not_block(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        note_a_fact(postgres.url)
    account = account_for(postgres.cluster)
    as_server = {"user": account.uid, "group": account.gid, "extra_groups": account.groups}
    stranger = subprocess.Popen(["sleep", "600"], cwd="/", **as_server)  # type: ignore[call-overload]
    try:
        status_file = postgres.cluster / "postmaster.pid"
        status_file.write_text(f"{stranger.pid}\n{postgres.cluster}\n1\n5432\n\n\n0 0\nready\n")
        account.own(status_file)
        command = [postgres_programs() / "postgres", "-D", postgres.cluster]
        alone = subprocess.run(command, capture_output=True, text=True, cwd="/", **as_server)  # type: ignore[call-overload]
        assert 'lock file "postmaster.pid" already exists' in alone.stderr  # The control.

        with EmbeddedPostgres(data_dir) as postgres:
            assert the_fact_is_there(postgres.url)
        assert stranger.poll() is None  # It was not taken for a server and stopped.
    finally:
        stranger.kill()
        stranger.wait()


def test_a_cluster_half_made_when_the_machine_died_is_made_again(new_dir: Path) -> None:
    half = new_dir / "postgres.new-abc"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")  # initdb writes it early: it proves nothing.

    with EmbeddedPostgres(new_dir) as postgres:
        assert run(postgres.url, "SELECT 1") == [(1,)]
    assert not half.exists()
