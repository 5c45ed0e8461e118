"""Random histories of the whole trade, in memory, against the model after every step."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.simulation.history import COMMANDS, History
from tests.simulation.in_memory import DomainDriver

T = TypeVar("T")


class Drawn:
    """Draws by Hypothesis, which shrinks them."""

    data: st.DataObject

    def pick(self, options: Sequence[T]) -> T:
        return self.data.draw(st.sampled_from(options))

    def number(self, least: int, most: int) -> int:
        return self.data.draw(st.integers(least, most))

    def seldom(self) -> bool:
        return self.data.draw(st.integers(0, 9)) == 9


class Seeded:
    """Draws by a seed, for histories longer than Hypothesis can hold."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def seldom(self) -> bool:
        return self._random.random() < 0.1


class RandomHistory(RuleBasedStateMachine):
    """One rule for all commands, so that a history is a list of them that shrinks well."""

    def __init__(self) -> None:
        super().__init__()
        self.draw = Drawn()
        self.history = History(DomainDriver(), self.draw)

    @rule(data=st.data(), command=st.sampled_from(COMMANDS))
    def step(self, data: st.DataObject, command: str) -> None:
        self.draw.data = data
        getattr(self.history, command)()

    @invariant()
    def agrees_with_the_model(self) -> None:
        self.history.check()


RandomHistory.TestCase.settings = settings(max_examples=30, stateful_step_count=60)
TestRandomHistory = RandomHistory.TestCase


def played(history: History, steps: int, seed: int) -> History:
    order = random.Random(seed)
    for _ in range(steps):
        getattr(history, order.choice(COMMANDS))()
        history.check()
    return history


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_long_history_agrees_with_the_model_after_every_step(seed: int) -> None:
    history = played(History(DomainDriver(), Seeded(seed)), 1500, seed)

    assert isinstance(history.ledger, DomainDriver)
    before = history.ledger.shown()
    history.ledger.ledger.forget()
    assert history.ledger.shown() == before, "replayed from its facts it shows the same"
