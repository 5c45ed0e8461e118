"""Runs pg_dump and pg_restore: those that come along, or those of a directory that is named.

A pg_dump reads servers of its own version and of older ones, and no newer one. pg_restore is not
connected to any database here: it turns a dump into text.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, BinaryIO, Final, cast

from psycopg2.extensions import make_dsn, parse_dsn

from server.backup.errors import BackupRefused
from server.postgres.connecting import without_libpq
from server.postgres.embedded import postgres_programs

_CHUNK: Final = 256 * 1024
_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")
# What says who may do what belongs to the database it came from, and not to the book.
_OF_NO_ROLE: Final = (
    "--no-owner", "--no-privileges", "--no-security-labels", "--no-tablespaces",
    "--no-publications", "--no-subscriptions",
)  # fmt: skip
# Values of sslmode with which a connection is encrypted or fails. Our pg_dump knows no encryption,
# and with libpq's own value, prefer, it would go without and say nothing.
_ENCRYPTED: Final = ("require", "verify-ca", "verify-full")
_NO_TLS: Final = "SSL support is not compiled in"
_LOCK_SECONDS: Final = 60  # A start that changes the tables is over by then.


class Programs:
    """Those of one directory; without one, those that come along."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or postgres_programs()

    def dump(
        self, url: str, private: bool, schema: str, snapshot: str, encrypted: bool
    ) -> Iterator[bytes]:
        """A schema as a snapshot of another connection shows it, in pg_dump's custom format, not
        compressed. Where that connection is encrypted, this one is. Raises BackupRefused."""
        where = parse_dsn(url)
        if encrypted and where.get("sslmode") not in _ENCRYPTED:
            where["sslmode"] = "require"
        # In the environment, because everybody can read the arguments of a program.
        secret = {"PGPASSWORD": where.pop("password")} if "password" in where else {}
        inherited = without_libpq(os.environ) if private else dict(os.environ)
        arguments = [
            "--format=custom", "--compress=0", "--encoding=UTF8", f"--schema={_exactly(schema)}",
            f"--exclude-table-data={_exactly(schema)}.snapshots", f"--snapshot={snapshot}",
            f"--lock-wait-timeout={_LOCK_SECONDS}s", "--no-password", *_OF_NO_ROLE,
            f"--dbname={make_dsn(**where)}",
        ]  # fmt: skip
        with self._running("pg_dump", arguments, inherited | secret) as process:
            while chunk := cast(IO[bytes], process.stdout).read(_CHUNK):
                yield chunk

    @contextmanager
    def text_of(self, dump: BinaryIO) -> Iterator[BinaryIO]:
        """The data of a dump as SQL. Raises BackupRefused."""
        arguments = ["--data-only", "--file=-"]
        with self._running("pg_restore", arguments, without_libpq(os.environ)) as process:
            feeder = Thread(target=_feed, args=(dump, process.stdin), name="feeder")
            feeder.start()
            try:
                yield cast(BinaryIO, process.stdout)
            except BaseException:
                process.kill()
                raise
            finally:
                feeder.join()

    def require_reads(self, server_version_num: int) -> None:
        """Raises BackupRefused where pg_dump is older than the server (as 180004 is)."""
        server = server_version_num // 10_000
        if self.major() < server:
            raise BackupRefused(
                f"the database is PostgreSQL {server}, and this pg_dump is of version "
                f"{self.major()}, which cannot read it: name the directory of a newer one with "
                f"--pg-bin"
            )

    def major(self) -> int:
        """The version of pg_dump. Raises BackupRefused where there is none."""
        try:
            said = subprocess.run(
                [self._directory / "pg_dump", "--version"],
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise BackupRefused(
                f"no pg_dump runs in {self._directory} ({error}): name the directory of one with "
                f"--pg-bin"
            ) from error
        found = _VERSION.search(said)
        if found is None:
            raise BackupRefused(f"the pg_dump in {self._directory} is not PostgreSQL's: {said!r}")
        return int(found[1])

    @contextmanager
    def _running(
        self, program: str, arguments: list[str], environment: dict[str, str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Within the block, the program; it is gone afterwards. Raises BackupRefused if it failed,
        with the last thing it said."""
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    [self._directory / program, *arguments],
                    stdin=subprocess.PIPE if program == "pg_restore" else subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=said, env=environment | {"LC_ALL": "C"},
                )  # fmt: skip
            except OSError as error:
                raise BackupRefused(f"{program} does not run: {error}") from error
            with process:
                try:
                    yield process
                except BaseException:
                    process.kill()
                    raise
            if process.returncode != 0:
                said.seek(0)
                lines = said.read().decode(errors="replace").split("\n")
                last = next((line for line in lines if "error:" in line), "it said nothing")
                why = last.partition("error: ")[2] or last
                if _NO_TLS in why:
                    why = "it knows no TLS: name the directory of one that does with --pg-bin"
                raise BackupRefused(f"{program} gave up: {why}")


def _feed(dump: BinaryIO, stdin: IO[bytes]) -> None:
    try:
        with stdin:
            while chunk := dump.read(_CHUNK):
                stdin.write(chunk)
    except BrokenPipeError:
        return  # It ended before all was read, and says why.


def _exactly(name: str) -> str:
    """A name in a pattern of pg_dump, in which nothing stands for anything else."""
    return '"' + name.replace('"', '""') + '"'
