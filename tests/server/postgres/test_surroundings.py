"""Where the embedded PostgreSQL finds itself: odd paths, other users, full disks."""

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from server.postgres.data_directory import (
    CannotStart,
    DataDirectoryUnusable,
    DataDirectoryVersion,
    PostgresFailed,
)
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.processes import processes_in
from server.postgres.system_account import SystemAccount
from tests.server.postgres.holding import HOLDER, python, run

# --- Paths ---------------------------------------------------------------------------------------


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
        url = postgres.url.replace("postgresql://", "postgresql+psycopg2://")
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_database()")) == "partsledger"
        engine.dispose()


# --- Whom it runs as -----------------------------------------------------------------------------


def test_the_server_never_runs_as_root(made_once: Path) -> None:
    with EmbeddedPostgres(made_once) as postgres:
        # Of the others, one may end before it is asked anything.
        postmaster = psutil.Process(postgres.postmaster_pid)
        assert postmaster in processes_in(postgres.cluster)
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
import server.postgres.embedded
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    with server.postgres.embedded.EmbeddedPostgres(Path(sys.argv[1])) as postgres:
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


# --- Clear refusals ------------------------------------------------------------------------------


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
    left = sorted(path.name for path in new_dir.iterdir())
    assert left == ["partsledger.lock", "postgres.log"]

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

    assert str(refusal.value) == (
        'PostgreSQL did not start: invalid value for parameter "work_mem": "plenty"; configuration'
        f' file "{configuration}" contains errors (all it said: {data_dir}/postgres.log)'
    )
    assert isinstance(refusal.value, CannotStart)
    assert processes_in(postgres.cluster) == []


def test_a_start_that_fails_is_told_in_one_line_whatever_is_gone(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        cluster = postgres.cluster
    for gone, told in (
        ("pg_wal", r': required WAL directory "pg_wal" does not exist \('),
        ("global/pg_control", r": postgres: could not find the database system .*No such file"),
    ):
        (cluster / gone).rename(data_dir / "aside")
        with pytest.raises(PostgresFailed, match=told) as refusal, EmbeddedPostgres(data_dir):
            pass
        (data_dir / "aside").rename(cluster / gone)
        assert "\n" not in str(refusal.value)
    with EmbeddedPostgres(data_dir) as postgres:  # The control: it is as before.
        assert run(postgres.url, "SELECT 1") == [(1,)]


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
