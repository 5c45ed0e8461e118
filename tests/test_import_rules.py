"""Each import rule of pyproject.toml notices an import that breaks it: `make imports` can fail."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# Of each rule: a file, and an import that it forbids there.
BREAKING = {
    "server over projections over domain": ("domain/lines.py", "projections.views"),
    "the domain knows no database and no wire": ("domain/part.py", "psycopg2"),
    "use cases over the ledger over aggregates, which do not import each other": (
        "domain/place.py", "domain.machine",
    ),
    "views read facts and values, and know no ledger and no wire": (
        "projections/stock/lines.py", "domain.ledger",
    ),
    "the machinery of views knows no view": (
        "projections/engine/folding.py", "projections.books.journal",
    ),
    "the API over writing over the log over PostgreSQL": (
        "server/eventlog/entry.py", "server.writing.submission",
    ),
    "what writes knows no view, no wire and no caller": (
        "server/writing/writer.py", "projections.engine.reading",
    ),
    "only the API and its clients know gRPC and the schema": ("server/app.py", "grpc"),
    "the command line and the files of an ERP reach neither database nor writer": (
        "server/cli/statement.py", "server.writing.writer",
    ),
    "a backup knows the log and PostgreSQL, and no view, no writer and no wire": (
        "server/backup/taking.py", "projections.views",
    ),
    "who looks a database over knows no writer, no caller and no wire": (
        "server/doctor/book.py", "server.writing.writer",
    ),
    "who calls is found out without the book and without the wire": (
        "server/access/rights.py", "server.api.errors",
    ),
    "in the API, imports go down from the table of resources": (
        "server/api/commands.py", "server.api.resources",
    ),
    "a client converts its values without log, writer, views and database": (
        "server/api/conversions/money.py", "server.eventlog.entry",
    ),
}  # fmt: skip


def verdicts(tree: Path) -> dict[str, bool]:
    """Whether each rule is kept in a tree, by its name."""
    program = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [program, "--no-logo", "--no-cache"],
        cwd=tree, env={**os.environ, "PYTHONPATH": f"{tree}:{tree / 'proto'}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = {}
    for rule in RULES:
        [line] = [line for line in ran.stdout.splitlines() if line.startswith(f"{rule['name']} ")]
        found[rule["name"]] = " KEPT" in line
    return found


def test_every_rule_has_an_import_that_breaks_it_and_notices_it(tmp_path: Path) -> None:
    for room in ("domain", "projections", "server", "proto"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)

    assert set(BREAKING) == {rule["name"] for rule in RULES}
    assert verdicts(tmp_path) == dict.fromkeys(BREAKING, True)
    for file, imported in BREAKING.values():
        with (tmp_path / file).open("a") as source:
            source.write(f"import {imported}  # noqa\n")
    assert verdicts(tmp_path) == dict.fromkeys(BREAKING, False)
