"""A writer marks the log with the form it writes, and does not write into one of a later form."""

from contextlib import closing

import pytest
from psycopg2.extensions import connection

from domain.storing import FORM
from server.eventlog.errors import StaleEpoch, UnreadableLog
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.server.eventlog.conftest import MakeFact


def form(owner: connection) -> tuple[int, int]:
    """The form the log is marked with, and up to which position its facts may be older."""
    with owner.cursor() as c:
        c.execute("SELECT form, older_through FROM head")
        ((form, older_through),) = c.fetchall()
    return form, older_through


def write_form(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr("server.eventlog.append.FORM", number)


def test_a_new_log_is_of_the_first_form_until_somebody_writes(owner: connection) -> None:
    assert form(owner) == (1, 0)


def test_a_takeover_marks_the_log_with_the_form_it_writes(
    log: ApplicationRecorder, owner: connection, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([fact(version=1), fact(version=2)])
    assert form(owner) == (FORM, 0)

    write_form(monkeypatch, FORM + 1)
    log.claim_epoch()
    assert form(owner) == (FORM + 1, 2)  # The two facts are of the older form, later ones are not.

    log.append([fact(version=3)])
    log.claim_epoch()
    assert form(owner) == (FORM + 1, 2)  # Nothing older has come.


def test_a_writer_of_an_older_form_is_refused_for_good(
    datastore: Datastore,
    log: ApplicationRecorder,
    owner: connection,
    fact: MakeFact,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has started before the log was marked, so no check at its start can have stopped it."""
    log.append([fact(version=1)])
    with closing(ApplicationRecorder(datastore)) as newer, monkeypatch.context() as later:
        write_form(later, FORM + 1)
        newer.append([fact(version=2)])

    with pytest.raises(StaleEpoch):
        log.append([fact(version=3)])
    with pytest.raises(UnreadableLog, match=f"reads no form above {FORM}"):
        log.claim_epoch()
    assert form(owner) == (FORM + 1, 1)

    write_form(monkeypatch, FORM + 1)  # The control: it is the form, and nothing else.
    log.claim_epoch()
    log.append([fact(version=3)])
