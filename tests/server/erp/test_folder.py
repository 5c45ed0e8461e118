"""All files as one stream in the order of time, under request ids that know a row again."""

import re
from pathlib import Path
from typing import Final

import pytest

from server.erp import folder as folders
from server.erp.files.parts import PartLine
from server.erp.files.periods import PeriodLine
from server.erp.files.purchases import PurchaseLine
from server.erp.files.returns import ReturnLine
from server.erp.files.sales import SaleLine
from server.erp.files.transfers import TransferLine
from server.erp.folder import ErpFolder
from server.erp.import_order import LAYOUTS
from tests.server.erp.conftest import WriteRows
from tests.server.erp.exports import BARE, request_of, steps, stream

IMPORT_DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "import.md"

PURCHASE = {"received_on": "2025-07-10", "supplier": "S01", "to_place": "W01", "part": "P-1",
            "quantity": "5", "unit_cost": "10.00", "currency": "CNY"}  # fmt: skip
SALE = {"sold_on": "2025-07-10", "dealer": "D01", "from_place": "W01", "part": "P-1",
        "quantity": "1"}  # fmt: skip
TRANSFER = {
    "transfer": "TR-1", "from_place": "W01", "to_place": "W02", "part": "P-1", "quantity": "4",
    "requested_on": "2025-07-10", "approved_on": "2025-07-10", "dispatched_on": "2025-07-10",
    "received_on": "2025-07-12", "received_quantity": "3", "discrepancy_on": "2025-07-12",
    "cause": "short", "discrepancy_quantity": "1", "resolved_on": "2025-07-20",
    "resolution": "found", "closed_on": "2025-07-21",
}  # fmt: skip


def test_commands_come_by_day_and_receipts_before_issues(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    write_rows(
        SaleLine, {**SALE, "sale": "SO-1"}, {**SALE, "sale": "SO-2", "sold_on": "2025-07-09"}
    )
    write_rows(PurchaseLine, {**PURCHASE, "purchase": "PR-1"})
    write_rows(PeriodLine, {"month": "2025-06", "step": "soft_close", "done_on": "2025-07-10"})
    write_rows(PartLine, {"part": "P-1", "description": "pump", "part_class": "wear",
                          "serviceable": "true", "restricted": "false"})  # fmt: skip

    assert [document for document, _ in steps(tmp_path)] == [
        "P-1", "SO-2", "PR-1", "SO-1", "2025-06/soft_close/2025-07-10/",
    ]  # fmt: skip


def test_files_come_in_the_order_of_the_sections_of_the_document(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    """Base data, and what arrives on one day of transfers and of returns."""
    for file, row in BARE.items():
        write_rows(LAYOUTS[file], row)
    write_rows(TransferLine, TRANSFER)
    back = {"shipped_on": "2025-07-10", "received_on": "2025-07-12"}
    write_rows(ReturnLine, BARE["returns.csv"] | back)

    found = [command.source for command in stream(tmp_path)]

    sections = re.findall(r"^### (\S+\.csv)$", IMPORT_DOCUMENT.read_text(encoding="utf-8"), re.M)
    assert list(LAYOUTS) == sections
    assert [source.file for source in found if source.step == "register"] == sections[:9]
    arrivals = [s.file for s in found if s.file in sections[10:] and s.step.startswith("receive")]
    assert arrivals == ["payments.csv", "transfers.csv", "returns.csv"]


@pytest.mark.parametrize(
    ("file", "number", "day"),
    [("purchases.csv", "purchase", "received_on"), ("sales.csv", "sale", "sold_on"),
     ("claims.csv", "claim", "submitted_on"), ("payments.csv", "payment", "received_on")],
)  # fmt: skip
def test_a_back_dated_row_comes_when_it_was_entered_and_counts_when_it_happened(
    tmp_path: Path, write_rows: WriteRows, file: str, number: str, day: str
) -> None:
    late = BARE[file] | {number: "N-1", day: "2025-07-08", "entered_on": "2025-07-11"}
    write_rows(LAYOUTS[file], late, BARE[file] | {number: "N-2", day: "2025-07-10"})
    if file == "claims.csv":
        items = ({**BARE["claim_items.csv"], "claim": claim} for claim in ("N-1", "N-2"))
        write_rows(LAYOUTS["claim_items.csv"], *items)

    second, first = stream(tmp_path)

    assert (second.source.document, first.source.document) == ("N-2", "N-1")
    assert request_of(first).occurrence.occurred_on.day == 8


def test_a_transfer_becomes_its_steps_in_order(tmp_path: Path, write_rows: WriteRows) -> None:
    write_rows(TransferLine, TRANSFER)

    assert [step for _, step in steps(tmp_path)] == [
        "request", "approve", "dispatch", "receive/P-1", "discrepancy/P-1", "resolve/P-1",
        "close",
    ]  # fmt: skip


def test_each_line_is_received_by_itself_on_the_day_it_came(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    base = {
        name: cell for name, cell in TRANSFER.items() if name[:4] not in ("disc", "caus", "reso")
    }
    other = {**base, "part": "P-2", "received_on": "2025-07-11"}
    write_rows(TransferLine, base, other, {**base, "part": "P-3"})

    received = [
        [line.part for line in request_of(found).lines]
        for found in stream(tmp_path)
        if found.source.step.startswith("receive")
    ]

    assert received == [[f"books/main/parts/{part}"] for part in ("P-2", "P-1", "P-3")]


def test_no_step_comes_before_the_one_before_it_whatever_its_date(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    write_rows(TransferLine, {**TRANSFER, "closed_on": "2025-07-01"})

    assert [step for _, step in steps(tmp_path)][-1] == "close"


def test_the_same_row_has_the_same_request_id_whatever_it_says(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    def ids() -> list[str]:
        return [request_of(found).request_id for found in stream(tmp_path)]

    write_rows(SaleLine, {**SALE, "sale": "SO-1"}, {**SALE, "sale": "SO-2"})
    first, second = ids()
    write_rows(SaleLine, {**SALE, "sale": "SO-1", "quantity": "9"})

    assert ids() == [first], "another content keeps the id, so that the ledger can refuse it"
    assert first != second, "another document has another id"
    [in_another_book] = stream(tmp_path, "export")
    assert request_of(in_another_book).request_id != first


def test_request_ids_stay_what_they_were_when_the_first_books_were_imported(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    write_rows(SaleLine, {**SALE, "sale": "SO-1"})
    write_rows(PartLine, {"part": "P-1", "description": "pump", "part_class": "wear",
                          "serviceable": "true", "restricted": "false"})  # fmt: skip

    assert [request_of(found).request_id for found in stream(tmp_path)] == [
        "a03e8a12-4300-544c-b9f6-37fd3e1f3506",
        "d92177f6-ae57-502a-8b61-4f5320dabb24",
    ]


def test_steps_that_happened_since_are_added_under_ids_of_their_own(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    head = ("transfer", "from_place", "to_place", "part", "quantity", "requested_on")
    write_rows(TransferLine, {name: TRANSFER[name] for name in head})
    [request] = stream(tmp_path)
    write_rows(TransferLine, TRANSFER)
    again, *since = stream(tmp_path)

    assert again.command == request.command
    assert len({request_of(found).request_id for found in (again, *since)}) == 7


def test_more_commands_than_memory_holds_come_in_the_same_order(
    tmp_path: Path, write_rows: WriteRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {**SALE, "sale": f"SO-{index}", "sold_on": f"2025-07-{index * 7 % 28 + 1:02}"}
        for index in range(50)
    ]
    write_rows(SaleLine, *rows)
    at_once = stream(tmp_path)

    monkeypatch.setattr(folders, "IN_MEMORY", 7)

    assert stream(tmp_path) == at_once
    assert [found.source.line for found in at_once] != sorted(
        found.source.line for found in at_once
    ), "the control: the order is not the file's"


def test_of_every_file_that_is_there_it_is_told_when_it_is_read(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    for file, row in BARE.items():
        write_rows(LAYOUTS[file], row)
    told: list[Path] = []

    with ErpFolder(tmp_path, "main") as export:
        export.read(told.append)

    assert told == export.files
    assert len(told) == len(LAYOUTS)


def test_files_that_are_not_of_an_import_are_named(tmp_path: Path, write_rows: WriteRows) -> None:
    write_rows(SaleLine, BARE["sales.csv"])
    for name in ("sale.csv", "Purchases.CSV", "notes.txt", ".hidden"):
        (tmp_path / name).write_text("part\n", encoding="utf-8")
    (tmp_path / "archive").mkdir()

    with ErpFolder(tmp_path, "main") as export:
        assert export.strangers == ["Purchases.CSV", "notes.txt", "sale.csv"]
