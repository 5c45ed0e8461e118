"""examples/bad has a line for each rule, and what is reported of them."""

import csv
from pathlib import Path

from server.erp.folder import ErpFolder

BAD = Path(__file__).parents[3] / "examples" / "bad"


def test_every_bad_line_is_reported_with_its_place_and_rule() -> None:
    with ErpFolder(BAD, "main") as export:
        export.read()
    reported = [
        {
            "file": found.file, "line": str(found.line), "column": found.column,
            "value": found.value, "rule": found.rule, "document": found.document,
        }
        for found in export.problems
    ]  # fmt: skip

    with (BAD / "expected_problems.csv").open(encoding="utf-8", newline="") as expected:
        assert reported == list(csv.DictReader(expected))


def test_the_lines_around_the_bad_ones_are_imported() -> None:
    with ErpFolder(BAD, "main") as export:
        export.read()
        taken = [found.source.document for found in export]

    assert taken == [
        "W01", "W02", "R01", "P-1", "P-2", "P-10", "settlement/CNY",
        "settlement/CNY/P-1/2025-07-01", "PR-1", "PR-8", "PR-11", "TR-1",
    ]  # fmt: skip
