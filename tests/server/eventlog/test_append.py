"""What is appended is what is read: whole, exact, hashed and chained, or not there at all."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from eventsourcing.persistence import DataError, IntegrityError, StoredEvent
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection

from domain.storing import NO_REQUEST, RecordedEvent
from server.eventlog import rows
from server.eventlog.answers import Answer, NewAnswer, Receipt
from server.eventlog.append import Appender
from server.eventlog.books import book_of
from server.eventlog.entry import FRAME_BYTES, MAX_ENTRY_BYTES, leaf_hash
from server.eventlog.errors import BrokenChain, EntryTooLarge
from server.eventlog.recorders import ApplicationRecorder, RecordedNotification
from server.postgres.pool import Datastore
from tests.server.eventlog.hashed import encoded
from tests.server.eventlog.requests import GR_1, R_1, R_2, R_3

MakeFact = Callable[..., RecordedEvent]

pytestmark = pytest.mark.usefixtures("way")

AWKWARD = '{"name":"阀门\\t\\"A\\"\t\\N \\. \r\n\\\\","emoji":"🔧","empty":""}'.encode()


def test_a_fact_comes_back_with_its_exact_bytes_and_who_recorded_it_when(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    shanghai = timezone(timedelta(hours=8))
    moment = datetime(2025, 3, 14, 17, 30, 0, 123456, tzinfo=shanghai)
    given_fact = fact(
        "stock/W01/P-1", 1, AWKWARD, recorded_at=moment, actor="李娜\t", principal="\\N"
    )

    appended = log.append([given_fact])

    assert (appended.first, appended.last) == (1, 1)
    assert log.select_events("stock/W01/P-1") == [given_fact]
    (notification,) = log.select_notifications(1, 10)
    assert isinstance(notification, RecordedNotification)
    assert isinstance(notification, RecordedEvent)
    assert notification.id == 1
    assert notification.state == AWKWARD
    assert (notification.recorded_at, notification.actor) == (moment, "李娜\t")
    assert (notification.principal, notification.request_id) == ("\\N", GR_1)


@pytest.mark.usefixtures("copied")
def test_without_escapes_an_awkward_state_would_not_come_back(
    log: ApplicationRecorder, fact: MakeFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the exactness is the work of the escapes."""

    def nothing_to_escape(text: bytes, tabs: int) -> bool:
        return True

    monkeypatch.setattr(rows, "needs_no_escape", nothing_to_escape)
    log.append([fact(state=rb'{"name":"\"A\""}')])
    assert log.select_events("stock/W01/P-100")[0].state == b'{"name":""A""}'


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
        min_size=5,
        max_size=5,
    )
)
@example(texts=["", "", "", "", ""])
@example(texts=["\t\\N\n\\.\r", "\\N", AWKWARD.decode(), "\\", "\\.\n"])
def test_any_text_comes_back_as_it_was_given(log: ApplicationRecorder, texts: list[str]) -> None:
    stream, topic, state, actor, principal = texts
    version = (log.max_notification_id() or 0) + 1
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    event = RecordedEvent(
        f"any/{stream}", version, topic, state.encode(), moment, actor, principal, GR_1
    )
    log.append([event])
    assert log.select_events(f"any/{stream}", gt=version - 1) == [event]


def test_each_stored_leaf_hash_is_the_hash_of_the_stored_columns(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    log.append(
        [fact("accounts/D01", 1), fact("stock/W01/P-1", 1, AWKWARD), fact("accounts/D01", 2)]
    )
    entries = log.entries.read(0, 10)
    assert [leaf_hash(encoded(e)) for e in entries] == [e.leaf_hash for e in entries]
    assert len({e.salt for e in entries}) == 3


@pytest.mark.parametrize(
    "edit",
    [
        "state = overlay(state placing '6' from 14)",
        "actor = 'wang.wei'",
        "principal = 'erp'",
        "request_id = gen_random_uuid()",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "topic = (SELECT number FROM topics WHERE name LIKE '%Issued')",
        "version = 2",
        "stream = 'stock/W02/P-100'",
        "salt = set_byte(salt, 0, get_byte(salt, 0) # 1)",
    ],
)
def test_an_edited_column_no_longer_has_its_leaf_hash(
    log: ApplicationRecorder, owner: connection, fact: MakeFact, edit: str
) -> None:
    """Control: only an owner who disables the trigger can edit, and it shows."""
    log.append([fact(), fact(version=7, topic="partsledger:StockItem.Issued")])
    with owner.cursor() as c:
        c.execute("ALTER TABLE entries DISABLE TRIGGER only_grows")
        c.execute(f"UPDATE entries SET {edit} WHERE position = 1")
    entry, other = log.entries.read(0, 10)
    assert leaf_hash(encoded(entry)) != entry.leaf_hash
    assert leaf_hash(encoded(other)) == other.leaf_hash


def test_entries_of_an_account_name_the_leaf_hash_before_them(
    datastore: Datastore, fact: MakeFact
) -> None:
    with closing(ApplicationRecorder(datastore)) as first:
        first.append([fact("accounts/D01", 1), fact("accounts/D02", 1), fact("accounts/D01", 2)])
        first.append([fact("accounts/D01", 3), fact("stock/W01/P-1", 1)])
    with closing(ApplicationRecorder(datastore)) as second:  # It remembers nothing.
        second.append([fact("accounts/D02", 2), fact("accounts/D01", 4)])
        chain = second.entries.read(0, 10, stream_prefix="accounts/D01")
        other = second.entries.read(0, 10, stream_prefix="accounts/D02")
        stock = second.entries.read(0, 10, stream_prefix="stock/")
    assert [e.previous_hash for e in chain] == [b"", *(e.leaf_hash for e in chain[:-1])]
    assert [e.version for e in chain] == [1, 2, 3, 4]
    assert [e.previous_hash for e in other] == [b"", other[0].leaf_hash]
    assert [e.previous_hash for e in stock] == [b""]


def test_facts_of_several_requests_come_back_each_with_its_own(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    later = datetime(2025, 3, 15, tzinfo=UTC)
    facts = [
        fact("stock/a", 1, actor="li.na", principal="erp"),
        fact("stock/a", 2, actor="li.na", principal="erp"),
        fact("stock/b", 1, actor="wang.wei", request_id=R_1),
        fact("stock/c", 1, recorded_at=later),
    ]
    log.append(facts)
    assert [event for name in "abc" for event in log.select_events(f"stock/{name}")] == facts


@pytest.mark.parametrize("version", [2, 3])
def test_an_account_begins_with_its_first_version(
    log: ApplicationRecorder, fact: MakeFact, version: int
) -> None:
    with pytest.raises(BrokenChain, match="does not follow"):
        log.append([fact("accounts/D01", version)])
    log.append([fact("accounts/D01", 1)])  # The control.


@pytest.mark.parametrize("versions", [(2, 4), (2, 2), (2, 3, 5)])
def test_within_one_append_an_account_may_not_leave_out_a_version_either(
    log: ApplicationRecorder, fact: MakeFact, versions: tuple[int, ...]
) -> None:
    log.append([fact("accounts/D01", 1)])
    with pytest.raises(BrokenChain, match="does not follow"):
        log.append([fact("accounts/D01", version) for version in versions])
    log.append([fact("accounts/D01", version) for version in (2, 3)])  # The control.


@pytest.mark.parametrize("version", [3, 4])
def test_an_account_may_not_leave_out_a_version(
    log: ApplicationRecorder, fact: MakeFact, version: int
) -> None:
    log.append([fact("accounts/D01", 1)])
    with pytest.raises(BrokenChain, match="does not follow"):
        log.append([fact("stock/W01/P-1", 1), fact("accounts/D01", version)])
    assert log.head().size == 1
    log.append([fact("accounts/D01", 2)])


def test_a_failed_append_leaves_nothing_and_the_recorder_goes_on(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    log.append([fact("accounts/D01", 1)])
    answer = NewAnswer(R_1, b"f", b"r", 0, 1)
    snapshot = StoredEvent("accounts/D01", 2, "partsledger:Account", b"{}")
    with pytest.raises(IntegrityError):
        log.append([fact("accounts/D01", 2), fact("accounts/D01", 2)], [answer], [snapshot])
    with pytest.raises(IntegrityError):
        log.append([fact("accounts/D01", 2), fact("stock/a", 1), fact("stock/a", 1)], [answer])

    assert log.head().size == 1
    assert log.find_answers([R_1]) == {}
    appended = log.append([fact("accounts/D01", 2)], [answer], [snapshot])
    assert appended.first == 2
    first, second = log.entries.read(0, 10)
    assert second.previous_hash == first.leaf_hash


def test_an_answer_is_kept_with_the_receipt_that_the_append_gives(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    log.append([fact("stock/W01/P-1", 1)])
    appended = log.append(
        [
            fact("stock/W01/P-1", 2),
            fact("stock/W01/P-2", 1),
            fact("stock/W01/P-3", 1, recorded_at=datetime(2025, 3, 15, tzinfo=UTC)),
        ],
        [
            NewAnswer(R_1, b"\x00\xff", b"\\x\n\t\0", fact_offset=0, fact_count=1),
            NewAnswer(R_2, b"print", b"", fact_offset=1, fact_count=2),
        ],
    )
    _, second, third, last = log.entries.read(0, 10)
    receipts = [
        Receipt(2, 2, (second.leaf_hash,), second.recorded_at),
        Receipt(3, 4, (third.leaf_hash, last.leaf_hash), last.recorded_at),
    ]
    assert appended.receipts == receipts
    assert log.find_answers([R_1, R_2, R_3]) == {
        R_1: Answer(b"\x00\xff", b"\\x\n\t\0", receipts[0]),
        R_2: Answer(b"print", b"", receipts[1]),
    }
    assert log.find_answers([]) == {}


def test_a_request_is_answered_once(log: ApplicationRecorder, fact: MakeFact) -> None:
    answer = NewAnswer(R_1, b"f", b"r", 0, 1)
    log.append([fact(version=1)], [answer])
    with pytest.raises(IntegrityError):
        log.append([fact(version=2)], [answer])
    assert log.head().size == 1


def test_of_a_version_and_a_request_that_both_exist_one_is_named_and_nothing_is_appended(
    log: ApplicationRecorder, fact: MakeFact, way: str
) -> None:
    """Copied, entries come first; in one statement, PostgreSQL carries out the last part first."""
    answer = NewAnswer(R_1, b"f", b"r", 0, 1)
    log.append([fact(version=1)], [answer])
    named = {"copied": "entries_stream_version_key", "short": "answers_pkey"}[way]
    with pytest.raises(IntegrityError, match=named):
        log.append([fact(version=1)], [answer])
    assert log.head().size == 1
    for facts, answers, alone in (
        ([fact(version=1)], [], "entries_stream_version_key"),  # Controls: one of them by itself.
        ([fact(version=2)], [answer], "answers_pkey"),
    ):
        with pytest.raises(IntegrityError, match=alone):
            log.append(facts, answers)


@pytest.mark.parametrize("stream", ["stock/W01/P-1", "accounts/D01"])
def test_an_entry_of_65535_bytes_fits_and_one_more_does_not(
    log: ApplicationRecorder, fact: MakeFact, stream: str
) -> None:
    previous = 32 if stream.startswith("accounts/") else 0
    log.append([fact(stream, 1)])
    texts = book_of(log.datastore.schema) + stream + "li.na" + "erp" + "topic"
    rest = FRAME_BYTES + previous + len(texts)
    largest = b"x" * (MAX_ENTRY_BYTES - rest)

    log.append([fact(stream, 2, largest, topic="topic", principal="erp")])
    assert len(encoded(log.entries.read(1, 1)[0])) == 65_535
    with pytest.raises(EntryTooLarge, match="65536 bytes, of 65535 allowed"):
        log.append([fact(stream, 3, largest + b"x", topic="topic", principal="erp")])
    assert log.head().size == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"state": b'{"a":"\0"}'},
        {"state": b'{"a":"\xff"}'},
        {"state": b'{"a":"\xe9\x98'},
        {"actor": "li\0na"},
        {"actor": "\ud800"},
        {"principal": "\udfff"},
        {"request_id": "GR-1"},
        {"stream": "stock/\0"},
        {"topic": "\0"},
        {"recorded_at": datetime(2025, 1, 1)},  # noqa: DTZ001
    ],
)
def test_what_postgres_cannot_hold_is_refused_before_anything_is_sent(
    fact: MakeFact, bad: dict[str, Any]
) -> None:
    nowhere = Datastore("host=/nonexistent", "book_nowhere")
    with closing(ApplicationRecorder(nowhere)) as unreachable, pytest.raises(DataError):
        unreachable.append([fact("stock/W01/P-1", 1), fact(**bad)])


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_an_answer_or_snapshot_postgres_cannot_hold_is_refused_as_early(text: str) -> None:
    nowhere = Datastore("host=/nonexistent", "book_nowhere")
    with closing(Appender(nowhere)) as unreachable:
        with pytest.raises(DataError):
            unreachable.append([], [NewAnswer(text, b"", b"", 0, 1)])
        with pytest.raises(DataError):
            unreachable.append([], snapshots=[StoredEvent(text, 1, "t", b"{}")])
        with pytest.raises(DataError):
            unreachable.append([], snapshots=[StoredEvent("a", 1, "t", b"\0")])


def test_plain_stored_events_are_dated_when_they_are_appended(log: ApplicationRecorder) -> None:
    before = datetime.now(UTC)
    assert log.insert_events([StoredEvent("stock/a", 1, "t", b"{}")]) == [1]
    (stored,) = log.select_events("stock/a")
    assert isinstance(stored, RecordedEvent)
    assert before <= stored.recorded_at <= datetime.now(UTC)
    nobody = "", "", NO_REQUEST
    assert stored == RecordedEvent("stock/a", 1, "t", b"{}", stored.recorded_at, *nobody)


def test_entries_are_read_by_how_their_stream_begins_and_by_topic(
    log: ApplicationRecorder, fact: MakeFact
) -> None:
    log.append(
        [
            fact("stock/W01/P-1", 1),
            fact("stock/W01/P-10", 1, topic="partsledger:StockItem.Issued"),
            fact("accounts/D01", 1),
            fact("stock/W01/P-1", 2),
        ]
    )

    def positions(after: int = 0, limit: int = 10, **filters: Any) -> list[int]:
        return [e.position for e in log.entries.read(after, limit, **filters)]

    assert positions() == [1, 2, 3, 4]
    assert positions(after=1, limit=2) == [2, 3]
    assert positions(stream_prefix="stock/W01/P-1") == [1, 2, 4]
    assert positions(stream_prefix="stock/W01/P-10") == [2]
    assert positions(stream_prefix="stock/") == [1, 2, 4]
    assert positions(topics=["partsledger:StockItem.Issued"]) == [2]
    assert positions(after=4) == []
