"""When a command is recorded, and which day that is, as long as the clock can be believed.

A moment is hashed into its entry and never corrected, and on a wrong day a month could be closed
that is not over. So nothing is recorded while the server's clock stands

- more than `lead` ahead of the database's clock,
- more than `lead` before the last entry: either it is wrong now, or it was wrong then,
- more than `jump` after the last moment at which it was looked at: first that of the last entry.

It ends when the clock is put right. Where it is far from the last entry, an operator may also say
that it is right all the same: after a rest of some months, or after entries of a clock that was
wrong. A day is over when it is over by both clocks.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from eventsourcing.persistence import PersistenceError

from domain.errors import RuleViolation

_ASK_SECONDS: Final = 1.0  # The database is asked so seldom; in between, its time is reckoned.
_SHORTEST: Final = timedelta(microseconds=1)

_log = logging.getLogger(__name__)


class Bounds(NamedTuple):
    """How far the clock may stand from where it is expected."""

    jump: timedelta = timedelta(days=31)
    lead: timedelta = timedelta(hours=24)


class Moment(NamedTuple):
    recorded_at: datetime
    by_both: datetime  # The earlier one of the two clocks: what is over then is over.


class LastEntry(NamedTuple):
    position: int
    recorded_at: datetime


class ClockNotTrusted(RuleViolation):
    """Nothing is recorded until the clock is put right, or an operator says that it is right."""

    reason = "CLOCK_NOT_TRUSTED"

    def __init__(self, why: str, clock: datetime, database: datetime, last: LastEntry) -> None:
        clocks = f"server clock {_told(clock)}, database {_told(database)}"
        recorded = _told(last.recorded_at) if last.position else "never"
        super().__init__(
            f"{clocks}, entry {last.position} of {recorded} (UTC): {why}",
            clock=clock.isoformat(),
            database_clock=database.isoformat(),
            last_position=last.position,
            last_recorded_at=last.recorded_at.isoformat() if last.position else "",
        )


class LedgerClock:
    """The clock of one writer. Times that it gives rise, unless an operator accepts it for one that
    had gone too far. Any thread may `look`."""

    def __init__(
        self,
        server: Callable[[], datetime],
        database: Callable[[], datetime],
        bounds: Bounds = Bounds(),  # noqa: B008 - It is immutable.
        *,
        accepted: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._server = server
        self._ask = database
        self._bounds = bounds
        self._accepted = accepted
        self._lock = threading.Lock()
        self._last = LastEntry(0, datetime.min.replace(tzinfo=UTC))
        self._given: datetime | None = None  # The last moment of the log or of this clock.
        self._seen: datetime | None = None  # When it was believed last.
        self._database: tuple[datetime, float] | None = None  # What it said, and when.
        self._doubted = False

    def begin(self, last: LastEntry | None) -> None:
        """Goes on from the last entry of the log; if the clock is accepted, from now."""
        if last is None:
            return
        with self._lock:
            self._last, self._given, self._seen = last, last.recorded_at, last.recorded_at
            now, database = self._server(), self._database_time()
            doubt = self._doubt_of_last_entry(now, database)
            if self._accepted and doubt is not None:
                _log.warning("the clock is accepted, as was told: %s", doubt)
                self._given, self._seen = min(self._given, now), now

    def moment(self) -> Moment:
        """The next moment. Raises ClockNotTrusted, or what the database says when it is asked."""
        with self._lock:
            now, database = self._server(), self._database_time()
            doubt = self._doubt(now, database)
            if doubt is not None:
                raise doubt
            self._seen = now
            after = now if self._given is None else self._given + _SHORTEST
            self._given = max(now, after)
            return Moment(self._given, min(now, database))

    def next_moment(self) -> datetime:
        """The one after the last that was given, for what is decided in one go with that."""
        with self._lock:
            assert self._given is not None, "the first one is looked up"
            self._given += _SHORTEST
            return self._given

    def look(self) -> ClockNotTrusted | None:
        """Why nothing is recorded now. To be called now and then: a jump shows between two looks,
        and a clock that was always looked at may go on after any rest."""
        with self._lock:
            now = self._server()
            try:
                database = self._database_time()
            except PersistenceError:  # Who needs it will find out.
                database = now
            doubt = self._doubt(now, database)
            if doubt is None:
                self._seen = now
            elif not self._doubted:
                _log.error("nothing is recorded: %s", doubt)
            self._doubted = doubt is not None
            return doubt

    def _doubt(self, now: datetime, database: datetime) -> ClockNotTrusted | None:
        if now - database > self._bounds.lead:  # Reckoned, it may be wrong: the machine has slept.
            self._database = None
            database = self._database_time()
        ahead = now - database
        if ahead > self._bounds.lead:
            why = f"{_long(ahead)} ahead. Set the clock right"
            return ClockNotTrusted(why, now, database, self._last)
        return self._doubt_of_last_entry(now, database)

    def _doubt_of_last_entry(self, now: datetime, database: datetime) -> ClockNotTrusted | None:
        if self._given is None or self._seen is None:
            return None
        jump, back = now - self._seen, self._given - now
        if jump <= self._bounds.jump and back <= self._bounds.lead:
            return None
        what = f"{_long(back)} back" if back > self._bounds.lead else f"a jump of {_long(jump)}"
        why = f"{what}. Set the clock or serve --accept-clock"
        return ClockNotTrusted(why, now, database, self._last)

    def _database_time(self) -> datetime:
        """The database's clock, asked once a second at most."""
        if self._database is None or self._monotonic() - self._database[1] > _ASK_SECONDS:
            self._database = self._ask(), self._monotonic()
        asked, at = self._database
        return asked + timedelta(seconds=self._monotonic() - at)


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _long(span: timedelta) -> str:
    days, hours = span.days, span.seconds // 3600
    return f"{days} days" if days > 1 else f"{24 * days + hours} hours"
