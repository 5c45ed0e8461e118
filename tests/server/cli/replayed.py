"""The histories that are replayed, and the files that docs/replay.md asks its reader to make."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from domain.months import last_day
from examples.files import opened
from examples.generate import generate
from examples.sizes import Size
from tests.conftest import new_book
from tests.server.cli.replaying import Replay, replay_of
from tests.server.cli.terminal import PARTSLEDGER, Served
from tests.server.conftest import serving

MONTHS: Final = [*(f"2025-{month:02}" for month in range(7, 13)), "2026-01"]
DAYS: Final = [last_day(month) for month in MONTHS]

# Of its facts 2 of 100 are late, and 1 is back-dated.
_LARGE: Final = Size(60, 5, 1_500, 400, 3_000, 6, claims=600, sale_lines=3_000, transfer_lines=650,
                     late=60)  # fmt: skip


class Least(NamedTuple):
    """How much there has to be in a history for its replay to mean something."""

    facts: int
    late: int  # They count on another day than they happened.
    back_dated: int  # They happened before what their stream held already, and count on that day.
    late_layers: int  # Layers that are moved on and had come late.
    statements: int


LEAST: Final = {
    "small": Least(9_500, 15, 40, 0, 70),
    "large": Least(100_000, 2_000, 1_000, 1_500, 350),
}


class History(NamedTuple):
    """A book, the folder with its files, and the log in DuckDB."""

    served: Served
    folder: Path
    replay: Replay
    least: Least

    @property
    def log(self) -> str:
        return (self.folder / "entries.jsonl").read_text(encoding="utf-8")


def history_of(served: Served, folder: Path, least: Least) -> History:
    """Asks the server for what the page says, under the names that the page gives."""
    _told("reading the log")
    entries = served.ask("entries", "--json", "--limit", "1000000").out
    replay = replay_of(entries, folder)
    _told("asking for balances and ageing")
    for day in DAYS:
        keep(served, folder, "trial-balance", day, "--by-party")
        keep(served, folder, "ageing", day, "--by-part")
    return History(served, folder, replay, least)


def keep(served: Served, folder: Path, report: str, day: date, *options: str) -> None:
    ended = served.ask(report, "--as-of", str(day), *options, "--json")
    assert ended.code == 0, ended.err
    (folder / f"{report}-{day}.json").write_text(ended.out, encoding="utf-8")


@contextmanager
def large(database_url: str, folder: Path) -> Iterator[Served]:
    """A book with a history of the generator, imported from files by a process of its own.

    The import refuses what the generator has written to be refused, and nothing else.
    """
    _told("writing the files of a large maker")
    with opened(folder) as files:
        for _ in generate(_LARGE, 2025, files):
            pass
    with (folder / "expected_refusals.csv").open(encoding="utf-8") as file:
        expected = {(row["file"], int(row["line"])) for row in csv.DictReader(file)}
    with new_book(database_url) as book, serving(database_url, book) as app:
        served = Served(app.address, book)
        command = (*PARTSLEDGER, "import")
        imported = subprocess.run(
            [*command, folder, "--server", served.address, "--book", book, "--json"],
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        refusals = json.loads(imported.stdout)["refusals"]
        assert {(row["file"], row["line"]) for row in refusals} == expected
        yield served


def _told(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)
