"""Bad input over a real socket: its documented reason, no trace in log or views, and life goes on.

Every request is sent twice: spoilt, and in order on a dry run of the import stream, which decides
and records nothing. So it is the spoilt part that is refused, and not something beside it.
"""

import re
import struct
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import grpc
import psycopg2
import pytest

from partsledger.v1 import sale_service_pb2
from server.app import App
from tests.conftest import new_book
from tests.server.api.bad_input import (
    ACTOR,
    BAD_INPUTS,
    NOW,
    SALE,
    BadInput,
    here,
    open_the_business,
    send,
)
from tests.server.api.error_page import ROWS
from tests.server.api.import_desk import commands, imported
from tests.server.api.methods import METHOD_OF_COMMAND, PROTOS
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.cli.terminal import PARTS, PLACES, PURCHASE, export, partsledger
from tests.server.conftest import serving

OF_EVERY_MUTATION = {"INVALID_VALUE", "BOOK_UNKNOWN", "REQUEST_ID_REUSED"}
DOCUMENTED = {row.reason: row.metadata for row in ROWS}
CREATE_SALE = "/partsledger.v1.SaleService/CreateSale"


class Business(NamedTuple):
    """A server that keeps one book for all tests here: what is refused leaves nothing behind."""

    app: App
    channel: grpc.Channel
    desk: FrontDesk

    def trace(self) -> tuple[Any, ...]:
        """The log's head, and every row of every view."""
        head = self.app.reads.log.head()
        self.app.follower.wait_for(head.size, 20)
        status = self.desk.call("View.GetViewStatus", with_fingerprints=True)
        views = [(view.view, view.row_count, view.fingerprint) for view in status.views]
        return (head, status.position, *views)


@pytest.fixture(scope="module")
def business(database_url: str) -> Iterator[Business]:
    with (
        new_book(database_url) as book,
        serving(database_url, book, lambda: NOW) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        desk = FrontDesk(channel, book)
        open_the_business(desk)
        yield Business(app, channel, desk)


@pytest.mark.parametrize("item", BAD_INPUTS, ids=lambda item: item.name.replace(" ", "-"))
def test_bad_input_ends_in_its_reason_and_leaves_no_trace(
    business: Business, item: BadInput
) -> None:
    before = business.trace()

    with pytest.raises(Refused) as refusal:
        send(business.desk, item.method, item.bad)

    assert (refusal.value.code, refusal.value.reason) == (item.code, item.reason)
    assert refusal.value.facts
    assert refusal.value.facts.keys() <= DOCUMENTED[item.reason]
    assert business.trace() == before
    assert (
        decided(business, item.method, item.good) == ""
    )  # The control: put right, it would be taken.
    assert business.trace() == before


@pytest.mark.parametrize("item", BAD_INPUTS, ids=lambda item: item.name.replace(" ", "-"))
def test_the_reason_is_one_that_the_methods_comment_lists(item: BadInput) -> None:
    assert item.reason in OF_EVERY_MUTATION | listed(item.method)


def test_a_comment_does_not_list_every_reason() -> None:
    """Control of the test above."""
    assert "DUPLICATE_CLAIM" in listed("Claim.CreateClaim")
    assert "DUPLICATE_CLAIM" not in listed("Sale.CreateSale")


def listed(method: str) -> set[str]:
    """The reasons in the comment of a method in its .proto."""
    noun, _, verb = method.partition(".")
    proto = (PROTOS / f"{noun.lower()}_service.proto").read_text()
    [comment] = re.findall(rf"((?:  //.*\n)+)  rpc {verb}\(", proto)
    return set(re.findall(r"[A-Z_]{3,}", comment))


def decided(business: Business, method: str, good: dict[str, Any]) -> str:
    """What the ledger says to a request in order, on a dry run; nothing if it would take it."""
    fields = here(business.desk, good)
    actor = fields.pop(ACTOR, "wang")
    [name] = [command for command, called in METHOD_OF_COMMAND.items() if called == method]
    [answer] = imported(business.channel, commands([(name, actor, fields)]), dry_run=True)
    return str(answer.error.message)


def raw_sale(business: Business, raw: bytes) -> None:
    try:
        call: Any = business.channel.unary_unary(CREATE_SALE)
        call(raw, timeout=20)
    except grpc.RpcError as error:
        raise Refused(error) from None


def sale(business: Business) -> sale_service_pb2.CreateSaleRequest:
    """A sale that is in order."""
    [command] = commands([("create_sale", "wang", here(business.desk, SALE))])
    return command.create_sale


def bytes_not_utf_8(business: Business) -> bytes:
    return sale(business).SerializeToString().replace(b"DOC-1", b"DO\xff-1")


def bytes_beyond_the_limit(business: Business) -> bytes:
    request = sale(business)
    request.occurrence.document = "x" * (4 * 1024 * 1024)
    return request.SerializeToString()


def one_and_a_half_pieces(business: Business) -> bytes:
    """The quantity as a double: the schema has no fractions, so to it there is no quantity."""
    request = sale(business)
    line = request.sale.lines[0]
    tag = line.DESCRIPTOR.fields_by_name["quantity"].number << 3 | 1
    line.ClearField("quantity")
    line.MergeFromString(bytes([tag]) + struct.pack("<d", 1.5))
    return request.SerializeToString()


@pytest.mark.parametrize(
    ("spoil", "code", "reason"),
    [
        (bytes_not_utf_8, grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE"),
        (bytes_beyond_the_limit, grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"),
        (one_and_a_half_pieces, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_VALUE"),
    ],
)
def test_bad_bytes_end_in_their_reason_and_leave_no_trace(
    business: Business, spoil: Any, code: grpc.StatusCode, reason: str
) -> None:
    before = business.trace()

    with pytest.raises(Refused) as refusal:
        raw_sale(business, spoil(business))

    assert (refusal.value.code, refusal.value.reason) == (code, reason)
    assert business.trace() == before
    assert decided(business, "Sale.CreateSale", SALE) == ""  # The control: unspoilt, it is taken.


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("quantity", "1.5"), ("quantity", "-3"), ("quantity", "0"), ("quantity", "9" * 30),
        ("unit_cost", "12.3456789012"), ("unit_cost", "-1.00"),
        ("unit_cost", "1,234.50"), ("currency", "XXX"), ("received_on", "2025-02-30"),
    ],
)  # fmt: skip
def test_a_bad_cell_of_a_file_is_told_and_leaves_no_trace(
    business: Business, tmp_path: Path, column: str, cell: str
) -> None:
    before = business.trace()
    rows = {"places": PLACES, "parts": PARTS}
    bad = export(tmp_path / "bad", purchases=[{**PURCHASE, column: cell}])
    good = export(tmp_path / "good", purchases=[PURCHASE], **rows)
    server = ("--server", business.app.address, "--book", business.desk.book)

    told = partsledger("import", str(bad), "--csv", *server)
    control = partsledger("import", str(good), "--json", "--dry-run", *server)

    assert told.code == 1
    assert [(row["column"], row["value"], row["reason"]) for row in told.csv] == [
        (column, cell, "BAD_LINE")
    ]
    assert control.json["files"][-1]["recorded"] == 1
    assert business.trace() == before


def test_a_database_gone_in_the_middle_leaves_no_trace_and_the_same_request_is_taken_later(
    database_url: str, app: App, desk: FrontDesk
) -> None:
    """The backend ends within the transaction, after the entries were written."""
    desk.open_for_business()
    desk.buy("B-1", "2025-07-01", "P-1", 10, 6)
    before = app.reads.log.head()
    request = {**SALE, "request_id": str(uuid4())}
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as c:
        connection.autocommit = True
        c.execute("SELECT set_config('search_path', %s, false)", (app.reads.schema,))
        c.execute(
            "CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
            "CREATE TRIGGER gone AFTER INSERT ON entries EXECUTE FUNCTION gone()"
        )
        with pytest.raises(Refused) as refusal:
            send(desk, "Sale.CreateSale", request)
        c.execute("DROP TRIGGER gone ON entries")

    assert (refusal.value.code, refusal.value.reason) == (
        grpc.StatusCode.UNAVAILABLE, "LOG_UNAVAILABLE",
    )  # fmt: skip
    assert app.reads.log.head() == before
    receipt = send(desk, "Sale.CreateSale", request).receipt
    assert receipt.first_position == before.size + 1


def test_a_request_in_order_does_leave_a_trace(business: Business) -> None:
    """Control of all the above, and the server still serves after all of it."""
    before = business.trace()

    send(business.desk, "Sale.CreateSale", {**SALE, "sale_id": "SO-10"})

    after = business.trace()
    assert after[0].size > before[0].size
    assert after[2:] != before[2:]


def test_the_day_is_that_of_the_clock_it_was_given(database_url: str, book: str) -> None:
    """A second later it is tomorrow in Shanghai, and what was refused is taken."""
    moment = NOW.replace(hour=15, minute=59, second=59)
    with (
        serving(database_url, book, lambda: moment) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        desk = FrontDesk(channel, book)
        desk.open_for_business()
        with pytest.raises(Refused) as refusal:
            desk.buy("B-1", "2026-01-01", "P-1", 1, 6)
        moment += timedelta(seconds=1)
        receipt = desk.buy("B-1", "2026-01-01", "P-1", 1, 6).receipt

    assert refusal.value.reason == "FUTURE_DATE"
    assert receipt.record_time.ToDatetime(tzinfo=UTC) == moment
