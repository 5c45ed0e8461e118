"""Whatever happens to the files, each document ends whole or named as refused, and rows add up."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.erp import documents, sheet
from server.erp.documents import Document, Reading
from server.erp.import_order import IMPORT_ORDER
from server.erp.lines import Line
from server.erp.survey import Survey, surveyed
from tests.server.erp.damaged import damage, write_good

Rows = tuple[Line, ...]


def read(folder: Path, reading: Reading) -> Iterator[Document[Line]]:
    """All documents of a folder, claims with their items."""
    for file in IMPORT_ORDER:
        path = folder / file.layout.FILE
        if any((folder / layout.FILE).is_file() for layout in file.layouts):
            yield from file.read(path, file.layout, reading)


def found_in(folder: Path) -> tuple[dict[tuple[str, str], Rows], Reading]:
    """By file and number the rows of each document, items as a document of their own."""
    reading, found = Reading(), dict[tuple[str, str], Rows]()
    for document in read(folder, reading):
        found[_key(document.file, document.number)] = document.rows
        items = getattr(document, "items", None)
        if items:
            found[items.file, items.number] = items.rows
    return found, reading


def _key(file: str, number: str) -> tuple[str, str]:
    """The number of a part with a blank put into it is another one: its row is not lost."""
    return file, number.replace(" ", "") if file == "parts.csv" else number


def losses(folder: Path, seed: int) -> list[str]:
    """Damages a good folder; what of it is then neither whole nor named, or does not add up."""
    write_good(folder)
    whole, untouched = found_in(folder)
    assert untouched.problems == []
    chance = random.Random(seed)
    damage(folder, chance, chance.randint(1, 4))
    found, reading = found_in(folder)

    named = {_key(problem.file, problem.document) for problem in reading.problems}
    missing = Counter(file for file, number in whole.keys() - found.keys() - named)
    # Lines whose number is gone are named by their place, and stand for one document at most.
    nameless = Counter(
        file for file, _ in {
            (problem.file, problem.line) for problem in reading.problems
            if (problem.file, problem.document) not in whole
        }
    )  # fmt: skip
    wrong = [
        f"{key}: {len(found[key])} of {len(rows)} rows"
        for key, rows in whole.items()
        if key in found and len(found[key]) < len(rows)
    ]
    wrong += [f"{file}: a document is not named" for file in missing - nameless]
    for file, rows_read in reading.rows.items():
        kept = sum(len(rows) for (of, _), rows in found.items() if of == file)
        if rows_read != kept + reading.refused[file]:
            wrong.append(f"{file}: {rows_read} rows are not {kept} and {reading.refused[file]}")
    return wrong


@pytest.mark.parametrize(
    "seeds", [range(first, first + 100) for first in range(0, 600, 100)], ids=str
)
def test_whatever_happens_to_the_files_nothing_is_lost(tmp_path: Path, seeds: range) -> None:
    assert {seed: wrong for seed in seeds if (wrong := losses(tmp_path, seed))} == {}


@pytest.mark.parametrize("without", ["rows apart", "torn documents", "damage"])
def test_without_one_of_its_parts_the_reading_would_lose_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    """The controls: the test above can fail, and each part is needed."""
    survey = surveyed
    if without == "rows apart":
        monkeypatch.setattr(documents, "surveyed", lambda s: survey(s)._replace(apart={}))
    elif without == "torn documents":
        monkeypatch.setattr(documents, "surveyed", lambda s: Survey(survey(s).apart, {}))
    else:  # Takes the number for what stands in its place.
        monkeypatch.setattr(
            sheet,
            "owner_by_its_cells",
            lambda kind, header, cells: cells[header.index(kind.NUMBER[0])],
        )

    assert any(losses(tmp_path, seed) for seed in range(600))
