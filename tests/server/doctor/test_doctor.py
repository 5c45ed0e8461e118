"""The doctor finds a sound book well, and names each thing that is not, with what to do."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from server.app import App
from server.doctor import book, database
from server.doctor.examining import examine
from server.doctor.finding import Finding, Verdict
from server.postgres.pool import Datastore
from server.settings import Settings
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.cli.terminal import partsledger

CHECKS = ["versions", "durability", "clocks", "room", "replication", "transactions", "log",
          "newest entry", "views", "indexes"]  # fmt: skip


@pytest.fixture
def c(database_url: str) -> Iterator[Any]:
    with closing(psycopg2.connect(database_url)) as opened, opened.cursor() as c:
        yield c


class Answering:
    """A cursor that answers each question as it is told, in turn."""

    def __init__(self, *answers: list[tuple[Any, ...]]) -> None:
        self._answers = list(answers)
        self._now: list[tuple[Any, ...]] = []

    def execute(self, *_: object) -> None:
        self._now = self._answers.pop(0)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._now

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._now[0] if self._now else None


def test_a_sound_book_is_well(app: App, desk: FrontDesk, database_url: str) -> None:
    desk.add_part("P-1")
    app.follower.wait_for(app.reads.log.head().size, 20)

    findings = list(examine(Settings.read(database_url=database_url, book=desk.book)))

    assert [finding.check for finding in findings] == CHECKS
    # Whatever else runs on the machine of the test may hold a transaction or fill the disk.
    sound = [f for f in findings if f.check not in ("transactions", "room", "clocks")]
    assert {f.verdict for f in sound} == {Verdict.WELL}, sound
    by_name = {finding.check: finding.found for finding in findings}
    assert by_name["log"] == "2 entries, 2 of them recomputed"
    assert by_name["views"].endswith("views, 0 entries behind")
    assert "fsync on" in by_name["durability"]


def test_an_altered_entry_is_wrong(app: App, desk: FrontDesk, database_url: str, c: Any) -> None:
    desk.add_part("P-1")
    schema = app.reads.schema
    c.execute("SET session_replication_role = replica")
    c.execute(f"ALTER TABLE {schema}.entries DISABLE TRIGGER ALL")
    c.execute(f"UPDATE {schema}.entries SET actor = 'x' WHERE position = 2")
    c.connection.commit()

    ended = partsledger("doctor", "--database-url", database_url, "--book", desk.book, "--json")

    assert ended.code == 1
    [log] = [f for f in json.loads(ended.out)["findings"] if f["check"] == "log"]
    assert log["verdict"] == "wrong"
    assert "entry 2: its leaf hash is not that of what is stored" in log["found"]


def test_a_book_that_is_not_there_is_named(app: App, desk: FrontDesk, database_url: str) -> None:
    ended = partsledger("doctor", "--database-url", database_url, "--book", "none_such")

    assert ended.code == 1
    assert "there is no book none_such" in ended.out


def test_a_book_without_a_database_ends_with_2(tmp_path: Any) -> None:
    ended = partsledger("doctor", "--data-dir", str(tmp_path / "nothing"))

    assert (ended.code, ended.out) == (2, "")
    assert "there is no ledger in" in ended.err


def test_views_that_are_not_there_are_to_be_built(app: App, c: Any) -> None:
    datastore = Datastore("", app.reads.schema)
    c.execute(f"UPDATE views_of_{app.reads.schema}.positions SET definition = 'older'")
    told = book.views(c, datastore, 1)
    c.execute(f"DROP SCHEMA views_of_{app.reads.schema} CASCADE")
    gone = book.views(c, datastore, 1)
    c.connection.rollback()

    assert (told.verdict, gone.verdict) == (Verdict.LOOK, Verdict.LOOK)
    assert "are to be built: " in told.found
    assert gone.found == "there are none"
    assert book.views(c, datastore, 1_000_000).found.endswith("entries behind")  # Control.


NOW = datetime.now(UTC)
MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("look", "answers", "verdict", "found"),
    [
        (database.versions, [[("14.2", "140002")]], Verdict.WRONG, "PostgreSQL 14.2"),
        (database.versions, [[("15.1", "150001")]], Verdict.WELL, "PostgreSQL 15.1"),
        (database.durability, [[("fsync", "off")]], Verdict.WRONG, "fsync off"),
        (database.durability, [[("fsync", "on")]], Verdict.WELL, "fsync on"),
        (database.transactions, [[]], Verdict.WELL, "none is open"),
        (database.transactions, [[(7, "", 599)]], Verdict.WELL, "none is open"),
        (database.transactions, [[(7, "", 600)]], Verdict.LOOK, "process 7 (without a name)"),
    ],
)
def test_what_the_database_says_is_judged(
    look: Callable[[Any], Finding], answers: list[Any], verdict: Verdict, found: str
) -> None:
    told = look(Answering(*answers))

    assert (told.verdict, found in told.found) == (verdict, True), told
    assert bool(told.advice) == (verdict is not Verdict.WELL)


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(0, Verdict.WELL), (30, Verdict.LOOK), (-30, Verdict.LOOK), (90_000, Verdict.WRONG)],
)
def test_clocks_are_judged(seconds: int, verdict: Verdict) -> None:
    theirs = datetime.now(UTC) + timedelta(seconds=seconds)
    told = database.clocks(Answering([(theirs,)]))  # type: ignore[arg-type]

    assert told.verdict is verdict
    assert told.found.endswith(" s between this machine and the database")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([[(False,)], [], [("",)]], [(Verdict.WELL, "there is no replica")]),
        ([[(True,)]], [(Verdict.LOOK, "this is a replica")]),
        (
            [[(False,)], [("b", "streaming", "sync", 3 * MIB)], [("b",)]],
            [(Verdict.WELL, "b: streaming, sync, 3 MiB behind")],
        ),
        (
            [[(False,)], [("b", "streaming", "async", 65 * MIB)], [("",)]],
            [(Verdict.LOOK, "b: streaming, async, 65 MiB behind")],
        ),
        (
            [[(False,)], [("b", "catchup", "async", 0)], [("b",)]],
            [
                (Verdict.LOOK, "b: catchup, async, 0 MiB behind"),
                (Verdict.WRONG, "no replica of b is there, and every write waits for one"),
            ],
        ),
    ],
)
def test_replicas_are_judged(answers: list[Any], told: list[tuple[Verdict, str]]) -> None:
    findings = list(database.replication(Answering(*answers)))  # type: ignore[arg-type]

    assert [(finding.verdict, finding.found) for finding in findings] == told


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(255, Verdict.WRONG), (256, Verdict.LOOK), (5 * 1024 - 1, Verdict.LOOK),
     (5 * 1024, Verdict.WELL)],
)  # fmt: skip
def test_room_is_judged(
    free: int, verdict: Verdict, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    class Usage:
        def __init__(self, _: Any) -> None:
            self.free = free * MIB

    monkeypatch.setattr("shutil.disk_usage", Usage)
    told = database.room(Answering([(7 * MIB,)]), tmp_path)  # type: ignore[arg-type]

    assert told.verdict is verdict
    assert told.found == f"the database takes 7 MiB, and {free:,} MiB are free"


@pytest.mark.parametrize(
    ("last", "verdict"),
    [(None, Verdict.WELL), (NOW, Verdict.WELL), (NOW + timedelta(hours=1), Verdict.WRONG)],
)
def test_an_entry_that_is_still_to_come_is_wrong(last: datetime | None, verdict: Verdict) -> None:
    told = book.newest(Answering([(last,)]), Datastore("", "book_main"))  # type: ignore[arg-type]

    assert told.verdict is verdict


def test_large_indexes_that_nothing_reads_are_named() -> None:
    datastore = Datastore("", "book_main")
    never = book.indexes(Answering([(2, 40 * MIB, "a_idx")]), datastore)  # type: ignore[arg-type]
    all_used = book.indexes(Answering([(0, 0, None)]), datastore)  # type: ignore[arg-type]

    assert (never.verdict, never.found) == (
        Verdict.LOOK, "2 with 40 MiB were never read, such as a_idx",
    )  # fmt: skip
    assert all_used.verdict is Verdict.WELL
