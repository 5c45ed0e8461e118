"""A row may have nothing but its required cells: each empty one means its default."""

from pathlib import Path
from typing import Any, Final

import pytest

from server.erp.documents import Reading, read_documents
from server.erp.folder import Ordered
from server.erp.import_order import LAYOUTS
from server.erp.lines import is_required
from tests.server.erp.conftest import WriteRows
from tests.server.erp.exports import BARE, stream


def text(columns: str) -> dict[str, Any]:
    return dict.fromkeys(columns.split(), "")


def nothing(columns: str) -> dict[str, Any]:
    return dict.fromkeys(columns.split())


DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "places.csv": text("description") | nothing("effective_from"),
    "parts.csv": nothing("effective_from"),
    "price_lists.csv": nothing("effective_from"),
    "prices.csv": {},
    "dealers.csv": text("level region_tier tax_number") | nothing(
        "parent claims_vat_rate effective_from"
    ),
    "machines.csv": nothing("user effective_from because"),
    "policies.csv": {
        "covered_causes": (), "handling_rate": 0, "tolerance": None, "currency": None,
        "submission_days": 30, "return_days": 0, "chargeback_months": 12,
    },
    "suppliers.csv": text("tax_number") | nothing("effective_from"),
    "purchases.csv": text("document lot serial") | {"late": False}
    | nothing("received_by entered_on amount"),
    "transfers.csv": text("document because") | {"late": False} | nothing(
        "requested_by approved_on approved_by rejected_on rejected_by cancelled_on cancelled_by"
        " dispatched_on dispatched_by dispatched_quantity received_on received_by"
        " received_quantity discrepancy_on discrepancy_by cause discrepancy_quantity resolved_on"
        " resolved_by resolution carrier closed_on closed_by"
    ),
    "sales.csv": text("document") | {"late": False} | nothing("sold_by entered_on"),
    "claims.csv": text("pre_inspection work_order settlement_sheet document") | {"late": False}
    | nothing(
        "user submitted_by entered_on adjudicated_on adjudicated_by overdue_on overdue_by"
        " charged_back_on charged_back_by because"
    ),
    "claim_items.csv": text("because") | nothing("part quantity cause_item approved"),
    "returns.csv": text("document waybill note") | {"late": False} | nothing(
        "claim_item sale due_on requested_by shipped_on shipped_by overdue_on overdue_by"
        " received_on received_by inspected_on inspected_by finding disposed_on disposed_by"
        " disposal restock_place supplier"
    ),
    "payouts.csv": text("document") | {"late": False}
    | nothing("paid_by entered_on open_item allocated"),
    "payments.csv": text("document") | {"late": False}
    | nothing("received_by entered_on open_item allocated"),
    "settlements.csv": text("sales_invoice claims_invoice") | nothing(
        "issued_by reviewed_on reviewed_by disputed_on disputed_by disputed_document"
        " dispute_reason resolved_on resolved_by memo currency resolution confirmed_on"
        " confirmed_by invoiced_on invoiced_by closed_on closed_by"
    ),
    "periods.csv": text("document") | nothing("done_by kind party amount currency"),
}  # fmt: skip


@pytest.mark.parametrize("file", DEFAULTS)
def test_an_empty_cell_means_the_default_of_its_column(write_rows: WriteRows, file: str) -> None:
    kind = LAYOUTS[file]
    reading = Reading()

    [document] = read_documents(write_rows(kind, BARE[file]), kind, reading)

    assert reading.problems == []
    optional = {name for name in kind.columns() if not is_required(kind, name)}
    blank = optional - BARE[file].keys()
    assert {name: getattr(document.head, name) for name in blank} == DEFAULTS[file]


def test_a_return_of_a_good_part_needs_no_claim(write_rows: WriteRows) -> None:
    kind = LAYOUTS["returns.csv"]
    good = BARE["returns.csv"] | {"kind": "good", "claim": "", "sale": "SO-1"}

    [document] = read_documents(write_rows(kind, good), kind, Reading())

    assert getattr(document.head, "claim", "") is None


SPELT_OUT: Final[dict[str, dict[str, str]]] = {
    "price_lists.csv": {"effective_from": "1990-01-01"},
    "policies.csv": {"handling_rate": "0", "submission_days": "30", "return_days": "0",
                     "chargeback_months": "12"},
    "purchases.csv": {"entered_on": "2025-07-01", "late": "false", "document": "PR-1"},
    "transfers.csv": {"late": "false", "document": "TR-1", "dispatched_quantity": "4"},
    "sales.csv": {"entered_on": "2025-07-03", "late": "false", "document": "SO-1"},
    "claims.csv": {"entered_on": "2025-07-04", "late": "false", "document": "CL-1"},
    "returns.csv": {"late": "false", "document": "RT-1"},
    "payments.csv": {"entered_on": "2025-07-06", "late": "false", "document": "PM-1"},
}  # fmt: skip


@pytest.mark.parametrize("file", SPELT_OUT)
def test_an_empty_cell_and_its_default_spelt_out_are_the_same_command(
    tmp_path: Path, write_rows: WriteRows, file: str
) -> None:
    def written(cells: dict[str, str]) -> list[Ordered]:
        if file == "claims.csv":
            write_rows(LAYOUTS["claim_items.csv"], BARE["claim_items.csv"])
        write_rows(LAYOUTS[file], cells)
        return stream(tmp_path)

    row = BARE[file]
    if file == "transfers.csv":
        row = row | {"approved_on": "2025-07-02", "dispatched_on": "2025-07-02"}
    assert written(row) == written(row | SPELT_OUT[file]) != []
