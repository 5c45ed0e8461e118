"""The role of dealers is made by who may; whoever may not is told what has to be done."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import make_dsn, parse_dsn

from projections.engine.row_security import DEALERS_ROLE
from server.api.dealers_role import make_dealers_role
from server.postgres.data_directory import CannotStart
from server.postgres.pool import Datastore


@pytest.fixture
def admin(database_url: str) -> Iterator[Any]:
    with closing(psycopg2.connect(database_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as c:
            yield c


@pytest.fixture
def plain_user(admin: Any, database_url: str) -> Iterator[str]:
    """The URL of one who owns nothing and may make no role."""
    name = f"plain_{uuid4().hex[:12]}"
    admin.execute(f"CREATE ROLE {name} LOGIN")
    yield make_dsn(**{**parse_dsn(database_url), "user": name})
    admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


def made(url: str) -> None:
    datastore = Datastore(url, "book_of_nobody")
    try:
        make_dealers_role(datastore)
    finally:
        datastore.close()


def test_it_is_made_once_and_found_again(admin: Any, database_url: str) -> None:
    made(database_url)
    made(database_url)

    admin.execute("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = %s", (DEALERS_ROLE,))
    assert admin.fetchall() == [(False, False)]


def test_who_may_not_take_it_on_is_told_who_has_to_do_what(
    admin: Any, database_url: str, plain_user: str
) -> None:
    made(database_url)
    name = parse_dsn(plain_user)["user"]
    grant = f'CREATE ROLE {DEALERS_ROLE} NOLOGIN; GRANT {DEALERS_ROLE} TO "{name}"'
    with pytest.raises(CannotStart, match=f"An administrator runs: {grant}$"):
        made(plain_user)

    admin.execute(f"GRANT {DEALERS_ROLE} TO {name}")
    made(plain_user)  # Control.
