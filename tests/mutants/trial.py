"""Tries mutants out: each in a copy of the tree, against one test stage after the other.

Compiled code in a copy is told by the source it was made of, not by its time, so that none outlives
it. Hypothesis draws the same examples each time. All copies share a PostgreSQL.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from compileall import compile_dir
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from io import StringIO
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final, NamedTuple

from tests.conftest import TEST_DATABASE_URL
from tests.mutants.mutant import Mutant
from tests.mutants.rooms import ROOMS, nearest

# Nothing is known yet of how long the tests take.
_PATIENCE: Final = 1800.0
_NO_BYTECODE: Final = "PYTHONDONTWRITEBYTECODE"
_PYTEST: Final = "pytest itself"  # Where no test is named.
_GROSS: Final = "a fault that no test can overlook"
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_BROKEN: Final = re.compile(r"errors? during collection|ImportError while loading conftest")
_TIMED_OUT: Final = re.compile(r"\bTimeout\b.*>|\+ Timeout \+")


class End(StrEnum):
    SURVIVED = "survived"
    KILLED = "killed"
    BROKEN = "broken"  # It could not even be imported, or pytest itself fell.
    TIMED_OUT = "timed out"


class Ran(NamedTuple):
    """How one run of the tests ended: with all passed (`SURVIVED`), or by which test."""

    end: End
    test: str
    output: str


class FailsAsItIs(Exception):  # noqa: N818 - Said of the tree, not of a mutant.
    """The tests fail without any fault: nothing could be learnt from them."""


@dataclass
class Copy:
    """A tree of its own to put faults in."""

    root: Path
    database_url: str
    seconds: dict[tuple[str, ...], float] = field(default_factory=dict)  # What a stage takes.
    _running: subprocess.Popen[str] | None = None

    def check(self, stage: tuple[str, ...]) -> float:
        """Runs a stage without a fault; returns how long it took. Raises `FailsAsItIs`."""
        began = time.monotonic()
        ran = self.run(list(stage), _PATIENCE)
        if ran.end is not End.SURVIVED:
            raise FailsAsItIs(f"{ran.test} fails as it is:\n{ran.output[-3000:]}")
        return time.monotonic() - began

    def check_faults_count(self, stage: tuple[str, ...], source: str) -> None:
        """Raises `FailsAsItIs` if the tests run on another tree than this one."""
        with self.reading(source, f"raise SystemError({_GROSS!r})\n"):
            ran = self.run(list(stage), _PATIENCE)
        if _GROSS not in ran.output:
            raise FailsAsItIs(f"{stage[0]} says nothing of {source}: it tests another tree")

    def outcome(self, room: str, mutant: Mutant) -> Ran:
        """How a mutant ends: by the first stage that notices it."""
        ran = Ran(End.SURVIVED, "", "")
        every = stages(room, self.root)
        first = tuple(nearest(ROOMS[room], self.root, mutant.path))
        limits = [(first, self._limit(every[0])), *((stage, self._limit(stage)) for stage in every)]
        with self.reading(mutant.path, mutant.text):
            for stage, limit in limits:
                ran = self.run(stage, limit) if stage else ran
                if ran.end is not End.SURVIVED:
                    break
        return ran

    def run(self, tests: Sequence[str], limit: float) -> Ran:
        """Runs tests until one fails. A run that something else has ended is run once more."""
        ran = self._run(tests, limit)
        return self._run(tests, limit) if ran.test == _PYTEST else ran

    def _run(self, tests: Sequence[str], limit: float) -> Ran:
        command = [
            sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=line",
            "--timeout", str(int(limit // 2)), *tests,
        ]  # fmt: skip
        with subprocess.Popen(
            command, cwd=self.root, env=self._environment(), text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as self._running:  # fmt: skip
            try:
                output, _ = self._running.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                return Ran(End.TIMED_OUT, "the whole run", "")
            finally:
                self.stop()
        return _ran(self._running.returncode, output)

    def stop(self) -> None:
        """Ends the run and all it has started."""
        if self._running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()

    def _limit(self, stage: tuple[str, ...]) -> float:
        return 60 + 3 * self.seconds.get(stage, _PATIENCE)

    def _environment(self) -> Mapping[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != _NO_BYTECODE},
            "PYTHONPATH": f"{self.root}{os.pathsep}{self.root / 'proto'}",
            "HYPOTHESIS_PROFILE": "ci",
            TEST_DATABASE_URL: self.database_url,
        }

    @contextmanager
    def reading(self, path: str, text: str) -> Iterator[None]:
        file = self.root / path
        original = file.read_text()
        file.write_text(text)
        try:
            yield
        finally:
            file.write_text(original)


def stages(room: str, root: Path) -> list[tuple[str, ...]]:
    """A room's stages, without what is no longer there."""
    existing = (
        tuple(place for place in stage if (root / place).exists()) for stage in ROOMS[room].stages
    )
    return [stage for stage in existing if stage]


def copy_tree(root: Path, into: Path) -> None:
    """Copies what git knows of, or would add, as it is now, and compiles it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, into / name)
    with redirect_stdout(StringIO()):
        compile_dir(into, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)


def _ran(code: int, output: str) -> Ran:
    failed = _FAILED.search(output)
    if code == 0:
        return Ran(End.SURVIVED, "", output)
    if code == 5:
        raise FailsAsItIs(f"there were no tests:\n{output}")
    if failed is None:  # Ended by a signal, say.
        return Ran(End.BROKEN, _PYTEST, output)
    if _BROKEN.search(output):
        return Ran(End.BROKEN, failed[1], output)
    return Ran(End.TIMED_OUT if _TIMED_OUT.search(output) else End.KILLED, failed[1], output)
