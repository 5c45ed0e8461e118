"""A log that this version cannot read is refused at the start, in one line, and left as it is.

Otherwise the server would serve, and each command would end in an error that nobody understands.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from domain.storing import FORM
from server.app import running
from server.postgres.data_directory import CannotStart
from server.postgres.embedded import EmbeddedPostgres
from server.postgres.processes import end_processes_in
from server.settings import Settings
from tests.server.test_startup import refused, settings

MADE_BEFORE = "ALTER TABLE head DROP COLUMN form, DROP COLUMN older_through"
AS_IT_WAS = """
    ALTER TABLE head ADD COLUMN form integer NOT NULL DEFAULT 1,
        ADD COLUMN older_through bigint NOT NULL DEFAULT 0
"""
LATER_FORM = f"UPDATE head SET form = {FORM + 1}"
LATER_TABLES = "UPDATE alembic_version SET version_num = '9999'"
WRONG_TABLES = "ALTER TABLE head RENAME TO heads"

# What is done to a log, what the start then says, and what puts the log right again.
FAULTS = [
    pytest.param(
        MADE_BEFORE,
        f"does not say which form its facts have, so version 0.1 wrote it, or one before; this "
        f"version reads form {FORM}, and none converts such a log. Read it with the version that "
        f"wrote it, and begin a new log here: with another --data-dir, --database-url or --book",
        AS_IT_WAS,
        id="made before forms had numbers",
    ),
    pytest.param(
        LATER_FORM,
        f"may hold facts of form {FORM + 1}, so a later version of partsledger has written it; "
        f"this version reads no form above {FORM}. Start that version, or a newer one",
        f"UPDATE head SET form = {FORM}",
        id="facts of a later version",
    ),
    pytest.param(
        LATER_TABLES,
        "are those of migration 9999, so a later version of partsledger has changed them; this "
        "version knows the migrations up to 0001. Start that version, or a newer one",
        "UPDATE alembic_version SET version_num = '0001'",
        id="tables of a later version",
    ),
    pytest.param(
        WRONG_TABLES,
        "is not a book's: it holds ",
        "ALTER TABLE heads RENAME TO head",
        id="tables of something else",
    ),
]


def in_schema(url: str, schema: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as opened, opened, opened.cursor() as c:
        c.execute("SELECT set_config('search_path', %s, false)", (schema,))
        c.execute(statement)


def fetched(url: str, query: str) -> tuple[object, ...]:
    with closing(psycopg2.connect(url)) as opened, opened.cursor() as c:
        c.execute(query)
        found: tuple[object, ...] | None = c.fetchone()
    assert found is not None
    return found


@pytest.mark.parametrize(("fault", "says", "cure"), FAULTS)
def test_a_log_that_cannot_be_read_is_refused_and_left_alone(
    database_url: str, book: str, fault: str, says: str, cure: str
) -> None:
    schema = f"book_{book}"
    with running(settings(database_url, book)):
        pass
    head = f"SELECT size, epoch FROM {schema}.head"
    before = fetched(database_url, head)
    in_schema(database_url, schema, fault)

    told = refused(database_url, book=book)

    assert says in told
    in_schema(database_url, schema, cure)
    assert fetched(database_url, head) == before
    with running(settings(database_url, book)):  # The control: put right, the same log is served.
        pass
    assert fetched(database_url, head) != before


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Short, and not below tmp_path: see tests/server/postgres/conftest.py."""
    parent = Path(tempfile.mkdtemp(prefix="partsledger-form-"))
    yield parent / "data"
    end_processes_in(parent / "data" / "postgres", seconds=10)
    shutil.rmtree(parent)


def test_a_data_directory_is_refused_in_the_same_way(data_dir: Path) -> None:
    def served() -> None:
        with running(Settings.read(data_dir=data_dir, listen="127.0.0.1:0")):
            pass

    @contextmanager
    def altered(fault: str, cure: str) -> Iterator[None]:
        with EmbeddedPostgres(data_dir) as postgres:
            in_schema(postgres.url, "book_main", fault)
        yield
        with EmbeddedPostgres(data_dir) as postgres:
            in_schema(postgres.url, "book_main", cure)

    served()
    for case in FAULTS:
        fault, says, cure = map(str, case.values)
        with altered(fault, cure), pytest.raises(CannotStart) as refusal:
            served()
        told = str(refusal.value)
        assert told.startswith("the embedded PostgreSQL ")
        assert says in told
        assert "\n" not in told
    served()  # The control.


def test_a_version_that_knows_the_later_form_serves_it(
    database_url: str, book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: it is the number that is refused, and the log was not touched by it."""
    with running(settings(database_url, book)):
        pass
    in_schema(database_url, f"book_{book}", LATER_FORM)
    with monkeypatch.context() as later:
        later.setattr("server.eventlog.migrations.FORM", FORM + 1)
        later.setattr("server.eventlog.append.FORM", FORM + 1)
        with running(settings(database_url, book)) as app:
            assert app.writer.ended is None
    assert f"may hold facts of form {FORM + 1}" in refused(database_url, book=book)
