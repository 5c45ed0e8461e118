"""Claims and their items stand in two files: each claim finds its own, and nothing is lost."""

from pathlib import Path

from server.erp.documents import Reading
from server.erp.files.claims import ClaimItemLine, ClaimLine, read_claims
from server.erp.folder import ErpFolder
from tests.server.erp.conftest import WriteRows

CLAIM = {
    "dealer": "D01", "machine": "M-1", "user": "U1", "failed_on": "2025-07-09",
    "causal_part": "P-1", "fault_code": "F01", "currency": "CNY", "submitted_on": "2025-07-12",
}  # fmt: skip
ITEM = {"kind": "labour", "currency": "CNY", "inspected": "5.00", "ordered": "5.00",
        "claimed": "5.00"}  # fmt: skip


def claims_of(
    write_rows: WriteRows, claims: list[dict[str, str]], items: list[dict[str, str]]
) -> tuple[list[tuple[str, int]], list[tuple[str, int, str]]]:
    reading = Reading()
    path = write_rows(ClaimLine, *claims)
    write_rows(ClaimItemLine, *items)
    read = list(read_claims(path, ClaimLine, reading))
    for place, file in enumerate(("claims.csv", "claim_items.csv")):
        kept = sum(claim.counted[place][1] for claim in read)
        assert reading.rows[file] == kept + reading.refused[file]
    found = [(claim.number, len(claim.items.rows)) for claim in read]
    return found, [(problem.file, problem.line, problem.column) for problem in reading.problems]


def test_claims_find_their_items_in_whatever_order_the_files_are(write_rows: WriteRows) -> None:
    claims = [{**CLAIM, "claim": number} for number in ("CL-1", "CL-2", "CL-3")]
    items = [{**ITEM, "claim": number} for number in ("CL-3", "CL-1", "CL-1", "CL-2")]

    assert claims_of(write_rows, claims, items) == ([("CL-1", 2), ("CL-2", 1), ("CL-3", 1)], [])


def test_a_claim_without_items_and_items_without_a_claim_are_problems(
    write_rows: WriteRows,
) -> None:
    claims = [{**CLAIM, "claim": "CL-1"}]
    items = [{**ITEM, "claim": "CL-2"}]

    assert claims_of(write_rows, claims, items) == (
        [],
        [("claims.csv", 2, "claim"), ("claim_items.csv", 2, "claim")],
    )


def test_a_decided_claim_says_what_is_approved_of_each_item(write_rows: WriteRows) -> None:
    decided = {**CLAIM, "claim": "CL-1", "adjudicated_on": "2025-07-18"}
    granted = {**ITEM, "claim": "CL-1", "approved": "0.00", "because": "worn"}

    assert claims_of(write_rows, [decided], [granted]) == ([("CL-1", 1)], [])
    assert claims_of(write_rows, [decided], [granted, {**ITEM, "claim": "CL-1"}]) == (
        [],
        [("claim_items.csv", 3, "approved")],
    )


def test_items_that_stand_apart_are_taken_together(write_rows: WriteRows) -> None:
    claims = [{**CLAIM, "claim": number} for number in ("CL-1", "CL-2")]
    items = [{**ITEM, "claim": number} for number in ("CL-1", "CL-2", "CL-1", "CL-2")]

    assert claims_of(write_rows, claims, items) == ([("CL-1", 2), ("CL-2", 2)], [])


def test_a_claim_on_two_rows_is_told_that_its_items_are_gone(write_rows: WriteRows) -> None:
    claim = {**CLAIM, "claim": "CL-1"}

    assert claims_of(write_rows, [claim, claim], [{**ITEM, "claim": "CL-1"}]) == (
        [("CL-1", 1)],
        [("claims.csv", 3, "claim")],
    )


def test_items_are_named_where_there_is_no_file_of_claims(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    write_rows(ClaimItemLine, {**ITEM, "claim": "CL-1"}, {**ITEM, "claim": "CL-2"})

    with ErpFolder(tmp_path, "main") as export:
        export.read()

    assert export.count == 0
    assert [(found.line, found.document, found.rule) for found in export.problems] == [
        (2, "CL-1", "must be a claim of claims.csv that can be read"),
        (3, "CL-2", "must be a claim of claims.csv that can be read"),
    ]
    assert export.reading.rows == export.reading.refused == {"claim_items.csv": 2}
