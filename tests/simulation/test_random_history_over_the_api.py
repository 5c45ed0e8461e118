"""Random histories over the public API: a real server and database, against the model at each step.

Five thousand commands in all, over several books. Failures of the rules themselves shrink better
in memory (test_random_history_in_memory.py); here they are found as a caller would find them.
"""

import random
from collections import Counter
from contextlib import ExitStack
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.simulation.conftest import Serve
from tests.simulation.history import COMMANDS, History
from tests.simulation.over_the_api import ApiDriver
from tests.simulation.proof_over_the_api import Proof
from tests.simulation.test_random_history_in_memory import Seeded
from tests.simulation.trade import MAKER, Trade

BOOKS = 7  # Hypothesis begins with the simplest: in the first, only time passes.
STEPS = 1_000  # In each book, or a few less: as many as Hypothesis has choices for.
ENOUGH = 5_000
RULES = 30  # Of the trade, that were broken at least once; refusals must not be avoided.


class Met:
    """What all the histories together have met."""

    def __init__(self) -> None:
        self.books = count(1)
        self.commands = 0
        self.answers: Counter[str] = Counter()


class HistoryOverTheApi(RuleBasedStateMachine):
    """A book of its own. Each step draws by its own seed: leave one out, and the rest stand."""

    def __init__(self, serve: Serve, met: Met) -> None:
        super().__init__()
        self.met = met
        self.exits = ExitStack()
        self.desk = self.exits.enter_context(serve(str(next(met.books))))
        self.desk.open_for_business(MAKER)
        self.driver = ApiDriver(self.desk)
        self.proof = Proof(self.driver.look)
        self.history = History(self.driver, Seeded(0))
        self.holds = True

    @rule(command=st.sampled_from(COMMANDS), seed=st.integers(0, 2**16 - 1))
    def step(self, command: str, seed: int) -> None:
        self.holds = False
        self.history.draw = Seeded(seed)
        getattr(self.history, command)()
        self.history.check()
        self.proof.remember()
        self.holds = True

    def teardown(self) -> None:
        """A history that held to its end is proved as a whole; one that failed has said so."""
        with self.exits:
            if self.holds:
                self.proof.of_the_whole_book()
        self.met.commands += self.driver.commands
        self.met.answers += self.history.answers


@pytest.mark.timeout(900)  # Fast on a machine of its own; a busy one is no failure.
def test_five_thousand_random_commands_agree_with_the_model_after_every_step(serve: Serve) -> None:
    met = Met()
    run_state_machine_as_test(
        partial(HistoryOverTheApi, serve, met),  # type: ignore[arg-type]  # Any factory will do.
        settings=settings(
            max_examples=BOOKS,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # To shrink would play hundreds of such histories again.
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert met.commands >= ENOUGH
    accepted = {answer for answer in met.answers if " " not in answer}
    unmet = {name for name in vars(Trade) if not name.startswith("_")} - accepted - {"shown"}
    assert unmet == set(), "each command was accepted at least once"
    reasons = {answer.split()[1] for answer in met.answers if " " in answer}
    assert len(reasons) >= RULES, reasons


def test_a_history_goes_on_after_a_restart_as_if_nothing_had_happened(serve: Serve) -> None:
    order = random.Random(7)
    with serve("restarted") as desk:
        desk.open_for_business(MAKER)
        driver = ApiDriver(desk)
        history = History(driver, Seeded(7))
        play(history, 120, order)
        before = driver.shown()
    with serve("restarted") as desk:
        driver = ApiDriver(desk, driver.commands)
        history.ledger = driver
        assert driver.shown() == before
        play(history, 120, order)
        Proof(driver.look).of_the_whole_book()


def play(history: History, steps: int, order: random.Random) -> None:
    for _ in range(steps):
        getattr(history, order.choice(COMMANDS))()
        history.check()
