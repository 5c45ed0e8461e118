"""What goes wrong with a server and its database, done to a running one."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

import grpc
import psycopg2
import pytest
from psycopg2.extensions import cursor

from server.api import commands, reads
from server.api.errors import to_status
from server.app import App
from server.writing.queue import CommandQueue
from server.writing.submission import Batch, QueueFull
from tests.on_the_wire import on
from tests.server.api.bad_input import NOW
from tests.server.api.documents import sale
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.api.reading.test_views import views_held
from tests.server.api.refusals.recording import Refusal, refusal, refusal_of_bytes, shown
from tests.server.conftest import serving
from tests.server.forging import Forger, forging
from tests.server.test_startup import _spoil_view
from tests.server.writing.office import PATIENCE, asked, part
from tests.server.writing.test_clock import DAY, NOON, Two

BOOK: Final = "main"
LOG: Final = f"book_{BOOK}"
_MOST_WAITING: Final = 20_000  # As the server's settings have it.
_MIB: Final = 1024 * 1024
_GONE: Final = """
    CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE TRIGGER gone AFTER INSERT ON entries EXECUTE FUNCTION gone()
"""


@contextmanager
def serve(database_url: str) -> Iterator[tuple[App, FrontDesk, grpc.Channel]]:
    with (
        serving(database_url, BOOK, lambda: NOW) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        yield app, FrontDesk(channel, BOOK), channel


@contextmanager
def operator(database_url: str) -> Iterator[cursor]:
    """Somebody who may do everything to the database, statement by statement."""
    with closing(psycopg2.connect(database_url)) as opened:
        opened.autocommit = True
        c = opened.cursor()
        c.execute("SELECT set_config('search_path', %s, false)", (LOG,))
        yield c


def of_a_server(database_url: str) -> Iterator[Refusal]:
    """All of it, one after the other, to one book; what is worst comes last."""
    yield from of_no_server()
    with serve(database_url) as (app, desk, channel):
        desk.open_for_business()
        desk.trade()
        yield from of_bad_calls(desk, channel)
        yield from of_late_answers(app, desk)
        yield from of_a_database(database_url, desk)
        yield from of_a_statement(app, desk)
        with serve(database_url) as (_, other, _):
            other.sell("S-4", "2025-07-21", "P-1", 1)
            yield selling(desk, "S-5", "at a server whose book another one has taken over")
    yield from of_a_view(database_url)
    yield from of_a_log(database_url)


def selling(desk: FrontDesk, number: str, situation: str) -> Refusal:
    """Of a sale that is in order."""
    fields = sale(desk.parent, number, "2025-07-20", "P-1", 1)
    return refusal(desk, "Sale.CreateSale", situation=situation, **fields)


def of_no_server() -> Iterator[Refusal]:
    """What no test can do to a whole server: made by the parts that refuse."""
    waiting, command = CommandQueue(_MOST_WAITING), asked(part("P-1"))
    others = [replace(command, request_id=str(number)) for number in range(_MOST_WAITING)]
    waiting.put(Batch(others))
    with pytest.raises(QueueFull) as full:
        waiting.put(command)
    two = Two(NOON + 372 * DAY)
    two.database -= timedelta(hours=2)
    with pytest.raises(Exception, match="a jump of 372 days") as doubtful:
        two.ledger_clock().moment()
    for situation, error in (
        (f"while {_MOST_WAITING:,} commands wait", full.value),
        ("at a server whose clock is a year ahead", doubtful.value),
        ("that meets a defect", ArithmeticError()),
    ):
        yield Refusal("", "", {}, situation, shown(to_status(error)))


def of_bad_calls(desk: FrontDesk, channel: grpc.Channel) -> Iterator[Refusal]:
    for method, raw, situation in (
        ("SaleService.DeleteSale", b"", ""),
        ("SaleService.CreateSale", b"\xff", "with a byte that is no message"),
        ("SaleService.CreateSale", b"\0" * (4 * _MIB + 1), "with a byte more than 4 MiB"),
    ):
        yield refusal_of_bytes(channel, method, raw, situation)
    yield refusal(desk, "Sale.ListSales", page_token="bm9uZQ==")


def of_late_answers(app: App, desk: FrontDesk) -> Iterator[Refusal]:
    """The server waits a second, its callers longer: so they hear what it says."""
    app.follower.wait_for(app.reads.log.head().size, PATIENCE)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reads, "LONGEST_WAIT_SECONDS", 1.0)
        with views_held(app):
            last = desk.sell("S-3", "2025-07-20", "P-1", 1).receipt.last_position
            yield refusal(desk, "Ageing.GetInventoryAgeing", min_position=last,
                          situation="while the views do not move on")  # fmt: skip
        with closing(psycopg2.connect(app.database_url)) as holder, holder.cursor() as c:
            c.execute(f"LOCK TABLE {LOG}.entries IN EXCLUSIVE MODE")
            patched.setattr(commands, "LONGEST_CALL_SECONDS", 1)
            yield selling(desk, "S-6", "while the log waits for a lock")
    desk.call("Sale.ListSales", min_position=last)


def of_a_database(database_url: str, desk: FrontDesk) -> Iterator[Refusal]:
    with operator(database_url) as c:
        c.execute(_GONE)
        yield selling(desk, "S-7", "while the database goes away")
        c.execute("DROP TRIGGER gone ON entries")
        c.execute(f"REVOKE USAGE ON SCHEMA {LOG} FROM partsledger_service")
        yield selling(desk, "S-7", "while a right is revoked")
        c.execute(f"GRANT USAGE ON SCHEMA {LOG} TO partsledger_service")


def of_a_statement(app: App, desk: FrontDesk) -> Iterator[Refusal]:
    parent = desk.name("dealers/D02")
    issued = desk.call("Settlement.IssueStatement", parent=parent, month="2025-07",
                       occurrence=on("2025-08-01"))  # fmt: skip
    app.follower.wait_for(issued.receipt.last_position, PATIENCE)
    with operator(app.database_url) as c:
        c.execute(f"UPDATE views_of_{LOG}.statement_rows SET net_minor = net_minor + 1")
        name = f"{parent}/statements/2025-07"
        yield refusal(desk, "Statement.GetStatement", name=name,
                      situation="of a view that somebody has altered")  # fmt: skip


def of_a_view(database_url: str) -> Iterator[Refusal]:
    _spoil_view(database_url, f"views_of_{LOG}", "stock_lines")
    with ExitStack() as held, operator(database_url) as c:
        c.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"rebuild of {LOG}",))
        held.callback(c.execute, "SELECT pg_advisory_unlock_all()")
        with serve(database_url) as (_, desk, _):
            yield refusal(desk, "Ageing.GetInventoryAgeing",
                          situation="just after a new version has started")  # fmt: skip
            held.close()


def of_a_log(database_url: str) -> Iterator[Refusal]:
    """P-2 is registered by no fact any more; then its entry is not even what was written."""
    with forging(database_url, LOG) as forger:
        position = _position(forger, "parts/P-2")
        forger.state(position, "{}")
        forger.hash_again(position)
    with serve(database_url) as (_, desk, _):
        yield refusal(desk, "Part.GetPart", name=desk.name("parts/P-2"),
                      situation="of a part whose entry somebody has emptied")  # fmt: skip
    with forging(database_url, LOG) as forger:
        forger.state(position, '{"description":"P-2"}')
    with serve(database_url) as (_, desk, _):
        yield selling(desk, "S-8", "to a log in which somebody has altered an entry")


def _position(forger: Forger, stream: str) -> int:
    """Of the first entry of a stream."""
    forger.c.execute("SELECT min(position) FROM entries WHERE stream = %s", (stream,))
    ((position,),) = forger.c.fetchall()
    return int(position)
