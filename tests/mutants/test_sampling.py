"""A seed stands for a sample, and a sample is of every room."""

from pathlib import Path

import pytest

from tests.mutants.rooms import ROOMS, files, nearest
from tests.mutants.run import ROOT
from tests.mutants.sampling import mutants_in, sample


def test_a_seed_gives_the_same_sample_again_and_another_seed_another() -> None:
    one, again, other = (sample(ROOT, ["domain"], 20, seed) for seed in (1, 1, 2))

    assert [mutant.change for _, mutant in one] == [mutant.change for _, mutant in again]
    assert {mutant.change for _, mutant in one} != {mutant.change for _, mutant in other}


def test_a_sample_has_as_many_of_each_room() -> None:
    chosen = sample(ROOT, list(ROOMS), 8, seed=1)

    assert [room for room, _ in chosen] == ["domain"] * 3 + ["views"] * 3 + ["writer"] * 2
    for room, mutant in chosen:
        assert mutant.path.startswith(ROOMS[room].folders)


def test_no_mutant_is_drawn_twice() -> None:
    drawn = [mutant for _, mutant in sample(ROOT, ["writer"], 300, seed=1)]

    assert len({(m.path, m.edit.start, m.edit.end, m.text) for m in drawn}) == 300


@pytest.mark.parametrize("name", list(ROOMS))
def test_every_mutant_of_a_room_is_a_change_and_most_compile(name: str) -> None:
    mutants = list(mutants_in(ROOMS[name], ROOT))

    assert len(mutants) > 500
    assert [mutant for mutant in mutants if mutant.text == mutant.source.text] == []
    assert [mutant.change for mutant in mutants[::25] if not mutant.compiles] == []


@pytest.mark.parametrize("name", list(ROOMS))
def test_the_tests_of_a_room_are_there(name: str) -> None:
    room = ROOMS[name]

    assert files(room, ROOT)
    assert [place for stage in room.stages for place in stage if not (ROOT / place).exists()] == []


def test_the_tests_named_after_a_file_come_first(tmp_path: Path) -> None:
    tests = tmp_path / "tests" / "domain"
    tests.mkdir(parents=True)
    (tests / "test_layers.py").write_text("")
    (tests / "test_book.py").write_text("from domain.layers import Layer\n")
    (tests / "test_dealer.py").write_text("from domain.dealer import Dealer\n")

    assert nearest(ROOMS["domain"], tmp_path, "domain/layers.py") == [
        "tests/domain/test_layers.py", "tests/domain/test_book.py",
    ]  # fmt: skip


def test_a_change_says_what_it_stands_in() -> None:
    scopes = {
        mutant.scope
        for room in ROOMS.values()
        for mutant in mutants_in(room, ROOT)
        if mutant.path in ("domain/parts_transfer.py", "projections/books/trial_balance.py")
    }

    assert {"PartsTransfer.Closed.apply", "_BALANCES", "AccountBalance.title"} <= scopes
    assert "" not in scopes
