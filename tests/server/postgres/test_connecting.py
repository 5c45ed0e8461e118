"""The private PostgreSQL is reached whatever libpq's variables say, and never another one.

A second real server, which lets everybody in, lies in wait where the variables lead.
"""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import grpc
import psycopg2
import pytest
from eventsourcing.persistence import OperationalError

from domain.ledger import Ledger
from server.app import running
from server.eventlog.migrations import migrate
from server.eventlog.recorders import ApplicationRecorder
from server.postgres import embedded, local
from server.postgres.connecting import WrongServer, connect, forget_libpq
from server.postgres.data_directory import CannotStart
from server.postgres.embedded import SETTINGS, EmbeddedPostgres
from server.postgres.pool import Datastore
from server.settings import Settings
from tests.server.api.batch_desk import part
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.postgres.holding import run

# All of libpq's documentation ("Environment Variables"), each so that it would lead astray, spoil
# a session, or be refused.
EVERY_VARIABLE = {
    "PGHOST": "nowhere.invalid", "PGHOSTADDR": "127.0.0.1", "PGPORT": "1",
    "PGDATABASE": "postgres", "PGUSER": "nobody", "PGPASSWORD": "wrong",
    "PGPASSFILE": "/nonexistent", "PGREQUIREAUTH": "scram-sha-256",
    "PGCHANNELBINDING": "require", "PGSERVICE": "elsewhere", "PGSERVICEFILE": "/nonexistent",
    "PGOPTIONS": "-c default_transaction_read_only=on -c search_path=nowhere",
    "PGAPPNAME": "nobody", "PGSSLMODE": "verify-full", "PGREQUIRESSL": "1",
    "PGSSLCOMPRESSION": "1", "PGSSLNEGOTIATION": "direct", "PGSSLCERT": "/nonexistent",
    "PGSSLKEY": "/nonexistent", "PGSSLCERTMODE": "require", "PGSSLROOTCERT": "/nonexistent",
    "PGSSLCRL": "/nonexistent", "PGSSLCRLDIR": "/nonexistent", "PGSSLSNI": "0",
    "PGREQUIREPEER": "nobody", "PGSSLMINPROTOCOLVERSION": "none",
    "PGSSLMAXPROTOCOLVERSION": "none", "PGGSSENCMODE": "require", "PGKRBSRVNAME": "nobody",
    "PGGSSLIB": "nothing", "PGGSSDELEGATION": "1", "PGCONNECT_TIMEOUT": "never",
    "PGCLIENTENCODING": "LATIN1", "PGTARGETSESSIONATTRS": "standby",
    "PGLOADBALANCEHOSTS": "at all", "PGMINPROTOCOLVERSION": "9.9",
    "PGMAXPROTOCOLVERSION": "9.9", "PGDATESTYLE": "Martian", "PGTZ": "Mars/Phobos",
    "PGGEQO": "perhaps", "PGSYSCONFDIR": "/nonexistent", "PGLOCALEDIR": "/nonexistent",
}  # fmt: skip


@dataclass(frozen=True)
class Elsewhere:
    """The other server: where it listens, and how it is asked without any variable."""

    port: int
    url: str

    def books(self) -> list[tuple[object, ...]]:
        return run(self.url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'book%'")


@pytest.fixture(scope="module")
def elsewhere(made_once: Path) -> Iterator[Elsewhere]:
    """It listens on TCP, at the port that the private servers here have in their names."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o755)
        made = Path(parent) / "other"
        subprocess.run(["cp", "-a", made_once, made], check=True)
        (made / "postgres" / "pg_hba.conf").write_text(
            "local all all trust\nhost all all 127.0.0.1/32 trust\n"
        )
        patch.setattr(embedded, "PORT", port)
        patch.setattr(local, "PORT", port)
        patch.setitem(SETTINGS, "port", str(port))
        with pytest.MonkeyPatch.context() as listening:
            listening.setitem(SETTINGS, "listen_addresses", "127.0.0.1")
            postgres = EmbeddedPostgres(made).__enter__()
        try:
            yield Elsewhere(port, f"host={postgres.cluster} port={port} user=postgres")
        finally:
            postgres.__exit__(None, None, None)


@pytest.fixture
def service_file(elsewhere: Elsewhere) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(
            f"[elsewhere]\nhostaddr=127.0.0.1\nport={elsewhere.port}\n"
            "dbname=partsledger\nuser=postgres\n"
        )
        file.flush()
        yield Path(file.name)


def record_a_part(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        desk = FrontDesk(channel, "main")
        desk.call("Part.CreatePart", part_id="P-1", part=part("P-1")["part"])


def is_recorded_in(data_dir: Path) -> bool:
    """Whether it is there when nothing is set."""
    with EmbeddedPostgres(data_dir) as postgres:
        found = run(postgres.url, "SELECT stream FROM book_main.entries WHERE stream = 'parts/P-1'")
    return found == [("parts/P-1",)]


def private(data_dir: Path) -> Settings:
    return Settings.read(data_dir=data_dir, listen="127.0.0.1:0", book="main")


@pytest.mark.parametrize("variables", ["PGHOSTADDR", "PGSERVICE", "every one"])
def test_a_private_ledger_stays_in_its_own_directory_whatever_the_variables_say(
    data_dir: Path,
    elsewhere: Elsewhere,
    service_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: str,
) -> None:
    wanted = EVERY_VARIABLE.keys() if variables == "every one" else {variables, "PGSERVICEFILE"}
    for name in wanted:
        monkeypatch.setenv(name, EVERY_VARIABLE[name])
    if variables == "PGSERVICE":
        monkeypatch.setenv("PGSERVICEFILE", str(service_file))

    with running(private(data_dir)) as app:
        record_a_part(app.address)

    assert elsewhere.books() == []
    assert is_recorded_in(data_dir)
    assert not wanted & os.environ.keys()


@pytest.mark.parametrize("variable", ["PGHOSTADDR", "PGSERVICE"])
def test_a_plain_connection_is_led_astray(
    data_dir: Path,
    elsewhere: Elsewhere,
    service_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    """Control: the variables are dangerous, and the other server does let everybody in."""
    with EmbeddedPostgres(data_dir) as postgres:
        monkeypatch.setenv("PGSERVICEFILE", str(service_file))
        monkeypatch.setenv(variable, EVERY_VARIABLE[variable])
        with closing(psycopg2.connect(postgres.url)) as astray, astray.cursor() as c:
            c.execute("SHOW data_directory")
            assert c.fetchone() != (str(postgres.cluster),)

        with pytest.raises(WrongServer, match=r"another PostgreSQL answers at 127\.0\.0\.1"):
            connect(postgres.url, postgres.mark)
        forget_libpq()
        with closing(connect(postgres.url, postgres.mark)) as found, found.cursor() as c:
            c.execute("SHOW data_directory")
            assert c.fetchone() == (str(postgres.cluster),)


def test_a_server_that_cannot_prove_what_it_is_is_refused_at_the_start(
    data_dir: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the variables count after all, nothing is written into the other server."""
    monkeypatch.setattr(embedded, "forget_libpq", lambda: None)
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")

    refused = pytest.raises(CannotStart, match="the embedded PostgreSQL cannot be used: another Po")
    with refused, running(private(data_dir)):
        pass

    assert elsewhere.books() == []


def test_every_connection_of_the_ledger_asks_for_the_mark(
    data_dir: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of migrations, of readers and listeners, of the writer, and of the command line."""
    with running(private(data_dir)) as app:
        datastore = app.reads.log.datastore
        assert datastore.mark
        monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")  # As another library may do meanwhile.
        another = Datastore(datastore.dsn, "book_main", mark=datastore.mark)
        with closing(another), closing(ApplicationRecorder(another)) as log:
            asked = (
                lambda: migrate(datastore.dsn, "book_other", datastore.mark),
                log.head,
                log.claim_epoch,
                lambda: log.look_up([], ["parts/P-1"]),
                log.subscribe,
            )
            for ask in asked:
                with pytest.raises(OperationalError, match="another PostgreSQL answers"):
                    ask()
        monkeypatch.delenv("PGHOSTADDR")
        record_a_part(app.address)

    assert elsewhere.books() == []
    assert is_recorded_in(data_dir)


def test_with_a_database_url_the_variables_say_what_the_url_does_not(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        url = postgres.url.replace("postgres@/partsledger", "/")
        settings = Settings.read(database_url=url, listen="127.0.0.1:0", book="main")
        monkeypatch.setenv("PGUSER", "postgres")
        monkeypatch.setenv("PGDATABASE", "partsledger")
        with running(settings) as app:
            record_a_part(app.address)
        monkeypatch.setenv("PGUSER", "nobody")  # The control: it does count.
        with pytest.raises(CannotStart, match='role "nobody" does not exist'), running(settings):
            pass
    assert is_recorded_in(data_dir)


def test_a_variable_meant_for_the_library_leads_no_ledger_into_another_book(
    database_url: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event sourcing library prefers LEDGER_SCHEMA, of the environment, to a given SCHEMA."""
    for name in ("SCHEMA", "DATABASE_URL", "PERSISTENCE_MODULE", "MAPPER_TOPIC"):
        monkeypatch.setenv(f"LEDGER_{name}", "elsewhere")
    env = {
        "PERSISTENCE_MODULE": "server.eventlog", "DATABASE_URL": database_url, "SCHEMA": schema,
    }  # fmt: skip
    with Ledger(env) as ledger:
        assert isinstance(ledger.recorder, ApplicationRecorder)
        assert ledger.recorder.datastore.schema == schema
