"""A whole log is read again: what it is, what is wrong with it, and how far it has come."""

from collections.abc import Callable
from contextlib import closing

import psycopg2
import pytest
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import connection
from psycopg2.extras import register_uuid

from server.eventlog import recomputing
from server.eventlog.inspection import Fault
from server.eventlog.recomputing import Recomputed, recompute
from server.eventlog.recorders import ApplicationRecorder
from server.eventlog.tree import Tree
from server.postgres.pool import Datastore
from tests.server.eventlog.conftest import MakeFact
from tests.server.forging import forging


@pytest.fixture
def log(log: ApplicationRecorder, fact: MakeFact) -> ApplicationRecorder:
    """Ten entries: an account, which is chained, and a stock item."""
    for version in range(1, 6):
        log.append([fact("accounts/D01", version), fact("stock/W01/P-1", version)])
    return log


def again(datastore: Datastore, told: Callable[[int], None] = lambda position: None) -> Recomputed:
    with closing(psycopg2.connect(datastore.dsn)) as opened:
        return recompute(opened, datastore, told)


def root_of(leaves: list[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def test_an_empty_log_ends_at_0_and_nothing_is_wrong(datastore: Datastore) -> None:
    assert again(datastore) == Recomputed(0, b"", Tree().root(), [])


def test_a_sound_log_is_as_long_as_it_is_with_the_root_of_all_its_leaves(
    log: ApplicationRecorder, datastore: Datastore
) -> None:
    leaves = [entry.leaf_hash for entry in log.entries.read(0, 20)]
    assert len(set(leaves)) == 10
    assert again(datastore) == Recomputed(10, leaves[-1], root_of(leaves), [])


def test_every_gap_and_what_follows_it_is_told_by_position(
    log: ApplicationRecorder, datastore: Datastore, schema: str
) -> None:
    with forging(datastore.dsn, schema) as forger:
        for position in (4, 10):
            forger.delete(position)
    found = again(datastore)
    assert found.faults == [
        Fault(4, "it is missing: 5 comes next"),
        Fault(6, "it is version 3 of stock/W01/P-1, and the version before is missing"),
        Fault(10, "it is missing: the head says that there are 10 entries"),
    ]
    leaves = [entry.leaf_hash for entry in log.entries.read(0, 20)]
    assert (found.position, found.last_hash, found.root_hash) == (9, leaves[-1], root_of(leaves))


def test_an_altered_entry_is_told_once(
    log: ApplicationRecorder, datastore: Datastore, schema: str
) -> None:
    with forging(datastore.dsn, schema) as forger:
        forger.state(5, "{}")
    assert again(datastore).faults == [Fault(5, "its leaf hash is not that of what is stored")]


def test_entries_of_which_nobody_knows_the_kind_any_more_are_missing(
    log: ApplicationRecorder, datastore: Datastore, owner: connection, fact: MakeFact
) -> None:
    log.append([fact("stock/W09/P-1", topic="partsledger:StockItem.Issued"), fact("stock/W09/P-2")])
    with owner.cursor() as c:
        c.execute("ALTER TABLE topics DISABLE TRIGGER only_grows")
        c.execute("DELETE FROM topics WHERE name LIKE '%Issued'")
        assert c.rowcount == 1
    assert again(datastore).faults == [Fault(11, "it is missing: 12 comes next")]


def test_a_head_that_is_gone_says_that_there_are_no_entries(
    log: ApplicationRecorder, datastore: Datastore, owner: connection
) -> None:
    with owner.cursor() as c:
        c.execute("DELETE FROM head")
        assert c.rowcount == 1
    what = "it is there, and the head says that there are 0 entries"
    assert again(datastore).faults == [Fault(1, what)]


def test_snapshots_of_what_is_not_there_are_found_too(
    log: ApplicationRecorder, datastore: Datastore
) -> None:
    log.append([], snapshots=[StoredEvent("stock/W09/P-1", 3, "t", b"{}")])
    what = "a snapshot has version 3 of stock/W09/P-1, which comes after it and is missing"
    assert again(datastore).faults == [Fault(1, what)]


def test_a_connection_that_makes_objects_of_ids_finds_nothing_else(
    log: ApplicationRecorder, datastore: Datastore
) -> None:
    with closing(psycopg2.connect(datastore.dsn)) as opened:
        register_uuid(conn_or_curs=opened)  # type: ignore[no-untyped-call]
        assert recompute(opened, datastore).faults == []


@pytest.mark.parametrize(("most", "faults", "position"), [(1, 2, 4), (2, 3, 6), (3, 3, 10)])
def test_it_ends_where_there_are_more_faults_than_are_told(
    log: ApplicationRecorder,
    datastore: Datastore,
    schema: str,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    faults: int,
    position: int,
) -> None:
    monkeypatch.setattr(recomputing, "MOST_FAULTS", most)
    with forging(datastore.dsn, schema) as forger:
        for altered in (2, 4, 6):
            forger.state(altered, "{}")
    found = again(datastore)
    assert len(found.faults) == faults
    assert [fault.position for fault in found.faults] == [2, 4, 6][:faults]
    assert found.position == position
    read = [entry.leaf_hash for entry in log.entries.read(0, position)]
    assert found.last_hash == read[-1]


def test_it_says_how_far_it_has_come(
    log: ApplicationRecorder, datastore: Datastore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "_AT_A_TIME", 4)
    told: list[int] = []
    again(datastore, told.append)
    assert told == [4, 8]
