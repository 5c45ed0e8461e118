"""The sums of a sample, and what it is asked with."""

import json

import pytest

from tests.mutants.__main__ import asked_for
from tests.mutants.mutant import Edit, Mutant, Source
from tests.mutants.summary import EQUIVALENT, Result, as_json, as_text, summed
from tests.mutants.trial import End

SOURCE = Source("domain/limit.py", "def over(a):\n    return a > 10\n")
MUTANT = Mutant(SOURCE, Edit(26, 27, ">=", "comparison"), "over")


def results(**ends: int) -> list[Result]:
    """So many results of each end."""
    return [
        Result("domain", MUTANT, End[end] if end != EQUIVALENT else end, "", "", 1.0)
        for end, count in ends.items()
        for _ in range(count)
    ]


def test_what_is_equivalent_does_not_count() -> None:
    found = summed(results(KILLED=47, TIMED_OUT=1, BROKEN=1, SURVIVED=1, equivalent=10))

    assert (found.sampled, found.counted, found.per_cent) == (60, 50, 98.0)
    assert found.enough
    assert not summed(results(KILLED=48, SURVIVED=1)).enough


def test_nothing_that_counts_is_enough() -> None:
    assert summed(results(equivalent=1)).enough


def test_a_survivor_is_shown_with_file_line_and_diff() -> None:
    told = as_text(results(SURVIVED=1))

    assert "domain/limit.py:2 survived (comparison)" in told
    assert "-    return a > 10\n+    return a >= 10" in told
    assert "1 sampled, 0 equivalent; of the other 1: 0 killed" in told


def test_as_json_there_is_everything() -> None:
    told = json.loads(as_json(results(SURVIVED=1), seed=7))

    assert (told["seed"], told["survived"], told["enough"]) == (7, 1, False)
    assert told["mutants"][0]["added"] == ["return a >= 10"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sample", "0"], "'0' must be a whole number from 1"),
        (["--jobs", "many"], "'many' must be a whole number from 1"),
        (["--seed", "x"], "--seed: invalid int value"),
        (["--room", "attic"], "invalid choice: 'attic'"),
    ],
)
def test_a_wrong_argument_is_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        asked_for(arguments)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err
