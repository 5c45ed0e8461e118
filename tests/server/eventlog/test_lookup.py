"""A look-up finds each row through an index, however short the log was when it was planned."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from psycopg2.extensions import connection

from server.eventlog import lookup
from server.eventlog.answers import NewAnswer
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from server.postgres.prepared import PreparingConnection
from tests.server.eventlog.conftest import MakeFact
from tests.server.eventlog.requests import R_1, R_2

TABLES = {"entries", "answers", "snapshots"}


@pytest.fixture
def planning(datastore: Datastore) -> Iterator[PreparingConnection]:
    """Plans as the connection for looking up does."""
    with closing(datastore.connect("planner")) as opened, opened.cursor() as c:
        c.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        yield opened


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those of the log's tables; what a bitmap scan looks for stands in its recheck."""
    if plan.get("Relation Name") in TABLES:
        yield plan
    for part in plan.get("Plans", []):
        yield from scans(part)


def unconditional(planning: PreparingConnection, datastore: Datastore, statement: str) -> list[str]:
    """The scans that are not of rows asked for."""
    asked = lookup.parameters([R_1, R_2], ["a/1", "a/2", "a/3"])
    with planning.cursor() as c:
        c.execute(b"EXPLAIN (FORMAT JSON) " + planning.prepared(datastore.sql(statement), asked))
        ((found,),) = c.fetchall()
    every = list(scans(found[0]["Plan"]))
    assert len(every) == 4  # Entries are read by stream, and by position.
    return [
        scan["Relation Name"]
        for scan in every
        if not ("Index Cond" in scan or "Recheck Cond" in scan)
    ]


@pytest.mark.parametrize("length", [0, 50, 300])
def test_each_row_is_found_by_itself(
    log: ApplicationRecorder,
    datastore: Datastore,
    owner: connection,
    planning: PreparingConnection,
    fact: MakeFact,
    length: int,
) -> None:
    if length:
        log.append([fact(version=version) for version in range(1, length + 1)])
    with owner.cursor() as c:
        for table in TABLES:
            c.execute(datastore.sql(f"ANALYZE {{schema}}.{table}"))
    assert unconditional(planning, datastore, lookup.STATEMENT) == []
    joined = lookup.STATEMENT.replace("OFFSET 0", "")
    assert unconditional(planning, datastore, joined) != []  # The control: it can be otherwise.


def test_a_stream_is_in_the_order_of_its_versions_however_its_rows_are_found(
    log: ApplicationRecorder,
    datastore: Datastore,
    owner: connection,
    planning: PreparingConnection,
    fact: MakeFact,
) -> None:
    """Its first version lies last in the table, and their kinds are in the other order, too."""
    kinds = ("partsledger:C", "partsledger:B", "partsledger:A")
    log.append([fact("stock/a", n, topic=kind) for n, kind in enumerate(kinds, 1)])
    with owner.cursor() as c, planning.cursor() as planned:
        c.execute("CREATE TEMP TABLE copied AS SELECT * FROM entries")
        c.execute("ALTER TABLE entries DISABLE TRIGGER only_grows")
        c.execute("DELETE FROM entries")
        c.execute("INSERT INTO entries SELECT * FROM copied ORDER BY version DESC")
        planned.execute("SET enable_seqscan = on; SET enable_indexscan = off")
        planned.execute("SET enable_bitmapscan = off; SET plan_cache_mode = force_custom_plan")
        planned.execute(datastore.sql(lookup.STATEMENT), lookup.parameters([], ["stock/a"]))
        found = lookup.found(planned.fetchall())
        c.execute("SELECT version FROM entries")
        assert c.fetchall() == [(3,), (2,), (1,)]  # The control.
    assert [event.originator_version for event in found.streams["stock/a"]] == [1, 2, 3]


def test_an_answer_whose_entries_are_not_there_is_none(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    log.append([fact()], [NewAnswer(R_1, b"f", b"r", 0, 1)])
    with owner.cursor() as c:
        c.execute("INSERT INTO answers VALUES (%s, 9, 9, 'f', 'r')", (R_2,))
    assert list(log.look_up([R_1, R_2], []).answers) == [R_1]


def test_of_several_snapshots_the_last_is_taken_and_none_of_another_form(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    log.append([fact("stock/a", version) for version in range(1, 6)])
    with owner.cursor() as c:
        for version, form in ((1, 1), (3, 1), (4, 2)):
            row = "stock/a", version, "t", "{}", form
            c.execute("INSERT INTO snapshots VALUES (%s, %s, %s, %s, %s)", row)

    streams = log.look_up([], ["stock/a", "stock/none"]).streams

    assert list(streams) == ["stock/a"]
    assert [(each.originator_version, each.topic) for each in streams["stock/a"]] == [
        (3, "t"), (4, "partsledger:StockItem.Received"), (5, "partsledger:StockItem.Received"),
    ]  # fmt: skip
