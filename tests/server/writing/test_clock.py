"""Nothing is recorded by a clock that cannot be believed, and no month ends by one clock alone."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from domain.errors import FutureDate
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from domain.use_cases import closing
from domain.use_cases.booking import Occurrence
from server.app import running
from server.postgres.data_directory import CannotStart
from server.settings import Settings
from server.writing.clock import Bounds, ClockNotTrusted, LastEntry, LedgerClock, _long
from server.writing.submission import Batch
from tests.server.api.batch_desk import part as part_request
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.postgres.holding import eventually
from tests.server.writing.office import PATIENCE, asked, came_of, opened, part

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LAST = LastEntry(7, NOON)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.fixture
def always_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock, which jumps in these tests, is asked for every moment."""
    monkeypatch.setattr("server.writing.clock._ASK_SECONDS", -1.0)


class Two:
    """A clock of the server and one of the database; both stand where they are put, seconds after
    the last time."""

    def __init__(self, at: datetime = NOON) -> None:
        self.server = self.database = at
        self.passed = 0.0

    def put(self, at: datetime) -> None:
        self.server = self.database = at
        self.passed += 2

    def ledger_clock(
        self,
        last: LastEntry | None = LAST,
        bounds: Bounds = Bounds(),  # noqa: B008 - It is immutable.
        *,
        accepted: bool = False,
    ) -> LedgerClock:
        clock = LedgerClock(
            lambda: self.server, lambda: self.database, bounds,
            accepted=accepted, monotonic=lambda: self.passed,
        )  # fmt: skip
        clock.begin(last)
        return clock


def test_a_jump_of_more_than_31_days_from_the_last_entry_is_not_believed() -> None:
    two = Two(NOON + 31 * DAY)
    assert two.ledger_clock().moment() == (NOON + 31 * DAY, NOON + 31 * DAY)

    two.put(NOON + 372 * DAY)
    two.database -= timedelta(hours=2)
    with pytest.raises(ClockNotTrusted) as refused:
        two.ledger_clock().moment()

    assert str(refused.value) == (
        "server clock 2027-03-17 12:00, database 2027-03-17 10:00, entry 7 of 2026-03-10 12:00 "
        "(UTC): a jump of 372 days. Set the clock or serve --accept-clock"
    )
    assert len(str(refused.value)) <= 160  # Longer ones are cut off on their way.
    assert refused.value.facts == {
        "clock": "2027-03-17T12:00:00+00:00",
        "database_clock": "2027-03-17T10:00:00+00:00",
        "last_position": "7",
        "last_recorded_at": "2026-03-10T12:00:00+00:00",
    }


def test_a_clock_that_has_gone_back_is_waited_for_a_day_and_no_longer() -> None:
    two = Two(NOON - DAY + timedelta(hours=1))
    clock = two.ledger_clock()
    assert [clock.moment().recorded_at for _ in range(2)] == [NOON + TICK, NOON + 2 * TICK]

    two.put(NOON - 2 * DAY)
    with pytest.raises(ClockNotTrusted, match=r"entry 7 of 2026-03-10 12:00 .*: 2 days back"):
        clock.moment()


def test_the_servers_clock_may_be_a_day_ahead_of_the_databases_and_no_more() -> None:
    two = Two()
    two.server += DAY
    clock = two.ledger_clock(None)
    assert clock.moment() == (NOON + DAY, NOON)
    two.server += timedelta(hours=1)
    with pytest.raises(ClockNotTrusted, match=r"entry 0 of never .*: 25 hours ahead") as refused:
        clock.moment()
    assert (refused.value.facts["last_position"], refused.value.facts["last_recorded_at"]) == (
        "0", "",
    )  # fmt: skip
    two.server -= timedelta(hours=1)  # Put right, it is believed again.
    assert clock.moment().by_both == NOON


def test_a_jump_while_it_runs_is_not_believed_until_the_clock_is_put_right() -> None:
    two = Two()
    clock = two.ledger_clock()
    two.put(NOON + DAY)
    clock.moment()
    two.put(NOON + 40 * DAY)
    for _ in range(2):
        with pytest.raises(ClockNotTrusted, match="a jump of 39 days"):
            clock.moment()
    two.put(NOON + 2 * DAY)
    assert clock.moment().recorded_at == NOON + 2 * DAY


def test_a_server_that_is_up_may_rest_for_a_year(caplog: pytest.LogCaptureFixture) -> None:
    two, resting = Two(), Two()
    looked_at, unseen = two.ledger_clock(), resting.ledger_clock()
    for day in range(1, 365):
        two.put(NOON + day * DAY)
        assert looked_at.look() is None
    resting.put(two.server)

    assert looked_at.moment().recorded_at == two.server
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert isinstance(unseen.look(), ClockNotTrusted)  # The control.
    assert len(caplog.messages) == 1  # Said once, not every second.


@pytest.mark.parametrize("days", [-400, 400])
def test_an_operator_may_accept_the_clock_once(days: int) -> None:
    two = Two(NOON + days * DAY)
    with pytest.raises(ClockNotTrusted):
        two.ledger_clock().moment()  # The control.

    clock = two.ledger_clock(accepted=True)
    assert clock.moment() == (two.server + (TICK if days < 0 else 0 * TICK), two.server)

    two.put(two.server + 32 * DAY)  # It is this jump that was accepted.
    with pytest.raises(ClockNotTrusted):
        clock.moment()


def test_accepting_a_clock_that_is_right_changes_nothing() -> None:
    two = Two(NOON - timedelta(hours=1))
    assert two.ledger_clock(accepted=True).moment().recorded_at == NOON + TICK


def test_a_clock_that_has_not_given_a_moment_yet_can_be_looked_at() -> None:
    two = Two()
    clock = two.ledger_clock(None)
    for day in (0, 1, 50):
        two.put(NOON + day * DAY)
        assert clock.look() is None
    assert clock.moment().recorded_at == NOON + 50 * DAY


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(hours=1), "1 hours"),
        (timedelta(hours=2) - TICK, "1 hours"),
        (DAY, "24 hours"),
        (2 * DAY - TICK, "47 hours"),
        (2 * DAY, "2 days"),
        (372 * DAY, "372 days"),
    ],
)
def test_how_long_something_is_is_said_in_hours_and_from_two_days_on_in_days(
    span: timedelta, told: str
) -> None:
    assert _long(span) == told


def test_the_bounds_are_settings() -> None:
    two = Two(NOON + 40 * DAY)
    assert two.ledger_clock(bounds=Bounds(50 * DAY, DAY)).moment().recorded_at == two.server


def test_the_database_is_asked_once_a_second_and_when_its_time_is_in_doubt() -> None:
    two, asked = Two(), []

    def ask() -> datetime:
        asked.append(two.database)
        return two.database

    clock = LedgerClock(lambda: two.server, ask, monotonic=lambda: two.passed)
    for _ in range(4):
        two.passed += 0.4
        two.server += timedelta(hours=1)
        clock.moment()
    assert len(asked) == 2
    two.server += timedelta(seconds=1)
    two.passed += 0.5
    assert clock.moment().by_both == NOON + timedelta(seconds=0.5)  # Reckoned: it was not asked.

    two.server = two.database = NOON + 9 * DAY  # The machine has slept, and nothing has counted.
    assert clock.moment().recorded_at == NOON + 9 * DAY
    assert len(asked) == 3


def soft_close(ledger: Ledger, command: Command, /) -> Aggregate:
    done = Occurrence(date(2026, 4, 1), "MONTH-END")
    return closing.soft_close(ledger, command, occurrence=done, month="2026-03")


@pytest.mark.usefixtures("always_asked")
@pytest.mark.parametrize("slow", ["the server's", "the database's"])
def test_a_month_is_over_when_it_is_over_by_both_clocks(
    database_url: str, schema: str, slow: str
) -> None:
    """In Shanghai, eight hours before London. No month is closed on a day that is to come."""
    over = datetime(2026, 3, 31, 16, tzinfo=UTC)
    two = Two(over)
    two.server -= TICK if slow == "the server's" else 0 * TICK
    two.database -= timedelta(minutes=5) if slow == "the database's" else 0 * TICK
    with opened(
        database_url, schema, clock=lambda: two.server, database_clock=lambda: two.database
    ) as office:
        refused = came_of(office.queue(soft_close))
        assert isinstance(refused, FutureDate)
        assert refused.facts["today"] == "2026-03-31"
        two.put(over)
        office.do(soft_close)  # The control.


def test_what_is_decided_in_one_go_is_a_microsecond_apart() -> None:
    two = Two()
    clock = two.ledger_clock()
    two.put(NOON + DAY)
    first = clock.moment().recorded_at
    assert [clock.next_moment() for _ in range(3)] == [first + n * TICK for n in (1, 2, 3)]
    two.server -= TICK
    assert clock.moment().recorded_at == first + 4 * TICK, "no moment is given twice"


def test_the_commands_of_a_batch_are_recorded_one_after_the_other(
    database_url: str, schema: str
) -> None:
    """Although the clock stands still."""
    two = Two()
    with opened(
        database_url, schema, clock=lambda: two.server, database_clock=lambda: two.database
    ) as office:
        requests = [asked(part(f"P-{number}"), payload=b"%d" % number) for number in range(3)]
        outcomes = office.writer.submit_batch(Batch(requests)).result(PATIENCE)
        moments = [outcome.receipt.recorded_at for outcome in outcomes if outcome.receipt]
    assert moments == [NOON, NOON + TICK, NOON + 2 * TICK]


@pytest.mark.usefixtures("always_asked")
def test_a_command_that_is_refused_for_the_clock_records_nothing(
    database_url: str, schema: str
) -> None:
    two = Two()
    with opened(
        database_url, schema, clock=lambda: two.server, database_clock=lambda: two.database
    ) as office:
        request = asked(part("P-1"), payload=b"P-1")
        office.do(part("P-0"))
        two.put(NOON + 372 * DAY)
        assert isinstance(came_of(office.writer.submit(request)), ClockNotTrusted)
        assert isinstance(office.writer.doubt(), ClockNotTrusted)
        assert office.streams() == ["parts/P-0"]
        two.put(NOON + DAY)
        assert office.writer.doubt() is None
        assert office.do(part("P-1"), request_id=request.request_id).receipt is not None


def is_told(channel: grpc.Channel, name: str, serving: bool) -> bool:
    """Whether the server comes to tell that about its health."""
    stub: Any = health_pb2_grpc.HealthStub(channel)
    told = health_pb2.HealthCheckResponse
    expected = told.SERVING if serving else told.NOT_SERVING

    def is_so() -> bool:
        try:
            return bool(stub.Check(health_pb2.HealthCheckRequest(service=name)).status == expected)
        except grpc.RpcError:  # It has not told anything yet.
            return False

    return eventually(is_so)


def test_a_server_that_has_rested_reads_and_writes_when_its_clock_is_accepted(
    database_url: str, book: str, caplog: pytest.LogCaptureFixture
) -> None:
    def served(at: datetime, accept: date | None = None) -> str:
        """What comes of a new part, after all has been read."""
        settings = Settings.read(
            database_url=database_url, listen="127.0.0.1:0", book=book, accept_clock=accept
        )
        with (
            running(settings, lambda: at) as app,
            grpc.insecure_channel(app.address) as channel,
        ):
            desk, number = FrontDesk(channel, book), f"P-{at:%m-%d}"
            assert is_told(channel, "partsledger.read", serving=True)
            desk.call("Part.ListParts")
            try:
                desk.call("Part.CreatePart", part_id=number, part=part_request(number)["part"])
            except Refused as refused:
                last = refused.facts["last_recorded_at"][:10]
                told = f"{refused.code.name} {refused.reason} {last}"
            else:
                told = "recorded"
            assert is_told(channel, "partsledger.write", serving=told == "recorded")
            return told

    opened_at = datetime(2025, 3, 10, 12, tzinfo=UTC)
    rested = opened_at + 60 * DAY
    assert served(opened_at) == "recorded"
    refused = "FAILED_PRECONDITION CLOCK_NOT_TRUSTED 2025-03-10"
    assert served(rested) == refused
    assert served(rested, accept=date(2025, 5, 8)) == refused  # Of the day before.
    assert any("--accept-clock says 2025-05-08, and it is 2025-05-09" in m for m in caplog.messages)
    assert served(rested, accept=date(2025, 5, 9)) == "recorded"
    assert served(rested + DAY) == "recorded"  # From then on without.


def test_a_book_is_not_opened_by_a_clock_that_is_ahead_of_the_databases(
    database_url: str, book: str
) -> None:
    settings = Settings.read(database_url=database_url, listen="127.0.0.1:0", book=book)
    ahead = datetime.now(UTC) + 2 * DAY
    refused = pytest.raises(CannotStart, match=r"entry 0 of never \(UTC\): 4\d hours ahead")
    with refused, running(settings, lambda: ahead - timedelta(hours=1)):
        pass
    with running(settings):  # The control.
        pass
