"""A history with something of everything, and its log to work out from what reports should say."""

from datetime import date
from typing import Any, NamedTuple

from domain.storing import RecordedEvent
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.claims.test_pending_claims import adjudicate, submit
from tests.small_maker import SmallMaker, SoldMachine, policy


def a_busy_spring(bookkeeper: Bookkeeper) -> Bookkeeper:
    """Stock that comes, goes and comes back to nothing, claims that end and do not, months that
    are stated and closed, a payment that comes late, a receipt that is back-dated."""
    machine = SoldMachine("ZY55", "D01", date(2025, 1, 1), "Zhao")
    bookkeeper.open_for_business(SmallMaker(policies={"ZY55": policy()}, machines={"M-1": machine}))
    bookkeeper.buy("R-1", date(2025, 4, 2), "P-1", 10, 800)
    bookkeeper.buy("P-2", date(2025, 4, 3), "P-2", 2, 100, at="W02")
    bookkeeper.dispatch("T-1", date(2025, 4, 10), "P-1", 4)
    bookkeeper.receive("T-1", date(2025, 5, 2))
    bookkeeper.sell("S-1", date(2025, 5, 3), "P-1", 4, at="W02")
    # Numbers are of their kind: a sale may have that of a dealer, or of somebody else's payment.
    bookkeeper.sell("D01", date(2025, 5, 3), "P-2", 2, dealer="D02", at="W02")
    submit(bookkeeper, "C-1", date(2025, 5, 4))
    bookkeeper.pay("S-1", date(2025, 5, 20), 2_000, dealer="D02")
    bookkeeper.state("2025-05")
    submit(bookkeeper, "C-2", date(2025, 6, 5))
    adjudicate(bookkeeper, "C-1", date(2025, 6, 6), (80_000, 0))
    bookkeeper.close("2025-04")
    bookkeeper.fold()  # What April has left is read again for May.
    bookkeeper.close("2025-05")
    bookkeeper.pay_late("Z-2", date(2025, 5, 31), 500)
    bookkeeper.buy("R-2", date(2025, 6, 10), "P-1", 3, 900)
    bookkeeper.sell("S-3", date(2025, 6, 11), "P-1", 9)
    bookkeeper.state("2025-06")
    bookkeeper.state("2025-05", "D02")
    bookkeeper.buy("R-3", date(2025, 6, 20), "P-2", 2, 100)
    bookkeeper.sell("S-4", date(2025, 6, 20), "P-2", 2, dealer="D02")
    bookkeeper.buy("R-4", date(2025, 6, 12), "P-2", 1, 100)
    submit(bookkeeper, "C-3", date(2025, 7, 1))
    adjudicate(bookkeeper, "C-3", date(2025, 7, 2), (0, 0))
    return bookkeeper


class Entry(NamedTuple):
    position: int
    kind: str
    key: str
    version: int
    fact: Any
    recorded: RecordedEvent

    @property
    def name(self) -> str:
        """`Sold` of a sale."""
        return type(self.fact).__name__


def entries(bookkeeper: Bookkeeper) -> list[Entry]:
    """The whole log, read as the ledger reads it."""
    found = []
    log = bookkeeper.ledger.recorder
    for stored in log.select_notifications(start=1, limit=100_000):
        kind, _, key = str(stored.originator_id).partition("/")
        fact = bookkeeper.ledger.mapper.to_domain_event(stored)
        assert isinstance(stored, RecordedEvent)
        found.append(Entry(stored.id, kind, key, stored.originator_version, fact, stored))
    return found
