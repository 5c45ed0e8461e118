"""Where the tables of books lie: no two in one schema, and no log where views are dropped."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import product

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection

from projections.engine import rebuild as rebuilding
from projections.engine.errors import HoldsALog
from projections.engine.rebuild import rebuild
from projections.engine.schemas import Schemas, building, drop_views, schemas, table_exists
from projections.views import VIEWS
from server.eventlog.migrations import migrate
from server.settings import Settings
from tests.projections.bookkeeping import Bookkeeper

Connects = Callable[[], AbstractContextManager[connection]]

NAME: str = next(
    field.pattern for field in Settings.model_fields["book"].metadata if hasattr(field, "pattern")
)
BOOKS = st.from_regex(NAME, fullmatch=True)


def all_of(book: str) -> set[str]:
    at = building(f"book_{book}", VIEWS)
    return {at.log, at.views, at.shadow}


def collide(names: Callable[[str], set[str]], one: str, other: str) -> bool:
    return not names(one).isdisjoint(names(other))


@given(BOOKS, BOOKS)
def test_no_two_books_share_a_schema(one: str, other: str) -> None:
    assert len(all_of(one)) == 3
    assert all(len(name) <= 63 for name in all_of(one))  # PostgreSQL cuts off the rest.
    assert one == other or not collide(all_of, one, other)


LIKELY = ("main", "main_views", "main_views_shadow", "views_of_book_main", "shadow_of_book_main")


def test_no_book_is_named_like_the_views_of_another() -> None:
    for one, other in product(LIKELY, LIKELY):
        assert one == other or not collide(all_of, one, other)


def test_names_with_the_kind_behind_would_collide() -> None:
    """Control: as it was before."""

    def before(book: str) -> set[str]:
        return {f"book_{book}", f"book_{book}_views", f"book_{book}_views_shadow"}

    assert collide(before, "main", "main_views")
    assert collide(before, "main", "main_views_shadow")


@pytest.fixture
def as_owner(database_url: str) -> Connects:
    """Transactions of a superuser: the service itself may drop only what it has made."""

    @contextmanager
    def connect() -> Iterator[connection]:
        with closing(psycopg2.connect(database_url)) as opened, opened:
            yield opened

    return connect


@pytest.fixture
def other_log(database_url: str, bookkeeper: Bookkeeper) -> str:
    other = f"{bookkeeper.book}_other"
    migrate(database_url, other)
    return other


def is_there(connect: Connects, log: str) -> bool:
    with connect() as opened, opened.cursor() as c:
        return table_exists(c, log, "entries")


def test_a_rebuild_drops_no_schema_that_holds_a_log(
    bookkeeper: Bookkeeper, as_owner: Connects, other_log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should names ever collide again."""

    def colliding(book: str, views: object) -> Schemas:
        return building(book, VIEWS)._replace(shadow=other_log)

    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "building", colliding)
        with pytest.raises(HoldsALog, match=f"{other_log} is not dropped"):
            rebuild(as_owner, bookkeeper.book, VIEWS)

    assert is_there(as_owner, other_log)
    assert rebuild(bookkeeper.connect, bookkeeper.book, VIEWS).same  # The control: it can go on.


def test_without_the_guard_the_log_would_be_gone(
    bookkeeper: Bookkeeper, as_owner: Connects, other_log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: nothing else keeps the owner from it, not even the trigger of the tables."""
    monkeypatch.setattr("projections.engine.schemas._OF_A_LOG", ())
    with as_owner() as opened, opened.cursor() as c:
        drop_views(c, other_log)
    assert not is_there(as_owner, other_log)


@pytest.mark.parametrize("table", ["head", "entries", "answers"])
def test_one_table_of_a_log_is_enough(
    bookkeeper: Bookkeeper, as_owner: Connects, table: str
) -> None:
    views = schemas(bookkeeper.book).views
    with as_owner() as opened, opened.cursor() as c:
        c.execute(f"CREATE TABLE {views}.{table} ()")
        with pytest.raises(HoldsALog):
            drop_views(c, views)
        c.execute(f"DROP TABLE {views}.{table}")
        drop_views(c, views)  # The control.
        drop_views(c, views)  # There is none any more, and nothing to be said about it.
