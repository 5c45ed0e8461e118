"""docs/replay.md followed to the letter: its SQL run in DuckDB, on the files of a folder."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import duckdb

PAGE: Final = Path(__file__).parents[3] / "docs" / "replay.md"
_BLOCK: Final = re.compile(r"```sql([^\n]*)\n(.*?)```", re.DOTALL)
_EXAMPLE: Final = re.compile(r"```beancount\n(.*?)```", re.DOTALL)
_FILE: Final = re.compile(r"'([\w*-]+\.(?:jsonl|json|beancount))'")
_TABLES: Final = ""  # The blocks without a name make the tables,
_BEANCOUNT: Final = "beancount"  # and these write the text.

Rows = list[dict[str, Any]]


def example() -> list[str]:
    """The lines by which the page shows what a text for Beancount looks like."""
    [lines] = _EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    return [line for line in str(lines).splitlines() if line]


class Replay:
    """A log in DuckDB, as the page puts it there. It answers the page's queries by their names."""

    def __init__(self, folder: Path) -> None:
        """Reads `entries.jsonl`."""
        self._folder = folder
        blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
        self._blocks = [(name.strip(), self._found(sql)) for name, sql in blocks]
        self._database = duckdb.connect()
        self._run(_TABLES)

    def ask(self, name: str, by: tuple[str, str] = ("", ""), **values: object) -> Rows:
        """A query of the page; by another day than it has, where two columns are given."""
        [sql] = [sql.replace(*by) if by[0] else sql for named, sql in self._blocks if named == name]
        return self.query(sql, **values)

    def query(self, sql: str, **values: object) -> Rows:
        found = self._database.execute(sql, values)
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def for_beancount(self) -> Path:
        """Writes the text, with what the server says in the files of the folder."""
        self._run(_BEANCOUNT)
        return self._folder / "book.beancount"

    def _run(self, name: str) -> None:
        for sql in (sql for named, sql in self._blocks if named == name):
            self._database.execute(sql)

    def _found(self, sql: str) -> str:
        """The page's reader is in the folder; we are not."""
        return _FILE.sub(lambda file: f"'{self._folder / file[1]}'", sql)


def replay_of(log: str, folder: Path) -> Replay:
    """Puts the log into the folder first."""
    (folder / "entries.jsonl").write_text(log, encoding="utf-8")
    return Replay(folder)


def bean_check(book: Path) -> list[tuple[int, str]]:
    """The lines in which Beancount finds something wrong, and what. Its exit code agrees."""
    command = Path(sys.executable).with_name("bean-check")
    ended = subprocess.run(
        [command, "--no-cache", book], capture_output=True, text=True, check=False
    )
    errors = re.findall(rf"^{re.escape(str(book))}:(\d+): *(.*)", ended.stderr, re.MULTILINE)
    assert bool(errors) == bool(ended.stderr) == bool(ended.returncode), ended.stderr[-2_000:]
    return [(int(line), words) for line, words in errors]
