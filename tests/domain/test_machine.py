"""A failure of a machine is claimed once: by the claim that has it, and by no other."""

import pytest

from domain.errors import DuplicateClaim
from domain.machine import Machine
from tests.domain.desk import command, d
from tests.domain.givens import PUMP, SEAL, maker


def test_the_claim_that_has_a_failure_has_it_already_and_no_other_gets_it() -> None:
    machine, asked = maker().ledger.get(Machine, "S1"), command()
    machine.take_claim(asked, "C1", d(7, 1), PUMP)
    machine.take_claim(asked, "C1", d(7, 1), PUMP)
    assert len(asked.facts) == 1, "nothing is recorded of what is known"

    with pytest.raises(DuplicateClaim) as refusal:
        machine.take_claim(asked, "C2", d(7, 1), PUMP)
    assert refusal.value.facts == {
        "claim": "C1", "serial": "S1", "failed_on": "2025-07-01", "causal_part": PUMP,
    }  # fmt: skip


def test_another_day_and_another_part_are_other_failures() -> None:
    machine, asked = maker().ledger.get(Machine, "S1"), command()
    machine.take_claim(asked, "C1", d(7, 1), PUMP)
    machine.take_claim(asked, "C2", d(7, 1), SEAL)
    machine.take_claim(asked, "C3", d(7, 2), PUMP)
    assert machine.failures == {
        (d(7, 1), PUMP): "C1", (d(7, 1), SEAL): "C2", (d(7, 2), PUMP): "C3",
    }  # fmt: skip
