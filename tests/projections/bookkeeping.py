"""A book to write in and to look at: real commands into a real log, and views folded from it."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg2
from psycopg2.extensions import connection

from domain.ledger import Ledger
from domain.months import first_day, next_month
from domain.purchase_receipt import PurchaseLine
from domain.transfer_lines import TransferLine
from domain.use_cases import purchasing, selling, settling, transferring
from domain.use_cases.booking import Occurrence
from domain.use_cases.closing import hard_close, request_hard_close, soft_close
from projections.books.documents import Document, list_documents
from projections.engine.folding import Step, prepare, step
from projections.engine.reading import Reading, reading
from projections.engine.schemas import Connect, schemas, share_views
from projections.views import VIEWS
from server.postgres.prepared import PreparingConnection
from tests.domain.desk import command
from tests.figures import taken_as_given
from tests.small_maker import SMALL_MAKER, SmallMaker

TODAY = date(2026, 12, 31)


def service_connections(database_url: str) -> Connect:
    """Transactions as the service's role, each on a connection of its own."""

    @contextmanager
    def connect() -> Iterator[connection]:
        opened = psycopg2.connect(database_url, connection_factory=PreparingConnection)
        with closing(opened), opened:
            with opened.cursor() as c:
                c.execute("SET ROLE partsledger_service")
            yield opened

    return connect


def terminate(database_url: str, pid: int) -> None:
    """Ends a connection from the side of the database."""
    with closing(psycopg2.connect(database_url)) as opened, opened, opened.cursor() as c:
        c.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def found_document(now: Reading, kind: str, key: str) -> Document | None:
    """A document as a list of its kind shows it, or None where it has none."""
    return next((d for d in list_documents(now, kind).documents if d.key == key), None)


@dataclass
class Bookkeeper:
    """Gives commands on behalf of two people, and folds the views when told to."""

    ledger: Ledger
    connect: Connect
    book: str
    requests: int = field(default=0)

    def __post_init__(self) -> None:
        with self.connect() as opened, opened.cursor() as c:
            prepare(c, self.book, VIEWS)

    def do(self, use_case: Callable[..., Any], actor: str = "wang", **arguments: Any) -> Any:
        self.requests += 1
        return self.ledger.execute(
            command(self.requests, actor, TODAY),
            lambda ledger, command: use_case(ledger, command, **arguments),
        )

    def fold(self, limit: int = 10_000) -> Step:
        """Folds up to the end of the log, `limit` facts a transaction."""
        reached = -1
        while True:
            with self.connect() as opened, opened.cursor() as c:
                share_views(c, schemas(self.book), VIEWS)
                done = step(c, schemas(self.book), VIEWS, limit)
            if done.caught_up:
                return done
            assert done.reached > reached, f"the fold stands still at {done}"
            reached = done.reached

    @contextmanager
    def look(self, position: int | None = None) -> Iterator[Reading]:
        """The views with all facts folded, or as of a past position."""
        self.fold()
        with reading(self.connect, self.book, VIEWS, position) as now:
            yield now

    # Base data and documents, with what the tests do not care about filled in.

    def open_for_business(self, maker: SmallMaker = SMALL_MAKER) -> None:
        for use_case, fields in maker.use_cases():
            self.do(use_case, **fields)

    def buy(
        self, number: str, on: date, part: str, quantity: int, cost: int, at: str = "W01"
    ) -> None:
        line = PurchaseLine(part=part, quantity=quantity, value_minor=quantity * cost)
        self.do(
            purchasing.receive_purchase,
            number=number, occurrence=Occurrence(on, number), supplier="S01", to_place=at,
            lines=(line,),
        )  # fmt: skip

    def sell(
        self, number: str, on: date, part: str, quantity: int, dealer: str = "D01", at: str = "W01"
    ) -> None:
        self.do(
            selling.sell_parts,
            number=number, occurrence=Occurrence(on, number), dealer=dealer, from_place=at,
            lines=(selling.WantedLine(part, quantity),),
        )  # fmt: skip

    def pay(self, number: str, on: date, amount: int, dealer: str = "D01", **more: Any) -> None:
        fields = {"occurrence": Occurrence(on, number), **more}
        self.do(
            selling.receive_payment,
            number=number, dealer=dealer, amount_minor=amount, **{"currency": "CNY", **fields},
        )  # fmt: skip

    def pay_late(self, number: str, on: date, amount: int) -> None:
        """A payment of D01 that comes to light after its month was hard-closed."""
        self.pay(number, on, amount, occurrence=Occurrence(on, number, late=True))

    def dispatch(self, number: str, on: date, part: str, quantity: int) -> None:
        """From W01 on its way to W02."""
        self.do(
            transferring.request_transfer,
            number=number, occurrence=Occurrence(on, number), from_place="W01", to_place="W02",
            lines=(TransferLine(part=part, quantity=quantity),),
        )  # fmt: skip
        then = Occurrence(on, number)
        self.do(transferring.approve_transfer, actor="li", number=number, occurrence=then)
        self.do(transferring.dispatch_transfer, number=number, occurrence=then)

    def receive(self, number: str, on: date) -> None:
        self.do(transferring.receive_transfer, number=number, occurrence=Occurrence(on, number))

    def close(self, month: str) -> None:
        """Soft-closes a month and then hard-closes it, on the day after it."""
        over = Occurrence(first_day(next_month(month)))
        for use_case in (soft_close, request_hard_close):
            self.do(use_case, occurrence=over, month=month)
        figures = taken_as_given(self.ledger)
        self.do(hard_close, actor="li", occurrence=over, month=month, figures=figures)

    def state(self, month: str, dealer: str = "D01") -> None:
        """Issues the dealer's statement of a month."""
        over = Occurrence(first_day(next_month(month)))
        self.do(settling.issue_statement, dealer=dealer, month=month, occurrence=over)
