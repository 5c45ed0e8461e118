"""Kills a server, or its PostgreSQL, while commands are under way."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Final, NamedTuple

from tests.chaos.processes import MortalServer, Victim
from tests.chaos.told import Told

_LONGEST_DELAY: Final = 0.03  # Seconds: so a kill meets any moment between two answers,
_AT_ONCE: Final = 0.5  # or mostly, in so many cases, the one when more answers are on their way.
_ANSWERS_BETWEEN: Final = 10  # At least: then whatever was killed before is back.


class Planned(NamedTuple):
    """When so many commands are answered, and a moment later, somebody is killed."""

    victim: Victim
    answered: int
    delay: float  # Seconds.


class Killed(NamedTuple):
    """Who was killed when; what was under way, with how many times it was sent by then."""

    victim: Victim
    at: datetime
    under_way: dict[str, int]


def plan(random: Random, victims: Sequence[Victim], answered: int, commands: int) -> list[Planned]:
    """Kills at random moments of so many commands that follow those answered already.

    Not at their very beginning or end: each kill has something to interrupt.
    """
    counts = sorted(random.sample(range(commands // 20, commands * 17 // 20), len(victims)))
    return [
        Planned(victim, answered + count, _delay(random))
        for victim, count in zip(victims, counts, strict=True)
    ]


def _delay(random: Random) -> float:
    return 0.0 if random.random() < _AT_ONCE else random.uniform(0, _LONGEST_DELAY)


def kill_as_planned(
    server: MortalServer, told: Told, planned: Sequence[Planned], over: Callable[[], bool]
) -> list[Killed]:
    """Carries the plan out until it is done, or the sending is over."""
    killed: list[Killed] = []
    for victim, count, delay in planned:
        answers = max(count, told.answered + _ANSWERS_BETWEEN)
        while not told.wait_for(answers, seconds=0.5):
            if over():
                return killed
        time.sleep(delay)
        at = datetime.now(UTC)
        server.kill(victim)
        killed.append(Killed(victim, at, told.under_way()))
        server.recover(victim)
    return killed
