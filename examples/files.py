"""Writes the files of an export as it goes, row by row, and knows each row's line."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

COLUMNS: Final = {
    "places.csv": "place,description,kind,effective_from",
    "parts.csv": "part,description,part_class,serviceable,restricted,effective_from",
    "price_lists.csv": "price_list,currency,vat_rate,effective_from",
    "prices.csv": "price_list,currency,part,effective_from,unit_price",
    "exchange_rates.csv": "from_currency,to_currency,effective_from,rate,source",
    "dealers.csv": "dealer,title,level,region_tier,currency,tax_number,payment_days,parent,"
    "claims_vat_rate,effective_from",
    "machines.csv": "serial,model,dealer,sold_on,user,effective_from,because",
    "policies.csv": "model,effective_from,term_months,covered_causes,handling_rate,tolerance,"
    "currency,submission_days,return_days,chargeback_months",
    "suppliers.csv": "supplier,title,currency,tax_number,payment_days,effective_from",
    "purchases.csv": "purchase,received_on,received_by,entered_on,late,document,supplier,to_place,"
    "part,quantity,unit_cost,amount,currency,lot,serial",
    "transfers.csv": "transfer,document,late,from_place,to_place,part,quantity,requested_on,"
    "requested_by,approved_on,approved_by,rejected_on,rejected_by,cancelled_on,cancelled_by,"
    "because,dispatched_on,dispatched_by,dispatched_quantity,received_on,received_by,"
    "received_quantity,discrepancy_on,discrepancy_by,cause,discrepancy_quantity,resolved_on,"
    "resolved_by,resolution,carrier,closed_on,closed_by",
    "sales.csv": "sale,sold_on,sold_by,entered_on,late,document,dealer,from_place,part,quantity",
    "claims.csv": "claim,dealer,machine,user,failed_on,causal_part,fault_code,pre_inspection,"
    "work_order,settlement_sheet,currency,submitted_on,submitted_by,entered_on,late,document,"
    "adjudicated_on,adjudicated_by,overdue_on,overdue_by,charged_back_on,charged_back_by,because",
    "claim_items.csv": "claim,kind,part,quantity,cause_item,currency,inspected,ordered,claimed,"
    "approved,because",
    "returns.csv": "parts_return,kind,claim,claim_item,sale,part,quantity,to_place,due_on,document,"
    "late,requested_on,requested_by,shipped_on,shipped_by,waybill,overdue_on,overdue_by,received_on,"
    "received_by,inspected_on,inspected_by,finding,note,disposed_on,disposed_by,disposal,"
    "restock_place,supplier",
    "payments.csv": "payment,received_on,received_by,entered_on,late,document,dealer,amount,"
    "currency,open_item,allocated",
    "payouts.csv": "payout,paid_on,paid_by,entered_on,late,document,dealer,amount,currency,"
    "open_item,allocated",
    "settlements.csv": "dealer,month,issued_on,issued_by,reviewed_on,reviewed_by,disputed_on,"
    "disputed_by,disputed_document,dispute_reason,resolved_on,resolved_by,memo,currency,"
    "resolution,confirmed_on,confirmed_by,invoiced_on,invoiced_by,sales_invoice,claims_invoice,"
    "closed_on,closed_by",
    "periods.csv": "month,step,done_on,done_by,document,kind,party,amount,currency",
    "expected_refusals.csv": "file,line,document,step,reason",
}


class Files:
    """All files of an export, open for writing. Nothing written is kept in memory."""

    def __init__(self, folder: Path, open_files: ExitStack) -> None:
        self._writers = {}
        self._lines = dict.fromkeys(COLUMNS, 1)
        self.rows = 0
        for name, columns in COLUMNS.items():
            stream = open_files.enter_context(
                (folder / name).open("w", encoding="utf-8", newline="")
            )
            self._writers[name] = csv.DictWriter(stream, columns.split(","), lineterminator="\n")
            self._writers[name].writeheader()

    def write(self, name: str, **cells: Any) -> int:
        """Writes one row, and returns its line. Cells that are None or not given stay empty."""
        self._writers[name].writerow(
            {column: "" if value is None else value for column, value in cells.items()}
        )
        self._lines[name] += 1
        self.rows += 1
        return self._lines[name]

    def expect_refusal(self, name: str, line: int, document: str, step: str, reason: str) -> None:
        """Notes a row that is written to be refused, and why it has to be."""
        self.write("expected_refusals.csv", file=name, line=line, document=document, step=step,
                   reason=reason)  # fmt: skip


@contextmanager
def opened(folder: Path) -> Iterator[Files]:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        yield Files(folder, stack)


def decimal(minor: int) -> str:
    """Minor units of a currency with two decimals, as an ERP prints them."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}"


def until(day: date | None, last: date) -> date | None:
    """A day that the history has reached, else nothing."""
    return day if day is not None and day <= last else None
