"""Where everything is measured: one private PostgreSQL, a new database for each run.

The product and every baseline write to the same server, with the same settings: the product's own.
Before anything is measured it is asked whether a commit means what it says.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import psycopg2
from psycopg2.extensions import parse_dsn

from benchmarks.scales import Scale
from benchmarks.sending import Sent, stream
from benchmarks.serving import Served, served
from benchmarks.workload import Workload, made
from server.erp.folder import Ordered
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.pool import SERVICE_ROLE

_DURABLE: Final = ("fsync", "synchronous_commit", "full_page_writes")

Told = Callable[[str], None]
Ask = Callable[..., list[tuple[Any, ...]]]  # A statement and its parameters; returns the rows.
T = TypeVar("T")


class NotDurable(Exception):  # noqa: N818 - Named after what is wrong.
    """The database would lose what it has acknowledged: nothing measured on it counts."""


@dataclass
class Course:
    """What a measurement needs: the server, how much to do, and what to do it with."""

    postgres: EmbeddedPostgres
    folder: Path
    scale: Scale
    told: Told = lambda _: None
    templates: dict[int, str] = field(default_factory=dict)  # By the facts in them: their URLs.
    made_once: dict[Any, Any] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=partial(count, 1))  # Copies share them.

    @classmethod
    @contextmanager
    def opened(cls, scale: Scale, told: Told = lambda _: None) -> Iterator[Self]:
        """Starts PostgreSQL in a temporary folder, which has to be on a real disk."""
        with tempfile.TemporaryDirectory(prefix="partsledger-bench-") as name:
            folder = Path(name)
            folder.chmod(0o711)  # As root, PostgreSQL is another user and passes through it.
            with EmbeddedPostgres(folder / "data") as postgres:
                course = cls(postgres, folder, scale, told)
                course.require_durable()
                yield course

    @property
    def log_file(self) -> Path:
        return self.folder / "serve.log"

    @property
    def workload(self) -> Workload:
        """Every run and every side has the same commands."""
        return self.once(_workload)

    def once(self, make: Callable[["Course"], T]) -> T:
        """What a function makes of this course, made only once."""
        if make not in self.made_once:
            self.made_once[make] = make(self)
        made: T = self.made_once[make]
        return made

    def require_durable(self) -> None:
        with closing(psycopg2.connect(self.postgres.url)) as connected:
            for name in _DURABLE:
                with connected.cursor() as c:
                    c.execute("SELECT current_setting(%s)", (name,))
                    if c.fetchone() != ("on",):
                        raise NotDurable(f"{name} is not on")

    @contextmanager
    def database(self, template: str = "") -> Iterator[str]:
        """A database for one run, dropped afterwards; empty, or a copy of another one."""
        url = self.lasting_database(template)
        try:
            yield url
        finally:
            with asked(self.postgres.url) as ask:
                ask(f"DROP DATABASE {parse_dsn(url)['dbname']} WITH (FORCE)")
                ask("CHECKPOINT")  # What one run has left to write slows no other down.

    def lasting_database(self, template: str = "") -> str:
        """A database until the suite ends; its URL."""
        name = f"run_{next(self._numbers)}"
        copied = parse_dsn(template)["dbname"] if template else ""
        with asked(self.postgres.url) as ask:
            copy = f" TEMPLATE {copied} STRATEGY FILE_COPY" if copied else ""
            ask(f"CREATE DATABASE {name}{copy}")
            if copied:  # Rights on a database are not copied with it.
                ask(f"GRANT CREATE ON DATABASE {name} TO {SERVICE_ROLE}")
        return self.postgres.url.replace("/partsledger?", f"/{name}?")

    @contextmanager
    def prepared(self) -> Iterator[tuple[Served, str]]:
        """A served book that has all its base data, and its database's URL."""
        with self.database() as url, served(url, self.log_file) as server:
            stream(server.address, self.workload.before)
            yield server, url

    def ours(self, commands: Sequence[Ordered] | None = None) -> Sent:
        """Commands by the import stream into a new book; without any, the mixed ones."""
        with self.prepared() as (server, _):
            return stream(server.address, self.workload.mixed if commands is None else commands)

    def slices(self) -> list[list[Ordered]]:
        """The mixed commands in their order, a part for each pair, for single calls."""
        mixed, pairs = self.workload.mixed, self.scale.pairs
        length = min(self.scale.unary, len(mixed) // pairs)
        return [mixed[at * length : (at + 1) * length] for at in range(pairs)]


def _workload(course: Course) -> Workload:
    course.told("making the workload")
    return made(course.scale.size, course.folder / "files")


@contextmanager
def asked(url: str) -> Iterator[Ask]:
    """A way to ask a database, each statement by itself."""
    with closing(psycopg2.connect(url)) as connected:
        connected.autocommit = True

        def ask(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
            with connected.cursor() as c:
                c.execute(statement, parameters or None)
                return c.fetchall() if c.description else []

        yield ask
