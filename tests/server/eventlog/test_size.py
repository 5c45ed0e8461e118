"""An append says on how long a log it was decided, and is refused where the log is another."""

from collections.abc import Callable
from contextlib import closing
from operator import attrgetter

import pytest
from eventsourcing.persistence import IntegrityError
from psycopg2.extensions import connection

from domain.storing import RecordedEvent
from server.eventlog import append, short_append
from server.eventlog.append import Appender
from server.eventlog.errors import StaleEpoch, UnexpectedSize
from server.eventlog.queries import Head
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.server.eventlog.shortening import UNFENCED, cut_off

MakeFact = Callable[..., RecordedEvent]

pytestmark = pytest.mark.usefixtures("way")


def test_nothing_is_appended_to_a_log_of_another_size(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    log.append([fact(version=1), fact(version=2)])
    for wrong, why in ((3, "its last entries are gone"), (1, "the answer to an append was lost")):
        with pytest.raises(UnexpectedSize, match=f"has 2 entries, not {wrong}: {why}"):
            log.append([fact(version=3)], decided_on=wrong)
    assert log.head() == Head(2, 1)
    assert log.append([fact(version=3)], decided_on=2).first == 3
    assert log.append([fact(version=4)]).first == 4  # Not said: it knows.


def test_an_append_to_a_log_that_got_shorter_is_refused_once(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    log.append([fact("accounts/D01", version) for version in (1, 2, 3)])
    with owner.cursor() as c:
        cut_off(c, 2)

    with pytest.raises(UnexpectedSize, match="has 2 entries, not 3"):
        log.append([fact("accounts/D01", 4)])
    with pytest.raises(IntegrityError, match="does not follow its last entry"):
        log.append([fact("accounts/D01", 4)])  # What was remembered of the account, is not.
    assert log.append([fact("accounts/D01", 3)]).first == 3
    last, before = (log.entries.read(after, 1)[0] for after in (2, 1))
    assert last.previous_hash == before.leaf_hash


def test_without_the_size_predicate_it_would_leave_a_gap(
    datastore: Datastore, owner: connection, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the refusal is the work of the predicate."""
    modules = {"append": append, "short_append": short_append}
    for named, fence, without in UNFENCED:
        *_, module, name = named.split(".")
        fenced = attrgetter(name)(modules[module])
        assert fence in fenced
        monkeypatch.setattr(named, fenced.replace(fence, without))
    with closing(Appender(datastore)) as writer:
        writer.append([fact(version=version) for version in (1, 2, 3)])
        with owner.cursor() as c:
            cut_off(c, 2)
        assert writer.append([fact(version=4)]).first == 4


def test_a_refusal_is_given_only_on_what_the_log_has(
    datastore: Datastore, owner: connection, fact: MakeFact
) -> None:
    with closing(Appender(datastore)) as writer, closing(Appender(datastore)) as other:
        writer.append([fact(version=1), fact(version=2)])
        writer.require_unchanged(2)
        with owner.cursor() as c:
            cut_off(c, 1)
        with pytest.raises(UnexpectedSize, match="has 1 entries, not 2"):
            writer.require_unchanged(2)
        other.claim_epoch()
        with pytest.raises(StaleEpoch):
            writer.require_unchanged(1)
