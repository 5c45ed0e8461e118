"""Processes come and go while they are listed: one that has ended is in nobody's way."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from server.postgres import processes
from server.postgres.processes import end_processes_in, processes_in


@pytest.fixture
def running(tmp_path: Path) -> Iterator[psutil.Process]:
    """A program that passes for PostgreSQL, at work in a directory."""
    program = tmp_path / "postgres"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "600"], cwd=tmp_path) as started:
        yield psutil.Process(started.pid)
        started.kill()


def listed(monkeypatch: pytest.MonkeyPatch, process: psutil.Process) -> None:
    """Whoever lists processes finds this one, whether or not it has ended since."""
    monkeypatch.setattr(psutil, "process_iter", lambda: [process])


def end(process: psutil.Process) -> None:
    process.kill()
    process.wait()


def test_one_that_ends_while_they_are_listed_is_not_counted(
    running: psutil.Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, running)
    assert processes_in(tmp_path) == [running]  # The control: it would be.
    end(running)
    assert processes_in(tmp_path) == []


def test_one_that_ends_before_it_is_told_to_is_no_error(
    running: psutil.Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([[running], []])
    end(running)
    monkeypatch.setattr(processes, "processes_in", lambda _: next(answers))
    end_processes_in(tmp_path)
    assert next(answers, None) is None  # Both were asked for: the one to tell, and who is left.
