"""Under its name, a file is there as a whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.backup import new_file as module
from server.backup.errors import BackupRefused
from server.backup.new_file import new_file

WRITING = """
import pathlib, sys, time
from server.backup.new_file import new_file
with new_file(pathlib.Path(sys.argv[1]), replace=True) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    time.sleep(60)
"""


def test_what_was_written_is_there_at_the_end_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with new_file(path, replace=False) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("before", [None, b"of yesterday"])
def test_what_fails_leaves_nothing_and_changes_nothing(
    tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)

    def fails() -> None:
        with new_file(path, replace=True) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert list(tmp_path.iterdir()) == ([] if before is None else [path])
    assert before is None or path.read_bytes() == before


@pytest.mark.parametrize("before", [None, b"of yesterday"])
def test_a_program_that_is_killed_leaves_no_half_file_under_the_name(
    tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    with subprocess.Popen(
        [sys.executable, "-c", WRITING, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        writer.send_signal(signal.SIGKILL)
    [left] = [each for each in tmp_path.iterdir() if each != path]
    assert left.read_bytes() == b"half"  # The control: it was killed in the middle.
    assert left.name.endswith(module.UNFINISHED)
    assert path.exists() == (before is not None)
    assert before is None or path.read_bytes() == before


def test_a_file_that_is_there_is_replaced_only_when_that_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"of yesterday")
    with pytest.raises(BackupRefused, match="say --force"), new_file(path, replace=False):
        pass
    assert path.read_bytes() == b"of yesterday"
    with new_file(path, replace=True) as file:
        file.write(b"of today")
    assert path.read_bytes() == b"of today"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_somebody_wrote_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Also where the file system has no links."""

    def no_link(*_: object) -> None:
        raise OSError("this file system has none")

    if not links:
        monkeypatch.setattr(os, "link", no_link)
    path = tmp_path / "file"

    def overtaken() -> None:
        with new_file(path, replace=False) as file:
            file.write(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(BackupRefused):
        overtaken()
    assert path.read_bytes() == b"theirs"
    path.unlink()
    with new_file(path, replace=False) as file:  # The control.
        file.write(b"ours")
    assert [path] == list(tmp_path.iterdir())


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    with (
        pytest.raises(BackupRefused, match="cannot write to "),
        new_file(tmp_path / "nowhere" / "file", replace=False),
    ):
        pass


def test_a_disk_that_is_full_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    def too_much() -> None:
        with new_file(tmp_path / "file", replace=False) as file:
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, file.fileno())
            os.close(full)
            file.write(b"too much")

    with pytest.raises(BackupRefused, match="No space left"):
        too_much()
    assert list(tmp_path.iterdir()) == []
