"""`demo` goes the whole way on a database of its own, and a second time records nothing."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from server.cli.demo import surprises
from server.cli.tally import Tally
from server.erp.rows import Problem
from tests.server.cli.terminal import PARTSLEDGER


def demo(directory: str) -> subprocess.CompletedProcess[str]:
    # What the environment says of another database is not meant.
    environment = {**os.environ, "PARTSLEDGER_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    return subprocess.run(
        [*PARTSLEDGER, "demo", "--data-dir", directory],
        capture_output=True, text=True, timeout=120, env=environment,
    )  # fmt: skip


def test_the_demo_shows_everything_and_imports_nothing_twice() -> None:
    with tempfile.TemporaryDirectory(prefix="partsledger-tests-") as directory:
        first, second = demo(directory), demo(directory)
    for run in (first, second):
        assert run.returncode == 0, run.stdout + run.stderr
        assert "All refused lines are meant to be refused" in run.stdout
        assert "Inventory ageing on 2025-12-31" in run.stdout
        assert "Statement of D01 for 2025-11" in run.stdout
        assert "Debits less credits: CNY 0.00, USD 0.00, all in CNY 0.00." in run.stdout
        assert "the fingerprint of every view is the same" in run.stdout
        assert f"serve --data-dir {Path(directory).resolve()}" in run.stdout
    recorded = re.search(r"([\d,]+) commands recorded", first.stdout)
    assert recorded is not None
    assert f"0 commands recorded, {recorded[1]} repeated" in second.stdout
    assert _reports(first.stdout) == _reports(second.stdout)


def _reports(shown: str) -> str:
    return shown[shown.index("Inventory ageing on") : shown.index("Done in")]


def test_a_refusal_that_nobody_expects_is_a_surprise_and_so_is_one_that_fails_to_come() -> None:
    tally = Tally(head=0, dry_run=False)
    found = surprises(tally)
    assert found
    assert all("should have been refused as" in line for line in found)
    tally.problem(Problem("parts.csv", 7, "part", "P 7", "must be …"))
    assert "parts.csv:7 should not have been refused: BAD_LINE" in surprises(tally)
