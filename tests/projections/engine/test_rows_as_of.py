"""A view that went on has, as of any position, the rows that it had when it stood there."""

from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, index, step
from projections.engine.schemas import building, schemas
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.trading import a_busy_spring


def test_rows_as_of_any_position_are_those_that_stood_there(bookkeeper: Bookkeeper) -> None:
    traded = a_busy_spring(bookkeeper)
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
