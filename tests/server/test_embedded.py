"""The embedded PostgreSQL, with real processes: started, stopped, killed, recovered, refused."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import create_engine, text

from server.data_directory import (
    CannotStart,
    DataDirectoryInUse,
    DataDirectoryUnusable,
    DataDirectoryVersion,
    PostgresFailed,
)
from server.embedded import EmbeddedPostgres, postgres_programs
from server.postgres_processes import end_processes_in, processes_in
from server.settings import sqlalchemy_url
from server.system_account import SystemAccount, account_for

PROJECT = Path(__file__).parents[2]

HOLDER = """
import sys
from pathlib import Path
from server.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    print(postgres.postmaster_pid, postgres.url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Holder:
    process: subprocess.Popen[str]
    postmaster_pid: int
    url: str


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


@contextmanager
def held_elsewhere(data_dir: Path) -> Iterator[Holder]:
    """Another process with the server running, until it is told or made to end."""
    with python(HOLDER, data_dir) as process:
        assert process.stdout is not None
        pid, url = process.stdout.readline().split()
        yield Holder(process, int(pid), url)
        process.kill()


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def note_a_fact(url: str) -> None:
    run(url, "CREATE TABLE facts AS SELECT 'claim approved' AS fact")


def the_fact_is_there(url: str) -> bool:
    return run(url, "SELECT fact FROM facts") == [("claim approved",)]


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int, data_dir: Path) -> bool:
    return any(process.pid == pid for process in processes_in(data_dir / "postgres"))


# --- Starting and stopping ---------------------------------------------------------------------


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
from server.embedded import EmbeddedPostgres
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


# --- One holder --------------------------------------------------------------------------------


def test_a_second_process_is_refused_by_the_pid_of_the_first(made_once: Path) -> None:
    with held_elsewhere(made_once) as holder:
        with pytest.raises(DataDirectoryInUse) as refusal, EmbeddedPostgres(made_once):
            pass
        assert refusal.value.holder == holder.process.pid
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


# --- After a crash -----------------------------------------------------------------------------


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


# --- Paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["d" * 120, "备件 账, 50% \"x\" 'y' $HOME", "a,b"])
def test_a_path_no_socket_could_have_works(new_dir: Path, name: str) -> None:
    with EmbeddedPostgres(new_dir / name) as postgres:
        assert run(postgres.url, "SHOW data_directory") == [(str(new_dir / name / "postgres"),)]
        (socket_dir,) = run(postgres.url, "SHOW unix_socket_directories")[0]
        private = Path(str(socket_dir).strip('"'))
        assert private != postgres.cluster
        assert private.stat().st_mode & 0o777 == 0o700
    assert not private.exists()


def test_the_kernel_does_refuse_a_socket_on_the_long_path(new_dir: Path) -> None:
    """The control of the test above."""
    with (
        closing(socket.socket(socket.AF_UNIX)) as endpoint,
        pytest.raises(OSError, match="AF_UNIX path too long"),
    ):
        endpoint.bind(str(new_dir / ("d" * 120) / "postgres" / ".s.PGSQL.5432"))


def test_sqlalchemy_reaches_the_same_database(made_once: Path) -> None:
    with EmbeddedPostgres(made_once) as postgres:
        engine = create_engine(sqlalchemy_url(postgres.url))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_database()")) == "partsledger"
        engine.dispose()


def test_the_callers_postgres_variables_do_not_lead_astray(
    made_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATABASE", "nowhere")
    with EmbeddedPostgres(made_once) as postgres:
        assert run(postgres.url, "SELECT current_database()") == [("partsledger",)]
        with pytest.raises(psycopg2.OperationalError, match="6543"):
            psycopg2.connect(postgres.url.replace("&port=5432", ""))


# --- Whom it runs as ---------------------------------------------------------------------------


def test_the_server_never_runs_as_root(made_once: Path) -> None:
    with EmbeddedPostgres(made_once) as postgres:
        (postmaster,) = (p for p in processes_in(postgres.cluster) if p.ppid() == os.getpid())
        assert postmaster.uids().effective == postgres.cluster.stat().st_uid != 0
        assert postmaster.gids().effective != 0


def test_a_private_parent_is_opened_for_passing_through_at_most(new_dir: Path) -> None:
    new_dir.parent.chmod(0o700)
    with EmbeddedPostgres(new_dir) as postgres:
        assert run(postgres.url, "SELECT 1") == [(1,)]
    opened = 0o701 if os.geteuid() == 0 else 0o700
    assert new_dir.parent.stat().st_mode & 0o777 == opened


AS_ORDINARY_USER = """
import os, sys
from pathlib import Path
import server.embedded
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    with server.embedded.EmbeddedPostgres(Path(sys.argv[1])) as postgres:
        print(os.geteuid(), postgres.cluster.stat().st_uid, postgres.url)
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def test_an_ordinary_user_runs_it_as_himself(new_dir: Path) -> None:
    new_dir.mkdir()
    new_dir.parent.chmod(0o755)
    new_dir.chmod(0o777)
    with python(AS_ORDINARY_USER, new_dir) as process:
        said, complaint = process.communicate()
    assert complaint == ""
    user, owner, _url = said.split()
    assert user == owner != "0"


def test_a_directory_that_cannot_be_written_is_named(new_dir: Path) -> None:
    new_dir.mkdir()
    new_dir.parent.chmod(0o755)
    new_dir.chmod(0o555)
    with python(AS_ORDINARY_USER, new_dir) as process:
        _said, complaint = process.communicate()
    assert f"DataDirectoryUnusable: cannot keep a database in {new_dir}: " in complaint
    assert "Permission denied" in complaint


def test_programs_installed_for_root_alone_are_opened_for_reading(new_dir: Path) -> None:
    program = new_dir / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text("")
    program.chmod(0o700)
    (new_dir / "secret").write_text("")
    (new_dir / "secret").chmod(0o600)
    program.parent.chmod(0o700)

    SystemAccount(os.getuid() + 1, os.getgid() + 1).read(program.parent)

    assert program.stat().st_mode & 0o777 == 0o705
    assert program.parent.stat().st_mode & 0o777 == 0o705
    assert (new_dir / "secret").stat().st_mode & 0o777 == 0o600


# --- Clear refusals ----------------------------------------------------------------------------


def test_a_data_directory_below_a_file_is_refused(new_dir: Path) -> None:
    new_dir.write_text("a file")
    with pytest.raises(DataDirectoryUnusable, match="File exists"), EmbeddedPostgres(new_dir):
        pass


def test_a_full_disk_at_the_first_start_leaves_nothing_half_made(new_dir: Path) -> None:
    """No disk is filled: a limit on file sizes stops PostgreSQL's writing in the same place."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))"
    with python(f"{limit}\n{HOLDER}", new_dir) as process:
        _said, complaint = process.communicate()
    assert "PostgreSQL could not make a database" in complaint
    assert "could not write" in complaint or "File too large" in complaint
    assert [path.name for path in new_dir.iterdir()] == ["partsledger.lock"]

    with EmbeddedPostgres(new_dir) as postgres:
        assert run(postgres.url, "SELECT 1") == [(1,)]


def test_another_major_version_is_refused_and_left_alone(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        version_file = postgres.cluster / "PG_VERSION"
    version_file.write_text("16\n")

    with pytest.raises(DataDirectoryVersion, match=r"by PostgreSQL 16.*this is PostgreSQL 18"):
        postgres.__enter__()

    assert version_file.read_text() == "16\n"
    version_file.write_text("18\n")
    with EmbeddedPostgres(data_dir) as postgres:
        assert run(postgres.url, "SELECT 1") == [(1,)]


def test_a_start_that_fails_shows_what_postgresql_said_this_time(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        configuration = postgres.cluster / "postgresql.conf"
    with configuration.open("a") as file:
        file.write("work_mem = plenty\n")

    with pytest.raises(PostgresFailed) as refusal, EmbeddedPostgres(data_dir):
        pass

    assert 'invalid value for parameter "work_mem": "plenty"' in str(refusal.value)
    assert "database system is shut down" not in str(refusal.value)  # That was the last run.
    assert isinstance(refusal.value, CannotStart)
    assert processes_in(postgres.cluster) == []


def test_a_handler_that_the_program_has_set_is_not_replaced(made_once: Path) -> None:
    def handler(number: int, frame: object) -> None:
        raise AssertionError("never sent")

    previous = signal.signal(signal.SIGTERM, handler)
    free = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with EmbeddedPostgres(made_once):
            assert signal.getsignal(signal.SIGTERM) is handler
            assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL  # Nobody's, so ours.
        assert signal.getsignal(signal.SIGTERM) is handler
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, previous)
        signal.signal(signal.SIGHUP, free)
