"""What is mutated, room by room, and the tests that have to notice: the nearest ones first."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple


class Room(NamedTuple):
    """`stages` are run one after the other, until a test fails."""

    folders: tuple[str, ...]
    sql: bool  # Whether its strings hold SQL.
    stages: tuple[tuple[str, ...], ...]


_VIEWS: Final = ("tests/projections",)
_API: Final = ("tests/server/api",)
_WRITING: Final = ("tests/server/writing", "tests/server/eventlog")
_RANDOM: Final = ("tests/simulation",)

ROOMS: Final[dict[str, Room]] = {
    "domain": Room(
        ("domain",),
        False,
        (
            ("tests/domain",),
            ("tests/docs/test_facts.py", "tests/simulation/test_random_history_in_memory.py"),
            _VIEWS,
            ("tests/server/writing",),
            _API,
        ),
    ),
    "views": Room(("projections",), True, (_VIEWS, _API, _RANDOM)),
    "writer": Room(
        ("server/writing", "server/eventlog"),
        True,
        (_WRITING, ("tests/server/test_startup.py",), _VIEWS, _API, _RANDOM),
    ),
}


def files(room: Room, root: Path) -> list[Path]:
    """The room's own files, by name."""
    found = [path for folder in room.folders for path in sorted((root / folder).rglob("*.py"))]
    assert found, f"nothing is left of {', '.join(room.folders)}: see {__file__}"
    return found


def nearest(room: Room, root: Path, path: str) -> list[str]:
    """The test files of the first stage that know a source file, those named after it first: most
    faults are noticed there, in a second."""
    stem = Path(path).stem
    module = ".".join(Path(path).with_suffix("").parts)
    folder = module.rpartition(".")[0]
    uses = re.compile(rf"\b{module}\b|from {folder} import [^\n]*\b{stem}\b")
    named, using = [], []
    for test in _test_files(room.stages[0], root):
        name = str(test.relative_to(root))
        if test.stem == f"test_{stem}":
            named.append(name)
        elif uses.search(test.read_text()):
            using.append(name)
    return named + using


def _test_files(stage: tuple[str, ...], root: Path) -> Iterator[Path]:
    for place in stage:
        path = root / place
        yield from [path] if path.is_file() else sorted(path.rglob("test_*.py"))
