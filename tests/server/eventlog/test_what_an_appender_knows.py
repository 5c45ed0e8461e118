"""What an appender knows of the log it does not ask for again, as long as nobody else writes."""

from contextlib import closing
from typing import Never

import pytest
from eventsourcing.persistence import DataError

from server.eventlog import append
from server.eventlog.append import Appender
from server.eventlog.errors import UnexpectedSize
from server.postgres.pool import Datastore
from tests.server.eventlog.conftest import MakeFact


def asking(*_: object, **__: object) -> Never:
    raise LookupError("the log is asked")


def ask_no_more(writer: Appender, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, to ask for kinds of facts or for the last entry of an account is an error."""
    monkeypatch.setattr(append, "read_topics", asking)
    writer._select_tips = "SELECT 1 / 0, %s, %s"


@pytest.mark.usefixtures("way")
def test_it_remembers_kinds_of_facts_and_the_last_entry_of_an_account(
    datastore: Datastore, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Appender(datastore)) as writer:
        writer.append([fact("accounts/D01", 1)])
        ask_no_more(writer, monkeypatch)
        writer.append([fact("accounts/D01", 2)], decided_on=1)
        writer.append([fact("accounts/D01", 3)])
        writer.claim_epoch()  # The control: another one may have written meanwhile.
        with pytest.raises(LookupError):
            writer.append([fact("stock/a", 1)])


@pytest.mark.usefixtures("way")
def test_of_many_accounts_those_used_last_are_remembered(
    datastore: Datastore, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append, "REMEMBERED_ACCOUNTS", 2)
    with closing(Appender(datastore)) as writer:
        for account, version in (("A", 1), ("B", 1), ("A", 2), ("C", 1)):
            writer.append([fact(f"accounts/{account}", version)])
        ask_no_more(writer, monkeypatch)
        writer.append([fact("accounts/A", 3)])
        writer.append([fact("accounts/C", 2)])
        with pytest.raises(DataError, match="division by zero"):
            writer.append([fact("accounts/B", 2)])


@pytest.mark.parametrize("idle", [3, 5])
def test_it_waits_for_the_head_row_twice_as_long_as_somebody_who_is_frozen_may_hold_it(
    database_url: str, book: str, idle: int
) -> None:
    with (
        closing(Datastore(database_url, book, idle_in_transaction_timeout=idle)) as patient,
        closing(Appender(patient)) as writer,
    ):
        writer.claim_epoch()
        with writer._own.cursor(alone=True) as c:
            c.execute("SHOW lock_timeout")
            assert c.fetchall() == [(f"{2 * idle}s",)]


def test_one_that_never_claimed_the_book_was_not_taken_over(datastore: Datastore) -> None:
    with closing(Appender(datastore)) as writer, pytest.raises(UnexpectedSize):
        writer.require_unchanged(5)
