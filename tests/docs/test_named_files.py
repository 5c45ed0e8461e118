"""Every file that a page or a comment names is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "projections", "server", "proto", "tests", "docs", "examples", "benchmarks")
NAMED = re.compile(rf"(?<![\w./-])(?:{'|'.join(ROOMS)})/[\w./{{}}<>*-]*\w(?:\.\w+)?")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def missing(text: str) -> Iterator[str]:
    """Paths of ours that nothing is at. Left out are those with a placeholder or a pattern, and
    what stands in blocks of code."""
    for found in NAMED.finditer(re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        path = found.group().rstrip(".")
        if not re.search(r"[{}<>*]", path) and not (ROOT / path).exists():
            yield path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert list(missing(page.read_text())) == []


@pytest.mark.parametrize("room", ["domain", "projections", "server"])
def test_every_file_that_a_comment_names_is_there(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    found = {str(path): list(missing(path.read_text())) for path in files}

    assert {path: names for path, names in found.items() if names} == {}


def test_a_file_that_is_not_there_is_found() -> None:
    assert list(missing("see `domain/ledger.py` and (server/nothing.py), tests/*.py")) == [
        "server/nothing.py"
    ]
