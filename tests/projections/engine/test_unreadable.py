"""Where a fold has to stop: before the first entry that cannot be read, and not a fact sooner."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from psycopg2.extensions import cursor

from domain.accounting_period import AccountingPeriod
from domain.storing import NO_REQUEST, RecordedEvent
from projections.engine import unreadable
from projections.engine.errors import EntryStops
from projections.engine.schemas import schemas
from projections.engine.unreadable import before_unknown, before_unreadable, require_readable_log
from tests.projections.bookkeeping import Bookkeeper

SIZE = 7
READABLE = AccountingPeriod.Opened.TOPIC, b"{}"
OF_AN_UNKNOWN_KIND = "partsledger:Part.Painted", b"{}"
WITH_A_STRANGE_FIELD = AccountingPeriod.Opened.TOPIC, b'{"x":1}'
STRETCHES = [(after, through) for after in range(SIZE + 1) for through in range(after, SIZE + 1)]


@contextmanager
def log_with(bookkeeper: Bookkeeper, others: Mapping[int, tuple[str, bytes]]) -> Iterator[cursor]:
    """A log of readable entries but for these, by their positions."""
    asked = datetime(2025, 7, 1, tzinfo=UTC), "ann", "", NO_REQUEST
    kinds = [(number, *others.get(number, READABLE)) for number in range(1, SIZE + 1)]
    written = [
        RecordedEvent("periods/calendar", number, topic, state, *asked)
        for number, topic, state in kinds
    ]
    assert bookkeeper.ledger.recorder.insert_events(written) == list(range(1, SIZE + 1))
    with bookkeeper.connect() as opened, opened.cursor() as c:
        yield c


def end_of(after: int, through: int, *strange: int) -> int | None:
    """How far a fold may go; None where the next entry cannot be read."""
    first = min((at for at in strange if after < at <= through), default=through + 1)
    return None if first == after + 1 <= through else first - 1


def test_a_fold_ends_before_the_first_entry_of_a_kind_that_nobody_knows(
    bookkeeper: Bookkeeper,
) -> None:
    at = schemas(bookkeeper.book)
    with log_with(bookkeeper, dict.fromkeys((3, 6), OF_AN_UNKNOWN_KIND)) as c:
        for after, through in STRETCHES:
            expected = end_of(after, through, 3, 6)
            if expected is not None:
                assert before_unknown(c, at, after, through) == expected, (after, through)
                continue
            with pytest.raises(EntryStops, match=f"views end at {after}: entry {after + 1} cannot"):
                before_unknown(c, at, after, through)


def test_where_every_kind_is_known_the_entries_are_not_looked_through(
    bookkeeper: Bookkeeper,
) -> None:
    """Kinds are a few dozen, and entries may be millions."""
    at = schemas(bookkeeper.book)
    with log_with(bookkeeper, {5: WITH_A_STRANGE_FIELD}) as c:
        assert before_unknown(c, at, 0, SIZE) == SIZE
        assert b"entries" not in (c.query or b"entries")


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
def test_a_fold_that_has_failed_ends_before_the_first_entry_that_cannot_be_read(
    bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(unreadable, "_AT_ONCE", at_once)
    at = schemas(bookkeeper.book)
    with log_with(bookkeeper, {3: WITH_A_STRANGE_FIELD, 6: OF_AN_UNKNOWN_KIND}) as c:
        for after, through in STRETCHES:
            expected = end_of(after, through, 3, 6)
            if expected is not None:
                assert before_unreadable(c, at, after, through) == expected, (after, through)
                continue
            with pytest.raises(EntryStops, match=f"views end at {after}: entry {after + 1} cannot"):
                before_unreadable(c, at, after, through)


def test_whoever_looks_through_entries_is_asked_now_and_then_whether_to_go_on(
    bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "_AT_ONCE", 3)
    asked: list[int] = []
    with log_with(bookkeeper, {}) as c:
        at = schemas(bookkeeper.book)
        assert before_unreadable(c, at, 0, SIZE, lambda: asked.append(1)) == SIZE
        assert len(asked) == 3, "seven entries are read three at a time"
        require_readable_log(c, at, SIZE, lambda: asked.append(1))
        assert len(asked) == 6
        assert before_unreadable(c, at, 0, SIZE + 9) == SIZE + 9, "there is nothing more to read"


@pytest.mark.parametrize("strange", [1, 4, SIZE])
def test_a_log_is_readable_when_all_of_it_is(bookkeeper: Bookkeeper, strange: int) -> None:
    with log_with(bookkeeper, {strange: WITH_A_STRANGE_FIELD}) as c:
        at = schemas(bookkeeper.book)
        require_readable_log(c, at, strange - 1, lambda: None)
        with pytest.raises(EntryStops, match=f"entry {strange} cannot be read"):
            require_readable_log(c, at, strange, lambda: None)
