"""The writer: groups, order, repeats and refusals, on a real log."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from domain.errors import AlreadyExists, InsufficientStock, InvalidValue, RequestIdReused
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from server.writing import deciding
from server.writing.submission import LogUnavailable, Outcome, QueueFull
from tests.server.writing.office import (
    PATIENCE,
    Office,
    again,
    asked,
    came_of,
    facts,
    opened,
    part,
    revised,
)

T = TypeVar("T")


def half_done(number: str) -> Callable[[Ledger, Command], Aggregate]:
    """Registers a part, then finds a rule in its way."""

    def refuse(ledger: Ledger, command: Command) -> Aggregate:
        part(number)(ledger, command)
        raise InsufficientStock("too late")

    return refuse


def defective(ledger: Ledger, command: Command, /) -> Aggregate:
    part("DEFECT")(ledger, command)
    raise KeyError("nobody thought of this")


def test_what_queues_up_is_committed_together_and_in_the_order_of_the_queue(
    office: Office,
) -> None:
    numbers = [f"P-{n}" for n in range(40)]

    outcomes = office.group(*(asked(part(number)) for number in numbers))

    assert office.streams() == [f"parts/{number}" for number in numbers]
    assert office.commits() == 2  # That of the command they waited for, and theirs.
    positions = [o.receipt.first_position for o in outcomes if isinstance(o, Outcome) and o.receipt]
    assert positions == list(range(2, 42))


def test_one_command_at_a_time_is_a_commit_for_each(office: Office) -> None:
    """Control: commits are counted, and callers who wait for each answer share none."""
    for n in range(5):
        office.do(part(f"P-{n}"))

    assert office.commits() == 5


def test_a_refused_command_in_the_middle_leaves_no_fact_and_no_trace(office: Office) -> None:
    first, refused, following = office.group(
        asked(part("P-1")), asked(half_done("P-2")), asked(part("P-2"))
    )

    assert isinstance(refused, InsufficientStock)
    assert [o.response for o in (first, following) if isinstance(o, Outcome)] == [
        "parts/P-1 at 1", "parts/P-2 at 1",
    ]  # fmt: skip
    assert office.streams() == ["parts/P-1", "parts/P-2"]


class Leaky(Ledger):
    """A ledger that takes nothing back."""

    def decide(self, command: Command, use_case: Callable[[Ledger, Command], T]) -> T:
        return use_case(self, command)


def test_without_the_undo_the_following_command_sees_the_refused_one(
    database_url: str, schema: str
) -> None:
    """Control of the test above."""
    with opened(database_url, schema, ledger_class=Leaky) as office:
        *_, following = office.group(asked(half_done("P-2")), asked(part("P-2")))

    assert isinstance(following, AlreadyExists)


def test_a_defect_is_told_to_its_caller_alone_and_leaves_no_trace(office: Office) -> None:
    before, defect, after = office.group(
        asked(part("P-1")), asked(defective), asked(part("DEFECT"))
    )

    assert isinstance(defect, KeyError)
    assert isinstance(before, Outcome)
    assert isinstance(after, Outcome)
    assert office.streams() == ["parts/P-1", "parts/DEFECT"]


def test_an_answer_that_cannot_be_made_is_the_callers_defect_and_records_nothing(
    office: Office,
) -> None:
    def clumsy(_: Any) -> Any:
        raise ZeroDivisionError

    defect, other = office.group(asked(part("P-1"), render=clumsy), asked(part("P-1")))

    assert isinstance(defect, ZeroDivisionError)
    assert isinstance(other, Outcome)
    assert office.streams() == ["parts/P-1"]


def test_a_repeat_gets_the_first_answer_and_receipt_whatever_has_changed_since(
    office: Office,
) -> None:
    request = asked(part("P-1"), payload=b"P-1")
    first = office.writer.submit(request).result(PATIENCE)
    office.do(revised("P-1", "阀"))

    repeated = office.writer.submit(again(request)).result(PATIENCE)

    assert repeated == first._replace(repeated=True)
    assert first.response == "parts/P-1 at 1"
    assert office.streams() == ["parts/P-1", "parts/P-1"]


def test_a_repeat_within_the_group_gets_the_same_answer(office: Office) -> None:
    request = asked(part("P-1"), payload=b"P-1")
    by_bob = asked(part("P-1"), payload=b"P-1", actor="bob", request_id=request.request_id)
    another = asked(part("P-2"), payload=b"P-2", actor="bob", request_id=request.request_id)

    first, changed, repeated, of_bob, other = office.group(
        request, asked(revised("P-1", "阀")), again(request), by_bob, another
    )

    assert isinstance(first, Outcome)
    assert isinstance(changed, Outcome)
    assert repeated == of_bob == first._replace(repeated=True), "a request id is of the whole book"
    assert isinstance(other, RequestIdReused)
    assert office.streams() == ["parts/P-1", "parts/P-1"]


def test_what_one_has_sent_is_not_posted_again_by_another(office: Office) -> None:
    """As where an ERP sends its requests again, and somebody else is signed in."""
    request = asked(part("P-1"), payload=b"P-1")
    first = office.writer.submit(request).result(PATIENCE)
    by_bob = asked(part("P-1"), payload=b"P-1", actor="bob", request_id=request.request_id)

    assert office.writer.submit(by_bob).result(PATIENCE) == first._replace(repeated=True)
    another = asked(part("P-2"), payload=b"P-2", actor="bob", request_id=request.request_id)
    with pytest.raises(RequestIdReused):
        office.writer.submit(another).result(PATIENCE)
    assert office.streams() == ["parts/P-1"]
    office.writer.submit(asked(part("P-2"), payload=b"P-2", actor="bob")).result(
        PATIENCE
    )  # The control.
    assert office.streams() == ["parts/P-1", "parts/P-2"]


def test_a_repeat_after_a_restart_gets_the_first_answer(database_url: str, schema: str) -> None:
    request = asked(part("P-1"), payload=b"P-1")
    with opened(database_url, schema) as office:
        first = office.writer.submit(request).result(PATIENCE)
    with opened(database_url, schema) as office:
        office.do(revised("P-1", "阀"))
        repeated = office.writer.submit(again(request)).result(PATIENCE)
        assert len(facts(office, "parts/P-1")) == 2

    assert repeated == first._replace(repeated=True)


def test_another_payload_under_a_used_request_id_is_refused(office: Office) -> None:
    request = asked(part("P-1"), payload=b"P-1")
    other = asked(part("P-2"), request_id=request.request_id, payload=b"P-2")

    within_the_group = office.group(request, other)[1]
    afterwards = came_of(office.writer.submit(again(other)))

    assert isinstance(within_the_group, RequestIdReused)
    assert isinstance(afterwards, RequestIdReused)
    assert office.streams() == ["parts/P-1"]


@pytest.mark.parametrize(
    ("streams", "told"),
    [
        (("parts/P-1", "parts/P-9"), "for another request: parts/P-1 at 1 is not that; a new"),
        (("parts/P-9", "parts/P-1"), "for another request; a new"),
        (("parts/P-9",), "for another request; a new"),
    ],
)
def test_how_another_request_differs_is_said_of_the_aggregate_that_it_asks_for_first(
    office: Office, streams: tuple[str, ...], told: str
) -> None:
    request = asked(part("P-1"), payload=b"P-1")
    office.writer.submit(request).result(PATIENCE)
    other = replace(
        asked(part("P-2"), request_id=request.request_id, payload=b"P-2"),
        streams=streams, differences=lambda _, left: f"{left.id} at {left.version} is not that",
    )  # fmt: skip

    refused = came_of(office.writer.submit(other))

    assert isinstance(refused, RequestIdReused)
    assert told in str(refused)


def test_a_used_request_id_is_what_a_command_is_refused_for_whatever_else_is_wrong_with_it(
    office: Office,
) -> None:
    request = asked(part("P-1"), payload=b"P-1")
    other = asked(part("P-1"), request_id=request.request_id, payload=b"P-1 again")

    _, within_the_group, without_the_id = office.group(request, other, asked(part("P-1")))
    afterwards = came_of(office.writer.submit(again(other)))

    assert isinstance(within_the_group, RequestIdReused)
    assert isinstance(afterwards, RequestIdReused)
    assert isinstance(without_the_id, AlreadyExists)  # Control: that is what is wrong with it.


def test_a_refused_request_may_be_sent_again_once_the_reason_is_gone(office: Office) -> None:
    request = asked(revised("P-1", "阀"), payload=b"P-1")
    refused, _, repeated = office.group(request, asked(part("P-1")), again(request))

    assert isinstance(refused, Exception)
    assert isinstance(repeated, Outcome)
    assert not repeated.repeated


def test_too_many_in_the_queue_are_turned_away_at_once(database_url: str, schema: str) -> None:
    with opened(database_url, schema, max_queued=3) as office:
        with office.held():
            waiting = [office.queue(part(f"P-{n}")) for n in range(3)]
            with pytest.raises(QueueFull):
                office.queue(part("P-3"))
        assert all(isinstance(came_of(outcome), Outcome) for outcome in waiting)
        office.do(part("P-3"))  # There is room again.


def test_stopping_finishes_what_is_queued_and_takes_no_more(database_url: str, schema: str) -> None:
    with opened(database_url, schema) as office:
        with office.held():
            waiting = [office.queue(part(f"P-{n}")) for n in range(5)]
            office.writer._queue.finish()  # As `stop` does, which then waits.
            too_late = office.queue(part("P-5"))
        office.writer.stop()

        assert all(isinstance(came_of(outcome), Outcome) for outcome in waiting)
        assert isinstance(came_of(too_late), LogUnavailable)
        with pytest.raises(LogUnavailable, match="stopping"):
            office.queue(part("P-6"))
        assert len(office.streams()) == 5


def test_the_logs_times_rise_even_when_the_clock_goes_back(database_url: str, schema: str) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    ticks = iter([start, start - timedelta(hours=1), start, start + timedelta(seconds=9)])
    with opened(database_url, schema, clock=lambda: next(ticks)) as office:
        for n in range(4):
            office.do(part(f"P-{n}"))
        times = [entry.recorded_at for entry in office.log.entries.read(after=0, limit=9)]
    with opened(database_url, schema, clock=lambda: start) as office:  # Another machine's clock.
        office.do(part("P-4"))
        times.append(office.log.entries.read(after=4, limit=1)[0].recorded_at)

    assert times == sorted(set(times))
    assert times[3] == start + timedelta(seconds=9)  # A clock that runs forward is believed.


LONG = "泵" * 21_000  # 63,000 bytes of UTF-8.


@pytest.mark.parametrize("description", [LONG, "a\0b", "\\\0"])
def test_a_fact_the_log_cannot_hold_is_refused_by_itself(office: Office, description: str) -> None:
    before, refused, after = office.group(
        asked(part("P-1")), asked(part("P-2", description)), asked(part("P-2", "\\u0000"))
    )

    assert isinstance(refused, InvalidValue)
    assert isinstance(before, Outcome)
    assert isinstance(after, Outcome)  # That is a backslash and five letters.
    assert office.streams() == ["parts/P-1", "parts/P-2"]


def test_unchecked_it_would_take_the_whole_group_with_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the log itself would refuse, too, but everyone at once."""
    monkeypatch.setattr(deciding, "require_recordable", lambda _: None)

    innocent, _ = office.group(asked(part("P-1")), asked(part("P-2", LONG + "泵" * 900)))

    assert isinstance(innocent, LogUnavailable)


def test_an_answer_shows_the_state_its_command_left_not_a_later_one(office: Office) -> None:
    outcomes = office.group(
        asked(part("P-1")), asked(revised("P-1", "阀")), asked(revised("P-1", "杆"))
    )

    assert [o.response for o in outcomes if isinstance(o, Outcome)] == [
        f"parts/P-1 at {version}" for version in (1, 2, 3)
    ]


def test_the_writers_day_is_that_of_the_books_time_zone(database_url: str, schema: str) -> None:
    seen = []

    def note(ledger: Ledger, command: Command, /) -> Aggregate:
        seen.append(command.today)
        return part("P-1")(ledger, command)

    late_in_london = datetime(2026, 3, 1, 17, tzinfo=UTC)
    with opened(database_url, schema, clock=lambda: late_in_london) as office:
        office.do(note)

    assert [str(day) for day in seen] == ["2026-03-02"]
