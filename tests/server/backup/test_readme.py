"""What the README says of backups is run here, line by line."""

import re
import shlex
from pathlib import Path

import pytest

from tests.chaos.processes import serving
from tests.server.cli.terminal import Ended, partsledger

README = Path(__file__).parents[3] / "README.md"
PASSAGE = re.compile(r"^## Backup and restore\n\n```sh\n(.*?)```", re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    passage = PASSAGE.search(README.read_text(encoding="utf-8"))
    assert passage is not None
    return [shlex.split(line, comments=True) for line in passage[1].splitlines()]


def test_its_commands_back_a_ledger_up_and_restore_it(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (directory / "backups").mkdir()
    monkeypatch.chdir(directory)
    monkeypatch.setenv("PARTSLEDGER_DATA_DIR", str(directory / "data"))
    backup, restore, serve = commands()
    assert (backup[:2], restore[:2], serve[:2]) == (
        ["partsledger", "backup"], ["partsledger", "restore"], ["partsledger", "serve"],
    )  # fmt: skip

    with serving():
        assert run(backup, directory).code == 0
    [file] = (directory / "backups").iterdir()
    assert re.fullmatch(r"main-\S+\.backup", file.name)
    assert run(restore, directory, file.name).code == 0
    with serving(*serve[2:]) as served:
        assert partsledger("verify", "--server", served.address).code == 0
    assert (directory / "restored").is_dir()


def run(command: list[str], directory: Path, name: str = "") -> Ended:
    """With our folder in place of /backups, and the name that the file got in place of the dots."""
    words = [
        word.replace("/backups", str(directory / "backups")).replace("main-….backup", name)
        for word in command[1:]
    ]
    return partsledger(*words)
