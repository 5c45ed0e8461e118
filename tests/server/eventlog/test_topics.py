"""Topics are numbers beside the text that is hashed, and entries name their book."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import psycopg2
import pytest
from eventsourcing.persistence import IntegrityError
from psycopg2.extensions import connection

from domain.storing import RecordedEvent
from server.eventlog.entry import leaf_hash
from server.eventlog.recorders import ApplicationRecorder
from server.postgres.pool import Datastore
from tests.server.eventlog.hashed import encoded

MakeFact = Callable[..., RecordedEvent]

pytestmark = pytest.mark.usefixtures("way")


def test_a_topic_given_another_name_and_a_log_moved_to_another_book_no_longer_have_their_hashes(
    log: ApplicationRecorder, owner: connection, fact: MakeFact
) -> None:
    """What is hashed is the name of the topic, and that of the book."""
    log.append([fact()])
    (entry,) = log.entries.read(0, 10)
    assert leaf_hash(encoded(entry)) == entry.leaf_hash
    assert leaf_hash(encoded(replace(entry, book="other"))) != entry.leaf_hash
    with owner.cursor() as c:
        c.execute("ALTER TABLE topics DISABLE TRIGGER only_grows")
        c.execute("UPDATE topics SET name = 'partsledger:StockItem.Issued'")
    (renamed,) = log.entries.read(0, 10)
    assert leaf_hash(encoded(renamed)) != renamed.leaf_hash


def test_a_topic_has_one_number_whoever_appends_and_a_failed_append_adds_none(
    datastore: Datastore, owner: connection, fact: MakeFact
) -> None:
    with closing(ApplicationRecorder(datastore)) as first:
        first.append([fact("a/1", topic="t:B"), fact("a/2", topic="t:A")])
        with pytest.raises(IntegrityError):
            first.append([fact("a/1", topic="t:C")])
    with closing(ApplicationRecorder(datastore)) as second:  # It remembers nothing.
        second.append([fact("a/3", topic="t:A"), fact("a/4", topic="t:D")])
        second.append([fact("a/5", topic="t:B")])
        named = [entry.topic for entry in second.entries.read(0, 10)]
    assert named == ["t:B", "t:A", "t:A", "t:D", "t:B"]
    with owner.cursor() as c:
        c.execute("SELECT name, number FROM topics ORDER BY number")
        assert c.fetchall() == [("t:A", 1), ("t:B", 2), ("t:D", 3)]


def test_two_recorders_that_add_a_topic_each_agree_on_their_numbers(
    datastore: Datastore, owner: connection, fact: MakeFact
) -> None:
    """The one that was first takes over again: what it knew of the log was of another size."""
    with (
        closing(ApplicationRecorder(datastore)) as first,
        closing(ApplicationRecorder(datastore)) as second,
    ):
        first.append([fact("a/1", topic="t:A")])
        second.append([fact("a/2", topic="t:B")])
        first.claim_epoch()
        first.append([fact("a/3", topic="t:C"), fact("a/4", topic="t:B")])
        named = [entry.topic for entry in first.entries.read(0, 10)]
    assert named == ["t:A", "t:B", "t:C", "t:B"]


def test_a_number_that_stands_for_two_topics_is_refused_by_the_table(owner: connection) -> None:
    """The control: two writers that both thought to be first cannot both be right."""
    with owner.cursor() as c:
        c.execute("INSERT INTO topics VALUES (1, 't:A')")
        for again in ("(1, 't:B')", "(2, 't:A')", "(0, 't:C')"):
            with pytest.raises(psycopg2.IntegrityError):
                c.execute(f"INSERT INTO topics VALUES {again}")
