"""A look-up finds each row through an index, however short the log was when it was planned."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from psycopg2.extensions import connection

from server.eventlog import lookup
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
