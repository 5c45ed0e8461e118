"""Where a filter is forgotten, the database still shows a dealer nothing but its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from google.protobuf import json_format
from psycopg2 import sql

from projections.books import documents
from projections.engine.row_security import DEALERS_ROLE
from projections.views import VIEWS
from server.access.roles import Role
from server.api.admission import Admission
from server.api.resource import Resource
from tests.server.api.access.conftest import Office
from tests.server.api.access.protected import KeyedDesk
from tests.server.api.access.test_dealers import READS
from tests.server.api.methods import METHODS
from tests.server.api.reading.front_desk import Refused

FILTER = "AND (%(dealer)s::text IS NULL OR f.dealer = %(dealer)s)"
OPEN = [view for view in VIEWS if view.own]
CLOSED = [view for view in VIEWS if not view.own]
# What is read of the log, and not of views: whose it is, its document says (Resource.require_seen).
OF_THE_LOG = {method for method in READS if ".Get" in method} - {"Statement.GetStatement"}


def answer(desk: KeyedDesk, method: str, fields: dict[str, Any]) -> str:
    """What a caller is told, as text."""
    try:
        return str(json_format.MessageToJson(desk.call(method, **fields)))
    except Refused as refused:
        return f"{refused} {refused.facts}".replace("D02", "asked for")


@pytest.fixture
def nothing_is_narrowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests reach the servicers as they were sent."""
    monkeypatch.setattr(Admission, "narrow", lambda *_: None)


@pytest.mark.usefixtures("nothing_is_narrowed")
@pytest.mark.parametrize("method", sorted(READS.keys() - OF_THE_LOG))
def test_a_request_that_nobody_has_narrowed_finds_nothing_of_another_dealer(
    office: Office, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Resource, "is_seen", lambda *_: True)  # Nor is what was found looked at.
    dealer, finance = office.dealer("D01"), office.desk(Role.FINANCE)
    for request_for in READS[method]:
        asked = request_for(dealer, "D02", "")
        found = answer(dealer, method, asked)
        # What is asked for is named in the answer; documents of the other dealer are not.
        assert not [n for n in ("CL-D02", "SO-D02", "PM-D02", "PO-D02", "RT-D02") if n in found]
        assert "units" not in found
        assert len(answer(finance, method, asked)) > len(found) or "D02" in answer(
            finance, method, asked
        )  # Control.


def test_a_query_that_has_lost_its_filter_shows_a_dealer_its_own_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FILTER in documents._LIST
    monkeypatch.setattr(documents, "_LIST", documents._LIST.replace(FILTER, ""))
    monkeypatch.setattr(Resource, "is_seen", lambda *_: True)
    dealer, finance = office.dealer("D01"), office.desk(Role.FINANCE)
    for method in ("Claim.ListClaims", "Sale.ListSales", "Return.ListReturns",
                   "Payout.ListPayouts", "Payment.ListPayments"):  # fmt: skip
        row = METHODS[method].output_type.fields_by_number[1].name
        mine: dict[str, Any] = {"dealer": dealer.name("dealers/D01")}
        found = getattr(dealer.call(method, **mine), row)
        everyones = getattr(finance.call(method, **mine), row)

        assert found
        assert {each.dealer for each in found} == {dealer.name("dealers/D01")}
        assert {each.dealer for each in everyones} == {  # Control: the filter is gone.
            dealer.name("dealers/D01"), dealer.name("dealers/D02"),
        }  # fmt: skip


@contextmanager
def asking(office: Office, role: str, dealer: str) -> Iterator[Any]:
    """A cursor of the role, set to a dealer."""
    connection = psycopg2.connect(office.app.database_url)
    try:
        with connection.cursor() as c:
            c.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
            c.execute("SELECT set_config('partsledger.dealer', %s, false)", (dealer,))
            yield c
    finally:
        connection.close()


def table(office: Office, name: str) -> sql.Composed:
    schema = f"views_of_{office.app.reads.schema}"
    return sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(name))


def rows(office: Office, name: str, role: str, dealer: str = "D01") -> list[tuple[Any, ...]]:
    with asking(office, role, dealer) as c:
        c.execute(sql.SQL("SELECT * FROM {}").format(table(office, name)))
        return [
            tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
            for row in c.fetchall()
        ]


@pytest.mark.parametrize("view", OPEN, ids=lambda view: view.name)
def test_each_view_shows_each_dealer_its_own_rows(office: Office, view: Any) -> None:
    everything = rows(office, view.name, "partsledger_service")
    first, second, unknown = (
        rows(office, view.name, DEALERS_ROLE, dealer) for dealer in ("D01", "D02", "D99")
    )
    assert first or view.name in ("claim_months", "stated_items"), "nothing to tell apart"
    assert set(first) | set(second) <= set(everything)
    assert set(first) & set(second) == set(unknown)  # What is the same for all.
    assert not [row for row in unknown if "D01" in repr(row) or "D02" in repr(row)]
    assert not [row for row in first if "D02" in repr(row)]
    if view.name not in ("claim_months", "stated_items"):
        assert len(first) < len(everything)


@pytest.mark.parametrize("view", CLOSED, ids=lambda view: view.name)
def test_a_view_that_does_not_say_whose_its_rows_are_is_closed(office: Office, view: Any) -> None:
    rows(office, view.name, "partsledger_service")  # Control.
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(office, view.name, DEALERS_ROLE)


@pytest.mark.parametrize("name", ["entries", "answers", "snapshots", "head"])
def test_the_log_is_closed_to_the_role(office: Office, name: str) -> None:
    schema = office.app.reads.schema
    query = sql.SQL("SELECT * FROM {}.{}").format(sql.Identifier(schema), sql.Identifier(name))
    with (
        asking(office, DEALERS_ROLE, "D01") as c,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        c.execute(query)


def test_nobody_asks_without_saying_for_whom(office: Office) -> None:
    connection = psycopg2.connect(office.app.database_url)
    try:
        with connection.cursor() as c:
            c.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(DEALERS_ROLE)))
            with pytest.raises(psycopg2.errors.UndefinedObject):
                c.execute(sql.SQL("SELECT * FROM {}").format(table(office, "dealer_items")))
    finally:
        connection.close()


def test_views_that_are_built_again_are_secured_as_they_were(office: Office) -> None:
    before = {view.name: rows(office, view.name, DEALERS_ROLE) for view in OPEN}
    assert any(before.values())

    assert list(office.desk(Role.OPERATOR).stream("View.RebuildViews", timeout=120))

    after = {view.name: rows(office, view.name, DEALERS_ROLE) for view in OPEN}
    assert {name: sorted(map(repr, found)) for name, found in after.items()} == {
        name: sorted(map(repr, found)) for name, found in before.items()
    }
    for view in CLOSED:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            rows(office, view.name, DEALERS_ROLE)
