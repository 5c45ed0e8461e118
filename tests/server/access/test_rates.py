"""One caller's calls are counted; the others' are not touched by them."""

import pytest

from server.access import rates
from server.access.errors import CalledTooOften
from server.access.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def take(counted: Rates, times: int, caller: str = "ann") -> int:
    """How many of so many calls are let through."""
    through = 0
    for _ in range(times):
        try:
            counted.take(caller)
        except CalledTooOften:
            continue
        through += 1
    return through


def test_a_caller_makes_as_many_calls_as_it_may_at_once_and_no_more(clock: Clock) -> None:
    assert take(Rates(10, clock), 25) == 10


def test_calls_come_back_evenly(clock: Clock) -> None:
    counted = Rates(10, clock)
    take(counted, 10)

    clock.seconds += 0.36
    assert take(counted, 10) == 3
    clock.seconds += 0.05
    assert take(counted, 10) == 1


def test_a_pause_gives_no_more_than_a_second_does(clock: Clock) -> None:
    counted = Rates(10, clock)
    take(counted, 10)
    clock.seconds += 3600

    assert take(counted, 99) == 10


def test_a_refused_call_costs_nothing_and_is_told_when_to_come_back(clock: Clock) -> None:
    counted = Rates(10, clock)
    take(counted, 1_000)
    clock.seconds += 0.04
    with pytest.raises(CalledTooOften, match="ann makes more than 10 calls a second") as refused:
        counted.take("ann")
    assert refused.value.seconds == pytest.approx(0.06)

    clock.seconds += 0.061
    assert take(counted, 2) == 1


def test_others_are_not_touched(clock: Clock) -> None:
    counted = Rates(10, clock)
    take(counted, 99)

    assert take(counted, 1, "bob") == 1


def test_few_callers_are_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_CALLERS", 3)
    counted = Rates(1, clock)
    for number in range(9):
        counted.take(f"caller {number}")

    assert len(counted._in_hand) == 3
    assert take(counted, 1, "caller 8") == 0  # Of those that called last, it is known.
