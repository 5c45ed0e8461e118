"""A problem or an answer names the line it is about, also where a document has begun before it."""

from pathlib import Path

from server.erp.documents import Reading, read_documents
from server.erp.files.claims import ClaimItemLine, ClaimLine, read_claims
from server.erp.files.settlements import SettlementLine
from server.erp.files.transfers import TransferLine
from tests.server.erp.conftest import WriteRows
from tests.server.erp.exports import request_of, stream

SENT = {
    "from_place": "W01", "to_place": "W02", "quantity": "4", "requested_on": "2025-07-10",
    "approved_on": "2025-07-10", "dispatched_on": "2025-07-10",
}  # fmt: skip
MISSED = {
    "discrepancy_on": "2025-07-12", "cause": "short", "discrepancy_quantity": "1",
    "resolved_on": "2025-07-20", "resolution": "found",
}  # fmt: skip
STATED = {
    "dealer": "D02", "month": "2025-07", "issued_on": "2025-08-09", "reviewed_on": "2025-08-10",
    "confirmed_on": "2025-08-14",
}  # fmt: skip
DISPUTED = {
    "disputed_on": "2025-08-11", "dispute_reason": "short", "resolved_on": "2025-08-13",
    "memo": "0", "currency": "CNY", "resolution": "it stands",
}  # fmt: skip
CLAIM = {
    "dealer": "D01", "machine": "M-1", "failed_on": "2025-07-09", "causal_part": "P-1",
    "fault_code": "F01", "currency": "CNY", "submitted_on": "2025-07-12",
    "adjudicated_on": "2025-07-18",
}  # fmt: skip
ITEM = {"kind": "labour", "currency": "CNY", "inspected": "5.00", "ordered": "5.00",
        "claimed": "5.00"}  # fmt: skip
APPROVED = {**ITEM, "approved": "5.00"}


def lines_of(folder: Path, document: str) -> list[tuple[str, int]]:
    """Of each command of a document, its step and the line an answer would name."""
    sources = [found.source for found in stream(folder)]
    return [(found.step, found.line) for found in sources if found.document == document]


def test_what_became_of_a_line_is_told_at_its_row_and_the_rest_at_the_first(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    second = {"transfer": "TR-2", **SENT}
    write_rows(
        TransferLine, {"transfer": "TR-1", **SENT, "part": "P-1"}, {**second, "part": "P-1"},
        {**second, "part": "P-2", "received_on": "2025-07-12", "received_quantity": "4"},
        {**second, "part": "P-3", **MISSED},
        {**second, "part": "P-4", **MISSED, "discrepancy_on": "2025-07-11"},
    )  # fmt: skip

    assert lines_of(tmp_path, "TR-2") == [
        ("request", 3), ("approve", 3), ("dispatch", 3), ("discrepancy/P-4", 6),
        ("receive/P-2", 4), ("discrepancy/P-3", 5), ("resolve/P-3", 5), ("resolve/P-4", 6),
    ]  # fmt: skip


def test_a_dispute_and_its_resolution_are_told_at_their_row_and_the_rest_at_the_first(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    write_rows(
        SettlementLine, {**STATED, "dealer": "D01"}, STATED,
        {**STATED, **DISPUTED, "disputed_document": "INV-1"},
        {**STATED, **DISPUTED, "disputed_document": "INV-2", "disputed_on": "2025-08-10"},
    )  # fmt: skip

    assert lines_of(tmp_path, "D02/2025-07") == [
        ("issue", 3), ("review", 3), ("dispute/INV-2", 5), ("dispute/INV-1", 4),
        ("resolve/INV-1", 4), ("resolve/INV-2", 5), ("confirm", 3),
    ]  # fmt: skip


def test_an_item_that_is_not_decided_is_told_at_its_row(write_rows: WriteRows) -> None:
    claims = write_rows(ClaimLine, *({**CLAIM, "claim": number} for number in ("CL-1", "CL-2")))
    write_rows(
        ClaimItemLine, {**APPROVED, "claim": "CL-1"}, {**APPROVED, "claim": "CL-2"},
        {**APPROVED, "claim": "CL-2"}, {**ITEM, "claim": "CL-2"}, {**ITEM, "claim": "CL-2"},
    )  # fmt: skip
    reading = Reading()

    assert [claim.number for claim in read_claims(claims, ClaimLine, reading)] == ["CL-1"]
    assert [
        (found.file, found.line, found.column, found.document) for found in reading.problems
    ] == [("claim_items.csv", 5, "approved", "CL-2")]


def test_a_bad_cell_of_an_item_is_told_at_its_row_and_the_claim_at_its_own(
    write_rows: WriteRows,
) -> None:
    claims = write_rows(ClaimLine, *({**CLAIM, "claim": number} for number in ("CL-1", "CL-2")))
    write_rows(
        ClaimItemLine, {**APPROVED, "claim": "CL-1"}, {**APPROVED, "claim": "CL-2"},
        {**APPROVED, "claim": "CL-2", "claimed": "five"},
    )  # fmt: skip
    reading = Reading()

    assert [claim.number for claim in read_claims(claims, ClaimLine, reading)] == ["CL-1"]
    assert [(found.file, found.line, found.column) for found in reading.problems] == [
        ("claim_items.csv", 4, "claimed"),
        ("claims.csv", 3, "claim"),
    ]


def test_a_row_that_differs_is_told_at_its_line_beside_the_first_of_its_document(
    write_rows: WriteRows,
) -> None:
    first = {"transfer": "TR-1", **SENT}
    reading = Reading()
    path = write_rows(
        TransferLine, {"transfer": "TR-0", **SENT, "part": "P-1"}, {**first, "part": "P-1"},
        {**first, "part": "P-2"}, {**first, "part": "P-3", "to_place": "W03"},
    )  # fmt: skip

    assert [found.number for found in read_documents(path, TransferLine, reading)] == ["TR-0"]
    assert [(found.line, found.column, found.rule) for found in reading.problems] == [
        (5, "to_place", "must be as on line 3, the first of TR-1")
    ]


def test_an_empty_line_inside_a_document_does_not_shift_what_is_told_of_the_rows_after_it(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    first = {"transfer": "TR-1", **SENT}
    write_rows(
        TransferLine, {**first, "part": "P-1"}, {}, {**first, "part": "P-2", **MISSED},
        {"transfer": "TR-2", **SENT, "part": "P-1"}, {**first, "part": "P-3", **MISSED},
    )  # fmt: skip

    told = [line for step, line in lines_of(tmp_path, "TR-1") if step.startswith("discrepancy")]

    assert told == [4, 6]


def test_two_disputes_of_one_paper_are_two_commands_about_two_lines(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    disputed = {**STATED, **DISPUTED, "disputed_document": "INV-1"}
    write_rows(SettlementLine, disputed, {**disputed, "dispute_reason": "late", "memo": "-1.00"})

    found = [command for command in stream(tmp_path) if command.disputed.place]

    assert [(command.source.step, command.source.line) for command in found] == [
        ("dispute/INV-1", 2), ("dispute-2/INV-1", 3), ("resolve/INV-1", 2), ("resolve-2/INV-1", 3),
    ]  # fmt: skip
    assert [command.disputed for command in found] == [("INV-1", 1), ("INV-1", 2)] * 2
    assert len({request_of(command).request_id for command in found}) == 4
