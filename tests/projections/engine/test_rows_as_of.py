"""A view that went on has, as of any position, the rows that it had when it stood there."""

from datetime import date

import pytest

from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, index, step
from projections.engine.schemas import building, schemas
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.claims.test_pending_claims import adjudicate, submit
from tests.small_maker import SmallMaker, SoldMachine, policy


@pytest.fixture
def traded(bookkeeper: Bookkeeper) -> Bookkeeper:
    """Stock that comes, goes and comes back to nothing, claims that end and do not, months that
    are stated and closed, and a payment that comes late."""
    machine = SoldMachine("ZY55", "D01", date(2025, 1, 1), "Zhao")
    bookkeeper.open_for_business(SmallMaker(policies={"ZY55": policy()}, machines={"M-1": machine}))
    bookkeeper.buy("R-1", date(2025, 4, 2), "P-1", 10, 800)
    bookkeeper.dispatch("T-1", date(2025, 4, 10), "P-1", 4)
    bookkeeper.receive("T-1", date(2025, 5, 2))
    bookkeeper.sell("S-1", date(2025, 5, 3), "P-1", 4, at="W02")
    submit(bookkeeper, "C-1", date(2025, 5, 4))
    bookkeeper.pay("Z-1", date(2025, 5, 20), 2_000)
    bookkeeper.state("2025-05")
    submit(bookkeeper, "C-2", date(2025, 6, 5))
    adjudicate(bookkeeper, "C-1", date(2025, 6, 6), (80_000, 0))
    bookkeeper.close("2025-05")
    bookkeeper.pay_late("Z-2", date(2025, 5, 31), 500)
    bookkeeper.buy("R-2", date(2025, 6, 10), "P-1", 3, 900)
    bookkeeper.sell("S-2", date(2025, 6, 11), "P-1", 9)
    bookkeeper.state("2025-06")
    submit(bookkeeper, "C-3", date(2025, 7, 1))
    adjudicate(bookkeeper, "C-3", date(2025, 7, 2), (0, 0))
    return bookkeeper


def test_rows_as_of_any_position_are_those_that_stood_there(traded: Bookkeeper) -> None:
    size = traded.fold().reached
    live, shadow = schemas(traded.book), building(traded.book, VIEWS)
    changes = dict.fromkeys((view.name for view in VIEWS), 0)
    before: dict[str, tuple[int, str]] = {}
    with traded.connect() as connection, connection.cursor() as c:
        create(c, shadow, VIEWS)
        index(c, shadow, VIEWS)
        for position in range(1, size + 1):
            assert step(c, shadow, VIEWS, 1).reached == position
            for view in VIEWS:
                stood = fingerprint(c, shadow, view, position)
                assert fingerprint(c, live, view, position) == stood, (view.name, position)
                changes[view.name] += before.get(view.name) != stood
                before[view.name] = stood
    assert min(changes.values()) > 1, changes  # The control: there was something to see.
