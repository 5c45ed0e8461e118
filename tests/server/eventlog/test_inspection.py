"""A look at the log: what it takes in, and that nothing that is right is held for wrong."""

import threading
from collections.abc import Callable

import pytest
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import connection

from domain.storing import RecordedEvent
from server.eventlog import inspection
from server.eventlog.answers import NewAnswer
from server.eventlog.inspection import (
    SNAPSHOT,
    Fault,
    Inspection,
    inspect,
    inspect_answers,
    suspect,
)
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.server.eventlog.requests import GR_1, R_1, R_2, R_3
from tests.server.forging import forging

MakeFact = Callable[..., RecordedEvent]


def look(datastore: Datastore, *asked: int) -> Inspection:
    with datastore.transaction() as c:
        c.execute(SNAPSHOT)
        return inspect(c, datastore, asked)


def look_at_answers(datastore: Datastore) -> list[Fault]:
    with datastore.transaction() as c:
        c.execute(SNAPSHOT)
        return list(inspect_answers(c, datastore))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a look is in a log that is much longer than what it takes in."""
    monkeypatch.setattr(inspection, "NEWEST", 3)
    monkeypatch.setattr(inspection, "SAMPLED", 2)


@pytest.fixture
def log(log: ApplicationRecorder, fact: MakeFact) -> ApplicationRecorder:
    """Twenty entries: an account, and a stock item with a snapshot and answers."""
    for version in range(1, 11):
        log.append(
            [fact("accounts/D01", version), fact("stock/W01/P-1", version)],
            [NewAnswer(R_1, b"f", b"r", 0, 2)] if version == 1 else [],
            [StoredEvent("stock/W01/P-1", 10, "t", b"{}")] if version == 10 else [],
        )
    return log


def test_an_empty_log_is_sound(datastore: Datastore) -> None:
    assert look(datastore) == Inspection(0, 0, [])


def test_a_short_log_is_looked_at_whole(log: ApplicationRecorder, datastore: Datastore) -> None:
    assert look(datastore) == Inspection(20, 20, [])


@pytest.mark.usefixtures("few")
def test_of_a_long_log_the_newest_are_looked_at_and_others_by_chance(
    log: ApplicationRecorder, datastore: Datastore, schema: str
) -> None:
    with forging(datastore.dsn, schema) as forger:
        forger.state(5, "{}")
    looks = [look(datastore) for _ in range(100)]
    assert {found.leaves for found in looks} == {5}
    missed = [found for found in looks if not found.faults]
    # Two of seventeen: 100 looks all miss it, or all find it, once in a hundred thousand.
    assert 0 < len(missed) < 100
    with forging(datastore.dsn, schema) as forger:
        forger.state(19, "{}")
    assert all(Fault(19, looks_wrong()) in look(datastore).faults for _ in range(10))


@pytest.mark.parametrize("newest", [3, 19, 20, 21])
def test_every_entry_may_be_among_those_looked_at_by_chance(
    log: ApplicationRecorder, datastore: Datastore, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    monkeypatch.setattr(inspection, "NEWEST", newest)

    assert look(datastore) == Inspection(20, 20, [])  # A sample of more than all the others.


@pytest.mark.usefixtures("few")
def test_what_is_asked_for_or_suspected_is_looked_at_too(
    log: ApplicationRecorder,
    datastore: Datastore,
    schema: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inspection, "SAMPLED", 0)
    with forging(datastore.dsn, schema) as forger:
        forger.state(5, "{}")
    assert look(datastore).faults == []  # The control.
    assert look(datastore, 5, 6, 99, -1) == Inspection(20, 5, [Fault(5, looks_wrong())])
    suspect(datastore, [Fault(5, "as somebody says"), Fault(6, "as somebody says")])
    suspect(datastore, [Fault(5, "and once more")])
    assert look(datastore) == Inspection(20, 5, [Fault(5, looks_wrong())])


def looks_wrong() -> str:
    return "its leaf hash is not that of what is stored"


def test_answers_and_snapshots_of_what_is_gone_are_found(
    log: ApplicationRecorder, datastore: Datastore, schema: str, owner: connection
) -> None:
    with owner.cursor() as c:  # The facts of the tests have one request.
        c.execute("ALTER TABLE answers DISABLE TRIGGER only_grows")
        c.execute("UPDATE answers SET request_id = %s", (GR_1,))
    assert look_at_answers(datastore) == []  # The control.
    with forging(datastore.dsn, schema) as forger:
        forger.delete(2)
        forger.delete(20)
    assert look_at_answers(datastore) == [
        Fault(2, f"it is missing, and request {GR_1} was answered with it"),
        Fault(
            18, "a snapshot has version 10 of stock/W01/P-1, which comes after it and is missing"
        ),
    ]


def test_a_snapshot_of_a_stream_without_entries_is_named_with_the_first_entry(
    log: ApplicationRecorder, datastore: Datastore
) -> None:
    """None of the stream is left that it could be named with."""
    log.append([], snapshots=[StoredEvent("stock/W09/P-1", 3, "t", b"{}")])

    *_, found = look_at_answers(datastore)
    what = "a snapshot has version 3 of stock/W09/P-1, which comes after it and is missing"
    assert found == Fault(1, what)


def test_what_follows_a_missing_entry_of_its_stream_is_named(
    log: ApplicationRecorder, datastore: Datastore, schema: str
) -> None:
    assert look(datastore).faults == []  # The control.
    with forging(datastore.dsn, schema) as forger:
        forger.delete(4)  # Version 2 of the stock item, which is not chained.
    told = [fault for fault in look(datastore).faults if fault.position == 6]
    assert told == [Fault(6, "it is version 3 of stock/W01/P-1, and the version before is missing")]


def test_nothing_is_wrong_with_what_is_appended_meanwhile(
    log: ApplicationRecorder, datastore: Datastore, fact: MakeFact
) -> None:
    over = threading.Event()

    def append() -> None:
        version = 10
        while not over.is_set():
            version += 1
            log.append([fact("accounts/D01", version), fact("stock/W01/P-1", version)])

    appending = threading.Thread(target=append)
    appending.start()
    try:
        looks = [look(datastore) for _ in range(40)]
    finally:
        over.set()
        appending.join()
    assert looks[-1].size > looks[0].size
    assert [found.faults for found in looks] == [[]] * len(looks)


def test_a_look_takes_in_the_newest_thousand_and_tells_a_hundred_faults_of_a_kind() -> None:
    assert (inspection.NEWEST, inspection.MOST_FAULTS) == (1_000, 100)


def test_of_each_kind_the_first_faults_are_told_and_no_more(
    log: ApplicationRecorder,
    datastore: Datastore,
    schema: str,
    fact: MakeFact,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Missing entries, answers with them, and snapshots after them: three of each, two told."""
    monkeypatch.setattr(inspection, "MOST_FAULTS", 2)
    for number, request in ((23, R_3), (22, R_2), (21, GR_1)):
        log.append(
            [fact("stock/W01/P-2", 24 - number, request_id=request)],
            [NewAnswer(request, b"f", b"r", 0, 1)],
            [StoredEvent(f"stock/W0{number}/P-3", 1, "t", b"{}")],
        )
    with forging(datastore.dsn, schema) as forger:
        for position in (23, 22, 21):
            forger.delete(position)
    missing = [fault for fault in look(datastore).faults if fault.what == "it is missing"]
    assert missing == []  # They are behind the last one: only the end of the log is told.
    log.append([fact("stock/W01/P-4", 1)])
    missing = [fault for fault in look(datastore).faults if fault.what == "it is missing"]
    assert [fault.position for fault in missing] == [21, 22]
    answers = [fault for fault in look_at_answers(datastore) if "answered" in fault.what]
    snapshots = [fault for fault in look_at_answers(datastore) if "snapshot" in fault.what]
    assert [fault.position for fault in answers] == [2, 21]  # At 2 it is of another request.
    named = [fault.what.split()[6] for fault in snapshots]
    assert named == ["stock/W021/P-3,", "stock/W022/P-3,"]
