"""The writer when a commit fails, nobody knows whether it did, or another writer comes."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from eventsourcing.persistence import OperationalError

from domain.dated import Dated
from domain.errors import AlreadyExists, NotFound
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from domain.part import Part
from server.eventlog.append import Appended
from server.writing.submission import BookTakenOver, LogUnavailable, Outcome
from tests.server.writing.office import (
    PATIENCE,
    Office,
    again,
    asked,
    came_of,
    line_cut,
    opened,
    part,
    revised,
)

DISK_FULL = """
    CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER disk_full BEFORE INSERT ON entries EXECUTE FUNCTION disk_full()
"""


def test_a_failing_commit_tells_everyone_in_the_group_the_same(office: Office) -> None:
    """The refused one, too: what it was refused for has not happened."""
    group = asked(part("P-1")), asked(part("P-1")), asked(part("P-2"))
    with office.held():
        outcomes = [office.writer.submit(submission) for submission in group]
        office.log.after = lambda: setattr(office.log, "before", line_cut)

    assert [type(came_of(outcome)) for outcome in outcomes] == [LogUnavailable] * 3
    assert office.streams() == []


def test_a_committed_group_tells_its_refused_one_why(office: Office) -> None:
    """Control: the same group over a line that holds."""
    first, second = office.group(asked(part("P-1")), asked(part("P-1")))

    assert isinstance(first, Outcome)
    assert isinstance(second, AlreadyExists)


def test_after_a_failed_commit_the_next_command_is_decided_on_what_the_log_has(
    office: Office,
) -> None:
    office.log.before = line_cut
    assert isinstance(came_of(office.queue(part("P-1"))), LogUnavailable)

    assert office.do(part("P-1")).response == "parts/P-1 at 1"


class Stubborn(Ledger):
    """A ledger that believes what it decided."""

    def forget(self) -> None:
        self._uncommitted.clear()
        self._under_way = {}


def test_a_cache_that_is_kept_decides_on_what_never_was(database_url: str, schema: str) -> None:
    """Control of the test above."""
    with opened(database_url, schema, ledger_class=Stubborn) as office:
        office.log.before = line_cut
        came_of(office.queue(part("P-1")))
        assert isinstance(came_of(office.queue(part("P-1"))), AlreadyExists)


def test_a_commit_whose_answer_was_lost_is_found_again_by_its_request_id(office: Office) -> None:
    request = asked(part("P-1"), payload=b"P-1")
    office.log.after = line_cut
    assert isinstance(came_of(office.writer.submit(request)), LogUnavailable)
    assert office.streams() == ["parts/P-1"]  # It was recorded after all.

    repeated = office.writer.submit(again(request)).result(PATIENCE)

    assert repeated.repeated
    assert repeated.response == "parts/P-1 at 1"
    assert repeated.receipt is not None
    assert repeated.receipt.first_position == 1
    assert office.streams() == ["parts/P-1"]
    assert office.do(revised("P-1", "阀")).response == "parts/P-1 at 2"


def test_under_a_new_request_id_the_lost_answer_is_not_recognised(office: Office) -> None:
    """Control: it is the request id that does it."""
    office.log.after = line_cut
    came_of(office.queue(part("P-1")))

    assert isinstance(came_of(office.queue(part("P-1"))), AlreadyExists)


def test_a_full_disk_refuses_writes_and_only_as_long_as_it_is_full(office: Office) -> None:
    office.do(part("P-1"))
    office.owner.execute(DISK_FULL)
    refused = came_of(office.queue(part("P-2")))
    repeated = came_of(office.queue(part("P-3")))
    known = office.reread("parts/P-1")  # Reads go on.
    office.owner.execute("DROP TRIGGER disk_full ON entries")

    assert isinstance(refused, LogUnavailable)
    assert "no space left" in str(refused)
    assert isinstance(repeated, LogUnavailable)
    assert known["_version"] == 1
    assert office.do(part("P-2")).receipt is not None
    assert [entry.position for entry in office.log.entries.read(after=0, limit=9)] == [1, 2]


def test_a_backend_ended_within_the_commit_leaves_nothing_and_the_writer_goes_on(
    office: Office,
) -> None:
    office.owner.execute(
        "CREATE FUNCTION ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
        "CREATE TRIGGER ended AFTER INSERT ON entries EXECUTE FUNCTION ended()"
    )
    outcomes = [came_of(office.queue(part(f"P-{n}"))) for n in range(3)]
    office.owner.execute("DROP TRIGGER ended ON entries")

    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 3
    assert office.streams() == []
    assert office.do(part("P-0")).receipt is not None


def test_what_follows_an_undecided_command_on_its_stream_is_not_decided(office: Office) -> None:
    """A price and a sale at it: the sale must not go ahead at the old price."""
    committing, fail = threading.Event(), threading.Event()

    def cut_later() -> None:
        committing.set()
        assert fail.wait(PATIENCE)
        line_cut()

    office.do(part("P-1"))
    office.log.before = cut_later
    price = office.queue(revised("P-1", "new"))
    assert committing.wait(PATIENCE)
    sale = office.queue(part("SALE-1"), after=price)
    more = office.queue(part("SALE-2"), after=sale)
    other_stream = office.queue(part("SALE-3"))  # The control: who does not follow is decided.
    fail.set()

    assert [type(came_of(each)) for each in (price, sale, more)] == [LogUnavailable] * 3
    assert isinstance(came_of(other_stream), Outcome)
    assert office.streams() == ["parts/P-1", "parts/SALE-3"]


def test_what_follows_a_refused_command_is_decided(office: Office) -> None:
    refused = office.queue(revised("P-9", "none"))
    following = office.queue(part("P-1"), after=refused)

    assert isinstance(came_of(refused), NotFound)
    assert isinstance(came_of(following), Outcome)


def test_a_second_writer_takes_over_and_the_first_one_ends(database_url: str, schema: str) -> None:
    with opened(database_url, schema) as old:
        request = asked(part("P-1"), payload=b"P-1")
        first = old.writer.submit(request).result(PATIENCE)
        with opened(database_url, schema) as new:
            repeated = new.writer.submit(again(request)).result(PATIENCE)
            new.do(part("P-2"))

            assert isinstance(came_of(old.queue(part("P-3"))), BookTakenOver)
            with pytest.raises(BookTakenOver, match="another server has taken over"):
                old.queue(part("P-4"))
            assert old.writer.ended is not None
            new.do(part("P-3"))
            assert new.streams() == ["parts/P-1", "parts/P-2", "parts/P-3"]

    assert repeated == first._replace(repeated=True)


def test_a_writer_that_was_taken_over_does_not_refuse_on_what_it_remembers(
    database_url: str, schema: str
) -> None:
    with opened(database_url, schema) as old:
        assert isinstance(came_of(old.queue(revised("P-1", "阀"))), NotFound)
        with opened(database_url, schema) as new:
            new.do(part("P-1"))
            assert isinstance(came_of(old.queue(revised("P-1", "阀"))), LogUnavailable)


def test_without_asking_the_log_it_would(
    database_url: str, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the test above."""
    with opened(database_url, schema) as old:
        came_of(old.queue(revised("P-1", "阀")))
        with opened(database_url, schema) as new:
            new.do(part("P-1"))
            monkeypatch.setattr(old.log, "require_unchanged", lambda decided_on: None)
            assert isinstance(came_of(old.queue(revised("P-1", "阀"))), NotFound)


def test_a_defect_half_way_through_a_fact_leaves_no_half_changed_aggregate(
    office: Office,
) -> None:
    def half_applied(ledger: Ledger, command: Command, /) -> Aggregate:
        known = ledger.get(Part, "P-1")
        known.versions = Dated()
        raise RuntimeError

    office.do(part("P-1", "whole"))
    came_of(office.queue(half_applied))
    seen = []

    def look(ledger: Ledger, command: Command, /) -> Aggregate:
        seen.append(ledger.get(Part, "P-1").versions.newest.description)
        return part("P-2")(ledger, command)

    office.do(look)
    assert seen == ["whole"]


def test_every_call_is_answered_however_it_meets_the_end_of_the_writer(
    database_url: str, schema: str
) -> None:
    outcomes, turned_away = [], []
    deadline = time.monotonic() + PATIENCE

    def call(office: Office) -> None:
        try:
            while time.monotonic() < deadline:
                outcomes.append(office.queue(revised("P-9", "none")))
                time.sleep(0)
        except LogUnavailable as refusal:
            turned_away.append(refusal)

    with opened(database_url, schema, max_queued=1_000_000) as office:
        callers = [threading.Thread(target=call, args=(office,)) for _ in range(4)]
        for caller in callers:
            caller.start()
        while len(outcomes) < 50:
            assert office.writer.ended is None
            assert time.monotonic() < deadline, "nobody gets through to the writer"
        office.writer.stop()
        for caller in callers:
            caller.join(PATIENCE)
    assert len(turned_away) == len(callers)

    assert {type(came_of(outcome)) for outcome in outcomes} <= {NotFound, LogUnavailable}


def test_an_error_of_the_driver_is_unavailable_and_one_of_ours_too(office: Office) -> None:
    """Once the commit is under way, nobody can tell what came of it: not even after a bug."""

    def defect() -> None:
        raise LookupError("a bug in the log")

    for failure in (line_cut, defect):
        office.log.after = failure
        assert isinstance(came_of(office.queue(part(f"P-{failure.__name__}"))), LogUnavailable)
    assert len(office.streams()) == 2
    assert office.do(part("P-1")).receipt is not None


def test_a_group_that_cannot_be_decided_to_its_end_leaves_nothing(office: Office) -> None:
    def cut_off(ledger: Ledger, command: Command, /) -> Aggregate:
        part("P-2")(ledger, command)
        raise OperationalError("server closed the connection unexpectedly")

    outcomes = office.group(asked(part("P-1")), asked(cut_off), asked(part("P-3")))

    assert [type(outcome) for outcome in outcomes] == [LogUnavailable] * 3
    assert {type(outcome.__cause__) for outcome in outcomes if isinstance(outcome, Exception)} == {
        OperationalError
    }
    assert office.streams() == []
    for number in ("P-1", "P-2"):
        assert office.do(part(number)).response == f"parts/{number} at 1"


def test_an_answer_that_cannot_be_given_is_told_as_an_unknown_outcome(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect after the commit: no caller waits for ever."""
    append = office.log.append

    def without_receipts(*args: Any) -> Appended:
        return replace(append(*args), receipts=[])

    with monkeypatch.context() as patched:
        patched.setattr(office.log, "append", without_receipts)
        outcome = came_of(office.queue(part("P-1")))

    assert isinstance(outcome, LogUnavailable)
    assert isinstance(outcome.__cause__, ValueError)
    assert office.streams() == ["parts/P-1"]


def test_what_is_on_its_way_is_not_kept_among_what_is_decided(office: Office) -> None:
    for number in range(3):
        office.do(part(f"P-{number}"))
    assert dict(office.ledger._uncommitted) == {}
    assert list(office.ledger._under_way) == ["parts/P-2"]  # Until the next group is decided.
