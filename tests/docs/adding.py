"""Carries out docs/adding.md in a copy of the tree: what is new, what changes, what is run.

Above each block of code in the page stands, after its language, what to do with it:

    new FILE                    the block is that file
    change FILE after "LINE"    the block goes behind the only line that is this, or ends in it
    change FILE before "LINE"   the block goes in front of it
    change FILE at "LINE"       the block goes in its place
    run                         each line is a command
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "adding.md"
_BLOCK: Final = re.compile(r"^```(\w+) (new|change|run)(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_WHERE: Final = re.compile(r' (\S+) (after|before|at) "(.*)"')


class Block(NamedTuple):
    """One block of the page: `file` is empty for commands, `place` for new files."""

    action: str
    file: str
    place: str
    line: str
    text: str


def blocks(page: str) -> list[Block]:
    found = []
    for _, action, rest, text in _BLOCK.findall(page):
        if action == "change":
            where = _WHERE.fullmatch(rest)
            assert where is not None, f"a change says where: {rest}"
            found.append(Block(action, where[1], where[2], where[3].replace('\\"', '"'), text))
        else:
            found.append(Block(action, rest.strip(), "", "", text))
    return found


def copy_of_the_tree(target: Path) -> None:
    """What git tracks or would, and the environment that is there already."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def carry_out(tree: Path, page: str, without: str = "") -> None:
    """All of the page, but for the changes to one file."""
    for block in blocks(page):
        if block.action == "run":
            for command in block.text.splitlines():
                _run(tree, command)
        elif block.action == "new":
            assert not (tree / block.file).exists(), f"{block.file} is there already"
            (tree / block.file).write_text(block.text)
        elif block.file != without:
            _change(tree / block.file, block)


def _change(path: Path, block: Block) -> None:
    lines = path.read_text().splitlines(keepends=True)
    at = [number for number, line in enumerate(lines) if line.rstrip("\n") == block.line]
    assert len(at) == 1, f"{block.file} has {len(at)} lines that are: {block.line}"
    number = at[0] + (block.place == "after")
    rest = lines[number + (block.place == "at") :]
    path.write_text("".join([*lines[:number], block.text, *rest]))


def _run(tree: Path, command: str) -> None:
    """As a user would, in the environment of this test: `make` would set up one of its own."""
    if command == "make proto":
        names = sorted(path.name for path in (tree / "proto/partsledger/v1").glob("*.proto"))
        protos = [f"proto/partsledger/v1/{name}" for name in names]
        out = ["--python_out=proto", "--grpc_python_out=proto"]
        words = ["python", "-m", "grpc_tools.protoc", "--proto_path=proto", *out, *protos]
    else:
        words = command.split()
    assert words[0] == "python"
    done = run(tree, [sys.executable, *words[1:]])
    assert done.returncode == 0, done.stdout + done.stderr


def run(tree: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command in a copy of the tree, which finds that copy's code and no other."""
    environment = {"PYTHONPATH": f"{tree}:{tree / 'proto'}", "HYPOTHESIS_PROFILE": "ci"}
    inherited = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    return subprocess.run(
        command, cwd=tree, env={**inherited, **environment},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
