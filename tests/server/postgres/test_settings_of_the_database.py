"""What somebody has set for the database or the role changes nothing that the program relies on."""

from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import grpc
import psycopg2
import pytest

from server.app import running
from server.postgres.connecting import SETTINGS, connect
from server.settings import Settings
from tests.server.api.batch_desk import part
from tests.server.api.reading.front_desk import FrontDesk

OTHERWISE = {
    "statement_timeout": "250ms",
    "lock_timeout": "250ms",
    "idle_in_transaction_session_timeout": "250ms",
    "transaction_timeout": "250ms",
    "idle_session_timeout": "250ms",
    "search_path": "nowhere",
    "array_nulls": "off",
    "bytea_output": "escape",
    "DateStyle": "German",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Asia/Tokyo",
    "extra_float_digits": "-15",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "transform_null_equals": "on",
    "plan_cache_mode": "force_custom_plan",
    "jit": "on",
    "standard_conforming_strings": "off",
    "client_encoding": "LATIN1",
}


@pytest.fixture
def odd(database_url: str) -> Iterator[str]:
    """A database in which everything is set otherwise."""
    name = f"odd_{uuid4().hex[:8]}"
    with closing(psycopg2.connect(database_url)) as owner:
        owner.autocommit = True
        c = owner.cursor()
        c.execute(f"CREATE DATABASE {name}")
        c.execute("SELECT name FROM pg_settings")
        known = {setting for (setting,) in c.fetchall()}
        for setting in OTHERWISE.keys() & known:
            c.execute(f"ALTER DATABASE {name} SET {setting} = %s", (OTHERWISE[setting],))
        try:
            yield database_url.replace("/partsledger?", f"/{name}?")
        finally:
            c.execute(f"DROP DATABASE {name} WITH (FORCE)")


def shown(opened: psycopg2.extensions.connection, setting: str) -> str:
    with opened.cursor() as c:
        c.execute("SELECT current_setting(%s)", (setting,))
        ((value,),) = c.fetchall()
    return str(value)


def test_every_connection_sets_what_it_depends_on(odd: str) -> None:
    with closing(connect(odd)) as opened:
        for setting, value in SETTINGS.items():
            assert shown(opened, setting).split(",")[0] == value, setting
        assert shown(opened, "standard_conforming_strings") == "on"
        assert shown(opened, "client_encoding") == "UTF8"
        with opened.cursor() as c:  # The driver quotes for the strings that the server reads.
            c.execute("SELECT %s, %s", (r"a\b'c", ["x", None]))
            assert c.fetchall() == [(r"a\b'c", ["x", None])]


def test_a_plain_connection_has_what_the_database_says(odd: str) -> None:
    """The control."""
    with closing(psycopg2.connect(odd, options="-c statement_timeout=0")) as opened:
        assert shown(opened, "search_path") == "nowhere"
        assert shown(opened, "array_nulls") == "off"
        assert shown(opened, "standard_conforming_strings") == "off"


def test_a_book_is_served_there(odd: str) -> None:
    settings = Settings.read(database_url=odd, listen="127.0.0.1:0", book="main")
    with running(settings) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, "main")
        odd_part = part("P-1")
        odd_part["part"]["description"] = r"液压泵 \n 'x'"
        desk.call("Part.BatchCreateParts", requests=[odd_part, part("P-2")])
        app.follower.wait_for(3, 20)
        found = desk.call("Part.ListParts", parent=desk.parent).parts
        assert {r"液压泵 \n 'x'"} < {each.description for each in found}
