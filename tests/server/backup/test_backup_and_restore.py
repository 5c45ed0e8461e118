"""What was backed up is there again: log, answers and views, in another database."""

from contextlib import closing
from pathlib import Path
from uuid import uuid4

import grpc
import psycopg2
import pytest
from psycopg2.extensions import connection

from server.app import App
from server.backup.programs import Programs
from server.backup.restoring import restore as restored
from server.backup.taking import take
from server.cli.progress import progress
from server.postgres.embedded import EmbeddedPostgres
from tests.chaos.ledger_checks import entries_of, views_are_as_rebuilt
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.backup.handling import (
    back_up,
    log_of,
    of_database,
    refusal,
    restore,
    schemas_in,
)
from tests.server.cli.terminal import Ended, partsledger
from tests.server.conftest import serving, size
from tests.server.test_startup import settings


def registered(desk: FrontDesk, request_id: str) -> bytes:
    """The answer to a request, which may be a repeated one."""
    answer = desk.add_part("P-AGAIN", request_id=request_id)
    return bytes(answer.SerializeToString(deterministic=True))


def stock(desk: FrontDesk, position: int) -> list[str]:
    """What lies where, when everything up to the position is counted."""
    day = {"year": 2025, "month": 7, "day": 31}
    found = desk.call("Ageing.GetInventoryAgeing", as_of_date=day, min_position=position)
    return sorted(str(row) for row in found.rows)


def test_a_served_book_is_backed_up_and_is_the_same_elsewhere(
    app: App, channel: grpc.Channel, database_url: str, book: str, elsewhere: str, tmp_path: Path
) -> None:
    desk = FrontDesk(channel, book)
    desk.open_for_business()
    desk.trade()
    request_id = str(uuid4())
    first = registered(desk, request_id)

    said = back_up(database_url, book, tmp_path / "a.backup")
    ended = restore(tmp_path / "a.backup", elsewhere, "--json")

    assert (ended.code, ended.json["position"]) == (0, size(app))
    assert ended.json["root_hash"] == said["root_hash"]
    assert log_of(elsewhere, book) == log_of(database_url, book)
    before = entries_of(channel, book)
    assert said["last_leaf_hash"] == before[-1].leaf_hash.hex()
    with serving(elsewhere, book) as there, grpc.insecure_channel(there.address) as other_one:
        other = FrontDesk(other_one, book)
        assert entries_of(other_one, book) == before
        assert registered(other, request_id) == first
        assert size(there) == len(before)
        assert views_are_as_rebuilt(other_one, book)
        assert stock(other, size(there)) == stock(desk, size(app))
        other.sell("S-NEW", "2025-07-20", "P-1", 1)
        assert size(there) > len(before)
        assert stock(other, size(there)) != stock(desk, size(app))  # The control.


def test_what_is_recorded_meanwhile_is_in_the_next_backup(
    app: App, desk: FrontDesk, database_url: str, book: str, elsewhere: str, tmp_path: Path
) -> None:
    at_first = size(app)

    def told(done: int, rows: int) -> None:
        desk.add_part(f"P-{uuid4().hex[:12]}")

    taken = take(settings(database_url, book), tmp_path / "a.backup", False, Programs(), told)

    assert taken.manifest.log.position == at_first
    assert size(app) > at_first  # The control: something was recorded while it was taken.
    again = restored(settings(elsewhere, book), taken.file, Programs(), progress)
    assert again.recomputed.position == at_first
    assert back_up(database_url, book, tmp_path / "b.backup")["position"] == size(app)


def test_where_a_log_of_the_book_is_nothing_is_restored(
    app: App, desk: FrontDesk, database_url: str, book: str, tmp_path: Path
) -> None:
    back_up(database_url, book, tmp_path / "a.backup")
    desk.add_part("P-LATER")
    before = log_of(database_url, book)

    told = refusal(restore(tmp_path / "a.backup", database_url))

    assert f"holds something of the book {book} already" in told
    assert log_of(database_url, book) == before
    desk.add_part("P-LATER-STILL")


def test_where_views_of_the_book_were_left_nothing_is_restored(
    app: App, database_url: str, book: str, elsewhere: str, tmp_path: Path
) -> None:
    back_up(database_url, book, tmp_path / "a.backup")
    with closing(psycopg2.connect(elsewhere)) as opened, opened, opened.cursor() as c:
        c.execute(f"CREATE SCHEMA views_of_book_{book}")
    told = refusal(restore(tmp_path / "a.backup", elsewhere))
    assert f"'views_of_book_{book}'" in told
    assert schemas_in(elsewhere) == {f"views_of_book_{book}"}
    with closing(psycopg2.connect(elsewhere)) as opened, opened, opened.cursor() as c:
        c.execute(f"DROP SCHEMA views_of_book_{book}")
    assert restore(tmp_path / "a.backup", elsewhere).code == 0  # The control.


def test_another_book_of_the_same_database_stays_as_it_is(
    app: App, database_url: str, book: str, elsewhere: str, tmp_path: Path
) -> None:
    with serving(elsewhere, "neighbour"):
        pass
    before = log_of(elsewhere, "neighbour")
    back_up(database_url, book, tmp_path / "a.backup")
    assert restore(tmp_path / "a.backup", elsewhere).code == 0
    assert log_of(elsewhere, "neighbour") == before
    assert log_of(elsewhere, book) == log_of(database_url, book)


def test_a_role_that_owns_its_database_and_no_more_backs_up_and_restores(
    admin: connection, database_url: str, book: str, tmp_path: Path
) -> None:
    """The role of the service is of all databases: an administrator has made it, and given it."""
    owner, names = f"owner_{book}", (f"one_{book}", f"two_{book}")
    with serving(database_url, book), admin.cursor() as c:
        c.execute(f"CREATE ROLE {owner} LOGIN; GRANT partsledger_service TO {owner}")
        try:
            for name in names:
                c.execute(f"CREATE DATABASE {name} TEMPLATE template0 OWNER {owner}")
            one, two = (
                of_database(database_url, name).replace("postgres@", f"{owner}@") for name in names
            )
            with serving(one, book):
                back_up(one, book, tmp_path / "a.backup")
            assert restore(tmp_path / "a.backup", two).code == 0
            with serving(two, book) as app:
                assert size(app) == 1
        finally:
            for name in names:
                c.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            c.execute(f"DROP ROLE {owner}")


def test_a_private_ledger_is_backed_up_whether_its_server_runs_or_not(directory: Path) -> None:
    kept, there = directory / "data", directory / "there"

    def backup(name: str) -> Ended:
        return partsledger("backup", str(directory / name), "--data-dir", str(kept), "--json")

    assert "there is no ledger in" in refusal(backup("none"))
    assert not kept.exists()
    with EmbeddedPostgres(kept) as postgres:
        assert "the database has no book main; its books are: none" in refusal(backup("none"))
        with serving(postgres.url, "main"):
            running = backup("running")
    stopped = backup("stopped")
    assert (running.code, stopped.code) == (0, 0)
    assert running.json["root_hash"] == stopped.json["root_hash"]

    def restore_there() -> Ended:
        return partsledger("restore", str(directory / "running"), "--data-dir", str(there))

    assert restore_there().code == 0
    assert "the data directory holds something of the book main" in refusal(restore_there())
    with EmbeddedPostgres(there) as postgres:
        assert "is in use by process" in refusal(restore_there())
        with serving(postgres.url, "main") as app:
            assert size(app) == 1


@pytest.mark.parametrize("as_json", [False, True])
def test_backup_and_restore_say_position_hash_size_and_time(
    app: App, database_url: str, book: str, elsewhere: str, tmp_path: Path, as_json: bool
) -> None:
    """In a directory, a file gets a name."""
    options = ["--json"] if as_json else []
    where = ("--database-url", database_url, "--book", book, *options)
    taken = partsledger("backup", str(tmp_path), *where)
    [file] = tmp_path.iterdir()
    made = restore(file, elsewhere, *options)
    assert file.name.startswith(f"{book}-2")
    assert file.stat().st_mode & 0o777 == 0o600
    if as_json:
        assert taken.json["bytes"] == file.stat().st_size
        assert taken.json["root_hash"] == made.json["root_hash"]
        assert taken.json["position"] == made.json["position"] == 1
        assert taken.json["sound"] is made.json["sound"] is True
    else:
        assert f"to position 1: {file}, {file.stat().st_size:,} bytes, in " in taken.out
        assert "1 entry recomputed: the log is sound" in made.out
        root = taken.out.splitlines()[-1]
        assert root.startswith("Root hash ")
        assert root in made.out
