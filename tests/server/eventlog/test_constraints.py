"""What the tables refuse by themselves, whoever writes: the last fence behind the appender."""

import psycopg2.errors
import pytest
from psycopg2.extensions import connection

from tests.server.eventlog.requests import R_1, R_2

ENTRY = {
    "position": "1", "stream": "'stock/a'", "version": "1", "topic": "1", "state": "'{}'",
    "recorded_at": "now()", "actor": "''", "principal": "''", "previous_hash": "''",
    "request_id": "gen_random_uuid()",
    "salt": "repeat('s', 16)::bytea", "leaf_hash": "repeat('h', 32)::bytea",
}  # fmt: skip
ANSWER = {
    "request_id": f"'{R_1}'", "fingerprint": "''", "response": "''",
    "first_position": "1", "last_position": "1",
}  # fmt: skip


def insert(owner: connection, table: str, columns: dict[str, str]) -> None:
    """`owner` is a superuser: no grant is in the way."""
    names, values = ", ".join(columns), ", ".join(columns.values())
    with owner.cursor() as c:
        c.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("position", "1"),
        ("previous_hash", "''"),
        ("previous_hash", "repeat('p', 32)::bytea"),
        ("salt", "repeat('s', 16)::bytea"),
        ("leaf_hash", "repeat('h', 32)::bytea"),
    ],
)
def test_an_entry_of_the_right_sizes_is_taken(owner: connection, column: str, value: str) -> None:
    insert(owner, "entries", ENTRY | {column: value})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("position", "0"),
        ("position", "-1"),
        ("previous_hash", "repeat('p', 31)::bytea"),
        ("previous_hash", "repeat('p', 33)::bytea"),
        ("salt", "repeat('s', 15)::bytea"),
        ("salt", "repeat('s', 17)::bytea"),
        ("leaf_hash", "repeat('h', 31)::bytea"),
        ("leaf_hash", "repeat('h', 33)::bytea"),
    ],
)
def test_one_byte_more_or_less_or_no_position_is_refused(
    owner: connection, column: str, value: str
) -> None:
    with pytest.raises(psycopg2.errors.CheckViolation):
        insert(owner, "entries", ENTRY | {column: value})


def test_a_stream_has_each_version_and_a_book_each_request_once(owner: connection) -> None:
    insert(owner, "entries", ENTRY)
    insert(owner, "answers", ANSWER)
    for table, again in (
        ("entries", ENTRY | {"position": "2"}),
        ("entries", ENTRY | {"version": "2"}),
        ("answers", ANSWER | {"first_position": "2", "last_position": "2"}),
    ):
        with pytest.raises(psycopg2.errors.UniqueViolation):
            insert(owner, table, again)
    insert(owner, "entries", ENTRY | {"position": "2", "version": "2"})
    insert(owner, "answers", ANSWER | {"request_id": f"'{R_2}'"})


@pytest.mark.parametrize("last", [4, 5, 9])
def test_an_answer_has_facts_or_none(owner: connection, last: int) -> None:
    insert(owner, "answers", ANSWER | {"first_position": "5", "last_position": str(last)})


def test_an_answer_does_not_end_before_it_begins(owner: connection) -> None:
    with pytest.raises(psycopg2.errors.CheckViolation):
        insert(owner, "answers", ANSWER | {"first_position": "5", "last_position": "3"})


@pytest.mark.parametrize(
    "change", ["size = -1", "epoch = -1", "form = 0", "older_through = -1", "one = false"]
)
def test_there_is_one_head_and_nothing_of_it_is_negative(owner: connection, change: str) -> None:
    with owner.cursor() as c:
        c.execute("SELECT one, size, epoch FROM head")
        assert c.fetchall() == [(True, 0, 0)]
        with pytest.raises(psycopg2.errors.CheckViolation):
            c.execute(f"UPDATE head SET {change}")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            c.execute("INSERT INTO head (size, epoch, form, older_through) VALUES (0, 0, 1, 0)")
