"""How servers end: ours when we are told to stop, and those that a crash left behind."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import psutil

_PROGRAMS: Final = frozenset({"postgres", "initdb"})


class StillRunning(Exception):  # noqa: N818 - Named after what is the matter.
    """A process survived every signal: it hangs in the kernel, or is not ours to stop."""


def processes_in(directory: Path) -> list[psutil.Process]:
    """The processes of PostgreSQL that work in `directory`, dead ones not counted.

    They are identified by their working directory. A pid that is read from a file is not reliable:
    after a crash the kernel may have given it to another process.
    """
    return [process for process in psutil.process_iter() if _works_in(process, directory)]


def end_processes_in(directory: Path, seconds: float = 60.0) -> None:
    """Stop every PostgreSQL in `directory`: by a fast shutdown first, then by other signals."""
    steps: list[tuple[signal.Signals, float, Callable[[psutil.Process], bool]]] = [
        # Fast shutdown is asked of the postmaster alone, which tells its children in order.
        (signal.SIGINT, seconds, lambda process: not _is_child(process)),
        (signal.SIGQUIT, 5.0, lambda process: True),
        (signal.SIGKILL, 5.0, lambda process: True),
    ]
    for signal_number, patience, is_meant in steps:
        for process in processes_in(directory):
            _signal(process, signal_number, is_meant)
        deadline = time.monotonic() + patience
        while processes_in(directory):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
    pids = [process.pid for process in processes_in(directory)]
    raise StillRunning(f"PostgreSQL in {directory} does not stop: processes {pids}")


@contextmanager
def exit_on_termination() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit, so that `with` blocks are left in order.

    A handler that somebody else has set stays. Outside the main thread nothing is done, because
    Python allows no handlers there.
    """

    def leave(signal_number: int, frame: FrameType | None) -> None:
        signal.signal(signal_number, signal.SIG_IGN)  # Leaving takes a moment: no second time.
        raise SystemExit(128 + signal_number)

    taken = []
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            try:
                signal.signal(number, leave)
            except ValueError:
                break
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            if signal.getsignal(number) in (leave, signal.SIG_IGN):
                signal.signal(number, signal.SIG_DFL)


def _works_in(process: psutil.Process, directory: Path) -> bool:
    try:
        return process.name() in _PROGRAMS and process.cwd() == str(directory)
    except (psutil.Error, OSError):
        return False  # It ended meanwhile, or belongs to somebody whose servers are not ours.


def _is_child(process: psutil.Process) -> bool:
    """Children of the postmaster retitle themselves: "postgres: checkpointer"."""
    command = process.cmdline()
    return bool(command) and command[0].startswith("postgres: ")


def _signal(
    process: psutil.Process, number: signal.Signals, is_meant: Callable[[psutil.Process], bool]
) -> None:
    try:
        if is_meant(process):
            process.send_signal(number)
    except psutil.NoSuchProcess:
        return
