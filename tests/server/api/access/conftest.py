"""A book of two dealers with one document of each kind, on a server that asks who calls."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest

from server.access.roles import Role
from server.app import App
from tests.conftest import new_book
from tests.on_the_wire import cny, day, on
from tests.server.api import documents
from tests.server.api.access.protected import KeyedDesk, Signer, protected
from tests.server.writing.office import PATIENCE
from tests.small_maker import SmallMaker, SoldMachine, policy, terms

DEALERS = ("D01", "D02")
MAKER = SmallMaker(
    custody_rooms=("R01",),
    dealers={"D01": terms(), "D02": terms()},
    policies={"ZY16": policy(return_days=30)},
    machines={
        f"M-{dealer}": SoldMachine("ZY16", dealer, date(2025, 1, 1), "U-1") for dealer in DEALERS
    },
)


class Office(NamedTuple):
    """A running server, and who can call it: `office.desk(Role.FINANCE)`."""

    app: App
    channel: grpc.Channel
    book: str
    signer: Signer

    def desk(self, *roles: Role, name: str = "li.ming", **claims: Any) -> KeyedDesk:
        return KeyedDesk(self.channel, self.book, self.signer.token(name, *roles, **claims))

    def dealer(self, dealer: str) -> KeyedDesk:
        return self.desk(Role.DEALER, name=f"dms-{dealer}", dealer=dealer)


Desks = Callable[..., KeyedDesk]


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(Path(tmp_path_factory.mktemp("signer")))


@pytest.fixture(scope="session")
def office(database_url: str, signer: Signer) -> Iterator[Office]:
    """Whatever is recorded here besides must not disturb the others: numbers of one's own."""
    with (
        new_book(database_url) as book,
        protected(database_url, book, signer) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        office = Office(app, channel, book, signer)
        erp = office.desk(Role.ERP, name="erp", speaks_for=["*"])
        erp.open_for_business(MAKER)
        for dealer in DEALERS:
            trade(erp, dealer)
        app.follower.wait_for(app.reads.log.head().size, PATIENCE)
        yield office


def trade(desk: KeyedDesk, dealer: str) -> None:
    """One document of each kind, with the dealer's code in its number, all in July 2025."""
    name = desk.name(f"dealers/{dealer}")
    desk.buy(f"B-{dealer}", "2025-06-01", "P-1", 20, 6)
    desk.sell(f"SO-{dealer}", "2025-07-01", "P-1", 3, dealer)
    paid = {"dealer": name, "amount": cny(50)}
    desk.call("Payment.CreatePayment", payment_id=f"PM-{dealer}", payment=paid,
              occurrence=on("2025-07-20", f"PM-{dealer}"))  # fmt: skip
    refund = {"dealer": name, "amount": cny(3)}
    desk.call(
        "Payout.CreatePayout", payout_id=f"PO-{dealer}", payout=refund,
        allocations=[{"item": f"payments/PM-{dealer}", "amount": cny(3)}],
        occurrence=on("2025-07-21", f"PO-{dealer}"),
    )  # fmt: skip
    desk.call("Claim.CreateClaim", claim_id=f"CL-{dealer}", claim=claim(desk, dealer),
              occurrence=on("2025-07-12", f"CL-{dealer}"))  # fmt: skip
    desk.call("Return.CreateReturn", return_id=f"RT-{dealer}", parts_return=parcel(desk, dealer),
              occurrence=on("2025-07-22", f"RT-{dealer}"))  # fmt: skip
    desk.call(
        "Settlement.IssueStatement", actor="zhao",
        parent=name,
        month="2025-07",
        occurrence=on("2025-08-02", f"ST-{dealer}"),
    )  # fmt: skip


def claim(desk: KeyedDesk, dealer: str, machine: str = "") -> dict[str, Any]:
    form = documents.claim(desk.parent, machine or f"M-{dealer}")
    return {**form, "dealer": desk.name(f"dealers/{dealer}")}


def parcel(desk: KeyedDesk, dealer: str) -> dict[str, Any]:
    """One piece of what the dealer was sold."""
    [line] = documents.lines(desk.parent, "P-1", 1)
    return {**line, "sale": desk.name(f"sales/SO-{dealer}"), "to_place": desk.name("places/R01")}


def july() -> dict[str, Any]:
    return {"from_date": day("2025-07-01"), "to_date": day("2025-07-31")}
