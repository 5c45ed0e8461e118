"""A pooler that keeps no sessions is refused at the start; one that does is in nobody's way."""

from contextlib import closing

import pytest

from server.app import running
from server.postgres.connecting import connect
from server.postgres.data_directory import CannotStart
from server.postgres.pooler import SharedSessions, require_own_sessions
from server.settings import Settings
from tests.server.postgres.pooling import pooled


@pytest.mark.parametrize("transactions", [True, False])
def test_a_pooler_in_transaction_or_statement_mode_is_refused(
    database_url: str, book: str, transactions: bool
) -> None:
    with pooled(database_url, sessions=False, transactions=transactions) as url:
        with pytest.raises(SharedSessions):
            require_own_sessions(url)
        settings = Settings.read(database_url=url, book=book, listen="127.0.0.1:0")
        with pytest.raises(CannotStart, match="a pool in session mode") as told, running(settings):
            pass
        assert "\n" not in str(told.value)


def test_one_that_keeps_sessions_and_none_at_all_are_not(database_url: str) -> None:
    """The control."""
    require_own_sessions(database_url)
    with pooled(database_url, sessions=True) as url:
        require_own_sessions(url)


def test_behind_one_a_setting_is_not_kept_apart(database_url: str) -> None:
    """Why it is refused: the other control."""
    with (
        pooled(database_url, sessions=False) as url,
        closing(connect(url)) as one,
        closing(connect(url)) as other,
    ):
        with one, one.cursor() as c:
            c.execute("SET application_name = 'of one'")
        with other, other.cursor() as c:
            c.execute("SHOW application_name")
            assert c.fetchall() == [("of one",)]
