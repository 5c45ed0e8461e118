"""Progress of what takes longer than a moment: on standard error, out of the way of the answer."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from server.cli.tables import err

_LINE_SECONDS: Final = 10.0  # Between two lines, where there is no terminal to draw a bar on.

# Told (done, total).
Told = Callable[[int, int], None]


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


@contextmanager
def progress(what: str, quiet: bool = False) -> Iterator[Told]:
    """On a terminal a bar with rate and remaining time, elsewhere a line every few seconds."""
    if quiet:
        yield lambda done, total: None
    elif not sys.stderr.isatty():
        yield _lines(what)
    else:
        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(),
            TimeRemainingColumn(),
        )  # fmt: skip
        with Progress(*columns, console=err(), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(what: str) -> Told:
    started = last = time.monotonic()

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _LINE_SECONDS:
            last = now
            a_second = int(done / (now - started))
            print(f"{what}: {done:,} of {total:,}, {a_second:,}/s", file=sys.stderr, flush=True)

    return told
