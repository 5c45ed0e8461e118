"""Mutants tried out on a tiny tree: a test that looks kills, one that does not lets live."""

from pathlib import Path
from textwrap import dedent

import pytest

from tests.mutants.mutant import Edit, Mutant, Source
from tests.mutants.trial import Copy, End, FailsAsItIs, copy_tree

LIMIT = "def over(amount):\n    return amount > 10\n"
CHECK = """
    from domain.limit import over

    def test_the_limit_itself_is_not_over():
        assert not over({amount})
"""

ENDED_ONCE = """
    import os, signal
    from pathlib import Path

    def test_that_ends_all_of_it():
        ended = Path("ended")
        if not ended.exists():
            ended.touch()
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Copy:
    for room in ("domain", "tests/domain"):
        (tmp_path / room).mkdir(parents=True)
    (tmp_path / "domain" / "__init__.py").write_text("")
    (tmp_path / "domain" / "limit.py").write_text(LIMIT)
    return Copy(tmp_path, "postgresql://nobody/asks")


def checking(tree: Copy, amount: int) -> None:
    test = tree.root / "tests" / "domain" / "test_limit.py"
    test.write_text(dedent(CHECK.format(amount=amount)))


def mutant(old: str, new: str) -> Mutant:
    at = LIMIT.index(old)
    return Mutant(
        Source("domain/limit.py", LIMIT), Edit(at, at + len(old), new, "comparison"), "over"
    )


def test_a_mutant_dies_of_a_test_that_looks_and_the_file_is_as_before(tree: Copy) -> None:
    checking(tree, amount=10)
    ran = tree.outcome("domain", mutant(">", ">="))

    assert ran.end is End.KILLED
    assert ran.test == "tests/domain/test_limit.py::test_the_limit_itself_is_not_over"
    assert (tree.root / "domain" / "limit.py").read_text() == LIMIT


def test_without_such_a_test_it_lives(tree: Copy) -> None:
    checking(tree, amount=9)

    assert tree.outcome("domain", mutant(">", ">=")).end is End.SURVIVED


def test_one_that_cannot_be_imported_is_told_apart(tree: Copy) -> None:
    checking(tree, amount=10)

    assert tree.outcome("domain", mutant("def over", "gone\ndef over")).end is End.BROKEN


def test_one_that_never_ends_is_told_apart(tree: Copy) -> None:
    checking(tree, amount=10)
    endless = mutant("return", "while True: pass\n    return")
    with tree.reading(endless.path, endless.text):
        assert tree.run(["tests/domain"], limit=4).end is End.TIMED_OUT


def test_a_run_that_something_else_has_ended_is_run_once_more(tree: Copy) -> None:
    ending = tree.root / "tests" / "domain" / "test_ending.py"
    ending.write_text(dedent(ENDED_ONCE))

    assert tree.run(["tests/domain"], limit=60).end is End.SURVIVED
    assert (tree.root / "ended").exists()


def test_one_that_ends_pytest_itself_each_time_is_broken(tree: Copy) -> None:
    ending = tree.root / "tests" / "domain" / "test_ending.py"
    ending.write_text(dedent(ENDED_ONCE).replace("if not ended.exists()", "if True"))

    assert tree.run(["tests/domain"], limit=60).end is End.BROKEN


def test_tests_that_fail_as_it_is_are_no_use(tree: Copy) -> None:
    checking(tree, amount=11)

    with pytest.raises(FailsAsItIs, match="test_the_limit_itself_is_not_over"):
        tree.check(("tests/domain",))


def test_tests_of_another_tree_are_no_use(tree: Copy) -> None:
    checking(tree, amount=10)
    tree.check_faults_count(("tests/domain",), "domain/limit.py")
    (tree.root / "domain" / "other.py").write_text("")

    with pytest.raises(FailsAsItIs, match="it tests another tree"):
        tree.check_faults_count(("tests/domain",), "domain/other.py")


def test_a_copy_has_what_git_knows_of_or_would_add(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    copy_tree(root, tmp_path)

    assert (tmp_path / "tests" / "mutants" / "test_trial.py").read_text() == Path(
        __file__
    ).read_text()
    assert not (tmp_path / ".venv").exists()
