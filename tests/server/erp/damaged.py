"""A good folder, damaged by chance: what people, editors and broken transfers do to a file."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from server.erp.import_order import LAYOUTS
from tests.server.erp.exports import BARE

Lines = list[str]
Way = Callable[[random.Random, Lines, int], None]

DAMAGED: Final = (
    "places.csv", "parts.csv", "purchases.csv", "sales.csv", "claims.csv", "claim_items.csv",
    "payments.csv",
)  # fmt: skip
# Of each file with documents of several rows: the number's column, and what tells rows apart.
SEVERAL: Final = {
    "purchases.csv": ("purchase", "part"),
    "sales.csv": ("sale", "part"),
    "claim_items.csv": ("claim", "claimed"),
}


def write_good(folder: Path, documents: int = 12) -> None:
    """Documents of one to four rows each, their numbers beginning alike."""
    for file in DAMAGED:
        rows = [row for index in range(documents) for row in _document(file, index)]
        columns = LAYOUTS[file].columns()
        lines = [",".join(columns)]
        lines += [",".join(row.get(column, "") for column in columns) for row in rows]
        (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _document(file: str, index: int) -> list[dict[str, str]]:
    bare = BARE[file]
    if file == "places.csv":
        kind = "custody" if index else "warehouse"
        return [{**bare, "place": f"W{index}", "kind": kind}]
    if file == "parts.csv":
        return [{**bare, "part": f"P-{index}", "description": f"泵 {index}"}]
    number = {LAYOUTS[file].NUMBER[0]: f"N-{index}"}
    if file not in SEVERAL:
        return [{**bare, **number}]
    _, apart = SEVERAL[file]
    values = [f"P-{row}" if apart == "part" else f"{row + 1}.00" for row in range(1 + index % 4)]
    place = {"to_place": "W0"} if file == "purchases.csv" else {}
    return [{**bare, **number, **place, apart: value} for value in values]


def damage(folder: Path, chance: random.Random, times: int) -> None:
    """Spoils some lines of some files, none twice: of two damages one may hide the other."""
    spoilt: set[str] = set()
    for _ in range(times):
        path = folder / chance.choice(DAMAGED)
        lines = path.read_bytes().decode(errors="surrogateescape").split("\n")
        line = chance.randrange(1, len(lines) - 1)
        if lines[line] not in spoilt:
            before = Counter(lines)
            chance.choice(_WAYS)(chance, lines, line)
            spoilt |= (Counter(lines) - before).keys() | {lines[line]}
            path.write_bytes("\n".join(lines).encode(errors="surrogateescape"))


def _within(change: Callable[[random.Random, str], str]) -> Way:
    def way(chance: random.Random, lines: Lines, line: int) -> None:
        lines[line] = change(chance, lines[line])

    return way


def _put(*pieces: str) -> Way:
    """Puts one of these somewhere into a line."""

    def change(chance: random.Random, line: str) -> str:
        place = chance.randrange(len(line) + 1)
        return line[:place] + chance.choice(pieces) + line[place:]

    return _within(change)


def _cell(change: Callable[[list[str], int], None]) -> Way:
    def changed(chance: random.Random, line: str) -> str:
        cells = line.split(",")
        change(cells, chance.randrange(len(cells)))
        return ",".join(cells)

    return _within(changed)


def _move(chance: random.Random, lines: Lines, line: int) -> None:
    text = lines.pop(line)
    lines.insert(chance.randrange(1, len(lines)), text)


def _emptied(cells: list[str], place: int) -> None:
    cells[place] = ""


def _blank(chance: random.Random, lines: Lines, line: int) -> None:
    lines.insert(line, chance.choice(["", ",,", " ", "," * 40]))


_WAYS: Final = (
    _move, _move, _blank,
    _put('"'), _put(","), _put("\udcff"), _put("\u200b", "\x07", "\t"), _put(" ", "\u3000"),
    _cell(lambda cells, place: cells.__delitem__(place)),
    _cell(_emptied),
    _cell(lambda cells, place: cells.__setitem__(place, f" {cells[place]} ")),
    _within(lambda chance, line: line[: chance.randint(1, max(1, len(line)))]),
    _within(lambda chance, line: line.replace(",", "", 1)),
)  # fmt: skip
