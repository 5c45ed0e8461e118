"""A right that is taken away while the server runs is no defect: the caller is told whose turn it
is, and all goes on once it is given back."""

from collections.abc import Callable, Iterator
from contextlib import closing

import grpc
import psycopg2
import pytest
from psycopg2.extensions import cursor

from server.app import App
from server.postgres.errors import library_error
from tests.server.api.batch_desk import part
from tests.server.api.reading.front_desk import FrontDesk, Refused

SERVICE = "partsledger_service"


@pytest.fixture
def operator(database_url: str) -> Iterator[cursor]:
    with closing(psycopg2.connect(database_url)) as opened:
        opened.autocommit = True
        yield opened.cursor()


@pytest.fixture
def stocked(app: App, desk: FrontDesk) -> FrontDesk:
    desk.call("Part.BatchCreateParts", requests=[part("P-1")])
    app.follower.wait_for(2, 20)
    return desk


READS: list[Callable[[FrontDesk], object]] = [
    lambda desk: desk.call("Part.GetPart", name=desk.name("parts/P-1")),
    lambda desk: desk.call("Part.ListParts", parent=desk.parent),
    lambda desk: desk.call("View.GetViewStatus"),
]
WRITE = "Part.BatchCreateParts"


def write(desk: FrontDesk) -> object:
    return desk.call(WRITE, requests=[part("P-2")])


def told(desk: FrontDesk, ask: Callable[[FrontDesk], object]) -> str:
    """What a call that is refused says."""
    with pytest.raises(Refused) as refused:
        ask(desk)
    assert refused.value.code is grpc.StatusCode.UNAVAILABLE
    assert refused.value.reason == "DATABASE_REFUSES"
    message = str(refused.value)
    assert "An operator has to put that right" in message
    assert "\n" not in message
    return message


def test_a_grant_that_is_revoked_while_it_runs(
    app: App, stocked: FrontDesk, operator: cursor
) -> None:
    schema, desk = app.reads.schema, stocked
    operator.execute(f"REVOKE USAGE ON SCHEMA {schema} FROM {SERVICE}")
    for ask in (*READS, write):
        assert f"permission denied for schema {schema}" in told(desk, ask)
    operator.execute(f"GRANT USAGE ON SCHEMA {schema} TO {SERVICE}")
    for ask in (*READS, write):  # The control, and nobody had to start anything again.
        ask(desk)


def test_a_view_that_is_dropped_while_it_runs(
    app: App, stocked: FrontDesk, operator: cursor
) -> None:
    operator.execute(f"DROP TABLE views_of_{app.reads.schema}.stock_lines CASCADE")
    refusal = told(stocked, lambda desk: desk.call("Ageing.GetInventoryAgeing"))
    assert 'stock_lines" does not exist' in refusal


def test_all_views_that_are_dropped_are_followed_again_once_they_are_rebuilt(
    app: App, stocked: FrontDesk, operator: cursor
) -> None:
    operator.execute(f"DROP SCHEMA views_of_{app.reads.schema} CASCADE")
    stocked.call(WRITE, requests=[part("P-2")])
    with pytest.raises(Refused, match="rebuild them") as refused:
        stocked.call("Part.ListParts", parent=stocked.parent)
    assert refused.value.reason == "VIEWS_BEHIND"
    list(stocked.stream("View.RebuildViews"))
    stocked.call(WRITE, requests=[part("P-3")])
    app.follower.wait_for(4, 20)
    assert len(stocked.call("Part.ListParts", parent=stocked.parent).parts) == 3


def test_a_statement_that_makes_no_sense_is_still_a_defect() -> None:
    """The control: nobody who runs a database can put that right."""
    told = library_error(psycopg2.errors.SyntaxError('syntax error at or near "SELEKT"'))
    assert type(told).__name__ == "ProgrammingError"
