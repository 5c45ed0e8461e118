"""Which pg_dump runs, and what it is told; when it fails, it is said why, and no file is left."""

import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from server.app import App
from server.backup.errors import BackupRefused
from server.backup.programs import Programs
from server.postgres.embedded import MAJOR_VERSION
from tests.server.backup.handling import back_up, refusal
from tests.server.cli.terminal import PARTSLEDGER, Ended, partsledger

SECRET = "hunter2"


def fake(folder: Path, does: str, version: str = f"{MAJOR_VERSION}.1") -> Path:
    """A pg_dump of our own."""
    program = folder / "pg_dump"
    says = f'[ "$1" = --version ] && echo "pg_dump (PostgreSQL) {version}" && exit'
    program.write_text(f"#!/bin/sh\n{says}\n{does}\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def backup(url: str, book: str, tmp_path: Path, programs: Path) -> Ended:
    where = ("--database-url", url, "--book", book, "--pg-bin", str(programs))
    ended = partsledger("backup", str(tmp_path / "a.backup"), *where)
    assert list(tmp_path.glob("*backup*")) == ([] if ended.code else [tmp_path / "a.backup"])
    return ended


def test_a_pg_dump_that_is_older_than_the_server_is_refused(
    app: App, database_url: str, book: str, tmp_path: Path, programs: Path
) -> None:
    told = refusal(backup(database_url, book, tmp_path, fake(programs, "exit 0", "14.9")))
    assert "this pg_dump is of version 14, which cannot read it" in told
    assert "with --pg-bin" in told
    back_up(database_url, book, tmp_path / "a.backup")  # The control.


def test_the_pg_dump_of_the_server_s_own_version_does(
    app: App, database_url: str, book: str, tmp_path: Path
) -> None:
    """Whichever that is, from 15 on: none of its options is younger."""
    with closing(psycopg2.connect(database_url)) as opened, opened.cursor() as c:
        c.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        ((directory,),) = c.fetchall()
    taken = back_up(database_url, book, tmp_path / "a.backup", "--pg-bin", directory)
    assert taken["position"] == 1


def test_a_directory_without_a_pg_dump_is_named(
    app: App, database_url: str, book: str, tmp_path: Path, programs: Path
) -> None:
    assert f"no pg_dump runs in {programs}" in refusal(
        backup(database_url, book, tmp_path, programs)
    )
    said_nothing = fake(programs, "exit 0", "of somebody else").joinpath("pg_dump")
    said_nothing.write_text("#!/bin/sh\necho something else\n")
    told = refusal(backup(database_url, book, tmp_path, programs))
    assert "is not PostgreSQL's: 'something else" in told


def test_what_pg_dump_says_when_it_fails_is_said_in_one_line(
    app: App, database_url: str, book: str, tmp_path: Path, programs: Path
) -> None:
    complains = 'echo half; echo "pg_dump: error: permission denied for table entries" >&2; exit 1'
    told = refusal(backup(database_url, book, tmp_path, fake(programs, complains)))
    assert told == "pg_dump gave up: permission denied for table entries"
    told = refusal(backup(database_url, book, tmp_path, fake(programs, "kill -9 $$")))
    assert told == "pg_dump gave up: it said nothing"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_backup_that_is_ended_in_the_middle_leaves_nothing(
    app: App, database_url: str, book: str, tmp_path: Path, programs: Path, number: int, code: int
) -> None:
    (tmp_path / "out").mkdir()
    fake(programs, "echo half; exec sleep 600")
    command = ["backup", str(tmp_path / "out" / "a.backup"), "--pg-bin", str(programs)]
    where = ["--database-url", database_url, "--book", book]
    with subprocess.Popen(
        [*PARTSLEDGER, *command, *where],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        dump = _child(process.pid, "sleep")
        [unfinished] = (tmp_path / "out").iterdir()
        process.send_signal(number)
        said = process.communicate(timeout=30)

    assert (process.returncode, said[0]) == (code, "")
    assert "Traceback" not in said[1]
    assert unfinished.name.endswith(".unfinished"), "the control: it was in the middle"
    assert list((tmp_path / "out").iterdir()) == []
    assert not dump.is_running()


def _child(pid: int, name: str) -> psutil.Process:
    """The process of this name that another one has started, once it has."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [each for each in psutil.Process(pid).children() if each.name() == name]
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError(f"{pid} starts no {name}")


def test_a_password_is_among_no_arguments_and_nothing_else_of_libpq_is_for_a_private_server(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody can read the arguments of a program."""
    monkeypatch.setenv("PGOPTIONS", "-c something=else")
    shows = 'printf "%s\\n" "$@"; env'
    url = f"postgresql://ledger:{SECRET}@db/ledger?sslmode=require"

    def shown(private: bool) -> tuple[str, str]:
        dump = Programs(fake(programs, shows)).dump(url, private, "book_main", "0-1", False)
        arguments, _, environment = b"".join(dump).decode().partition("--dbname=")
        connection, _, environment = environment.partition("\n")
        return arguments + connection, environment

    arguments, environment = shown(private=False)
    assert SECRET not in arguments
    assert "sslmode=require" in arguments
    assert "--no-owner" in arguments
    assert f"PGPASSWORD={SECRET}" in environment.splitlines()
    assert "PGOPTIONS" in environment
    assert "PGOPTIONS" not in shown(private=True)[1]


def test_the_version_is_that_of_the_program_that_comes_along() -> None:
    assert str(Programs().major()) == MAJOR_VERSION
    with pytest.raises(BackupRefused):
        Programs(Path("/nowhere")).major()


@pytest.mark.parametrize(
    ("asked", "encrypted", "then"),
    [("", True, "require"), ("prefer", True, "require"), ("verify-full", True, "verify-full"),
     ("", False, ""), ("prefer", False, "prefer")],
)  # fmt: skip
def test_what_was_encrypted_stays_so(
    programs: Path, asked: str, encrypted: bool, then: str
) -> None:
    """Left alone, a pg_dump that knows no encryption would go without."""
    url = "postgresql://ledger@db/ledger" + (f"?sslmode={asked}" if asked else "")
    dump = Programs(fake(programs, 'printf "%s\\n" "$@"')).dump(
        url, False, "book_main", "0-1", encrypted
    )
    [connection] = [
        line for line in b"".join(dump).decode().splitlines() if line.startswith("--dbname=")
    ]
    assert ("sslmode=" in connection) == bool(then)
    assert connection.endswith(f" sslmode={then}" if then else " host=db")


def test_a_pg_dump_without_encryption_is_told_what_to_do(
    app: App, database_url: str, book: str, tmp_path: Path, programs: Path
) -> None:
    """In the words of libpq."""
    invalid = 'sslmode value \\"require\\" invalid when SSL support is not compiled in'
    does = f'echo "pg_dump: error: connection failed: {invalid}" >&2; exit 1'
    told = refusal(backup(database_url, book, tmp_path, fake(programs, does)))
    assert told == (
        "pg_dump gave up: it knows no TLS: name the directory of one that does with --pg-bin"
    )
