"""The written style, where a machine can hold us to it (docs/style.md)."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("domain", "projections", "server", "examples", "benchmarks")
LONGEST_FUNCTION = 40
LONGEST_FILE = 300
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
MARKS = ("TODO", "FIXME", "XXX", "HACK")


def sources() -> list[Path]:
    """Our own Python files outside tests, generated stubs left out."""
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    assert files, "no source was found: the check would check nothing"
    return files


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def long_functions(source: str) -> list[str]:
    return [
        node.name
        for node in functions(source)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]


def floats(source: str) -> list[int]:
    """Lines with a float: a literal, the name, or a true division."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
    ]


def swallowed(source: str) -> list[int]:
    """Handlers that catch everything and do nothing."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ExceptHandler)
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_keeps_to_the_written_style(path: Path) -> None:
    source = path.read_text()

    assert ast.get_docstring(ast.parse(source)), "a file begins with a docstring that teaches"
    assert long_functions(source) == []
    assert len(source.splitlines()) <= LONGEST_FILE, "it tells two stories: split it"
    assert path.stem not in VAGUE_NAMES
    assert swallowed(source) == []
    assert [mark for mark in MARKS if mark in source] == []


@pytest.mark.parametrize("room", ["domain", "projections"])
def test_no_float_comes_near_money(room: str) -> None:
    found = {path.name: floats(path.read_text()) for path in sorted((ROOT / room).rglob("*.py"))}

    allowed = {"follower.py", "builder.py"}  # Seconds to wait are not money.
    assert {name: lines for name, lines in found.items() if lines and name not in allowed} == {}


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(
        ["git", "grep", "-nIE", r"/(work|root|home|farm)/[a-z]|https?://[^ ]*(pypi|registry)"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in listed.stdout.splitlines() if "tests/test_tidy.py" not in line]

    assert listed.returncode in (0, 1), listed.stderr
    assert lines == []


def test_the_checks_can_fail() -> None:
    long_one = "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION

    assert long_functions(long_one) == ["f"]
    assert sorted(floats("a = 1.5\nb = float(a)\nc = a / b")) == [1, 2, 3]
    assert swallowed("try:\n    f()\nexcept Exception:\n    pass") == [3]
