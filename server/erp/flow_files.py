"""Layouts of the files of claims, returns and settlement, and of the book's months."""

from enum import StrEnum

from domain.claim_lines import ItemKind
from domain.parts_return import Disposal, Finding, ReturnKind
from server.erp.cells import Amount, Code, Currency, Day, Flag, Month, Quantity, SignedAmount, Text
from server.erp.lines import Line, column, optional


class ClaimLine(Line):
    """Warranty claims 索赔; their items stand in claim_items.csv, best in the same order."""

    FILE = "claims.csv"
    NUMBER = ("claim",)
    NEEDS = {"charged_back_on": "adjudicated_on"}
    TOGETHER = {"because": "charged_back_on"}

    claim: Code = column("Number of the claim.", example="CL-250712-001")
    dealer: Code = column("Who claims.", example="D01")
    machine: Code = column("Serial number of the machine.", example="ZY210-240117")
    user: Code | None = optional("Number of its user; has to be the registered one.", "U000117")
    failed_on: Day = column("Day of the failure.", example="2025-07-09")
    causal_part: Code = column("The part that caused it 主因件.", example="P-10012")
    fault_code: Code = column("What failed.", example="F03")
    pre_inspection: Text = column("Number of the pre-inspection 预检单.", default="")
    work_order: Text = column("Number of the work order 派工单.", default="", example="WO-77120")
    settlement_sheet: Text = column("Number of the settlement sheet 结算单.", default="")
    currency: Currency = column("The dealer's currency.", example="CNY")
    submitted_on: Day = column("Day it was submitted.", example="2025-07-12")
    submitted_by: Code | None = optional("Who submitted it.", "d01.service")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-08-02")
    late: Flag = column("As in purchases.csv, for each step.", default=False)
    document: Text = column("The paper, if not the claim itself.", default="")
    adjudicated_on: Day | None = optional("Day it was decided.", "2025-07-18")
    adjudicated_by: Code | None = optional("Not who submitted it.", "claims.desk")
    charged_back_on: Day | None = optional("Day the credit was taken back.", "2025-10-20")
    charged_back_by: Code | None = optional("Who took it back.", "claims.audit")
    because: Text | None = optional("Why it was taken back.", "工单与实物不符")


class ClaimItemLine(Line):
    """The items of claims, in the order of the claim's lines, and what is approved of each.

    The three documents 三单对比 have an amount each; the settlement sheet's is what is claimed.
    """

    FILE = "claim_items.csv"
    NUMBER = ("claim",)
    PER_LINE = frozenset({
        "kind", "part", "quantity", "currency", "inspected", "ordered", "claimed", "approved",
        "because",
    })  # fmt: skip
    AMOUNTS = ("inspected", "ordered", "claimed", "approved")
    NEEDS = {"because": "approved", "quantity": "part", "part": "quantity"}

    claim: Code = column("Number of the claim.", example="CL-250712-001")
    kind: ItemKind = column("What is claimed.", example="material")
    part: Code | None = optional("The part replaced; of material only.", "P-10012")
    quantity: Quantity | None = optional("Pieces replaced.", "1")
    currency: Currency = column("The dealer's currency.", example="CNY")
    inspected: Amount = column("By the pre-inspection.", example="1953.00")
    ordered: Amount = column("By the work order.", example="1953.00")
    claimed: Amount = column("By the settlement sheet.", example="1953.00")
    approved: Amount | None = optional("Needed once the claim is decided.", "1953.00")
    because: Text = column("Why less than claimed is approved.", default="", example="工时超标准")


class ReturnLine(Line):
    """Parts on their way back: defective under a claim 旧件返厂, or good ones of a sale."""

    FILE = "returns.csv"
    NUMBER = ("parts_return",)
    NEEDS = {"waybill": "shipped_on", "note": "inspected_on", "restock_place": "disposed_on",
             "received_on": "shipped_on", "inspected_on": "received_on",
             "disposed_on": "inspected_on"}  # fmt: skip
    TOGETHER = {"finding": "inspected_on", "disposal": "disposed_on"}

    parts_return: Code = column("Number of the return.", example="RT-250720-001")
    kind: ReturnKind = column("Needs `claim`, or `sale`.", example="defective")
    claim: Code | None = optional("The claim whose part comes back.", "CL-250712-001")
    sale: Code | None = optional("The sale whose part comes back.", "SO-250710-003")
    part: Code = column("The part.", example="P-10012")
    quantity: Quantity = column("Pieces.", example="1")
    to_place: Code = column("A custody room.", example="R01")
    due_on: Day | None = optional("Of a good part; a claim sets its own.", "2025-08-18")
    document: Text = column("The paper, if not the return itself.", default="")
    late: Flag = column("As in purchases.csv, for each step.", default=False)
    requested_on: Day = column("Day of the request.", example="2025-07-20")
    requested_by: Code | None = optional("Who requested it.", "claims.desk")
    shipped_on: Day | None = optional("Day the parcel left.", "2025-07-24")
    shipped_by: Code | None = optional("Who sent it.", "d01.service")
    waybill: Text = column("Number of the waybill.", default="", example="SF1029384756")
    overdue_on: Day | None = optional("Day it was found to be overdue.", "2025-08-19")
    overdue_by: Code | None = optional("Who found it.", "claims.desk")
    received_on: Day | None = optional("Day the parcel came.", "2025-07-28")
    received_by: Code | None = optional("Who took it in.", "r01.keeper")
    inspected_on: Day | None = optional("Day of the inspection.", "2025-07-30")
    inspected_by: Code | None = optional("Who inspected it.", "quality.lab")
    finding: Finding | None = optional("What was found.", "confirmed")
    note: Text = column("What else was seen.", default="", example="密封件老化")
    disposed_on: Day | None = optional("Day it left the custody room.", "2025-08-04")
    disposed_by: Code | None = optional("Who disposed of it.", "r01.keeper")
    disposal: Disposal | None = optional("Where it went.", "scrap")
    restock_place: Code | None = optional("The warehouse, if restocked.", "W01")

    def faults(self) -> list[tuple[str, str]]:
        origin = "claim" if self.kind is ReturnKind.DEFECTIVE else "sale"
        return [] if getattr(self, origin) else [(origin, f"is required of a {self.kind} return")]


class PaymentLine(Line):
    """Payments of dealers 回款; without open items, they clear what is due longest."""

    FILE = "payments.csv"
    NUMBER = ("payment",)
    PER_LINE = frozenset({"open_item", "allocated"})
    AMOUNTS = ("amount", "allocated")
    TOGETHER = {"open_item": "allocated"}

    payment: Code = column("Number of the payment.", example="PM-250820-001")
    received_on: Day = column("Day the money came.", example="2025-08-20")
    received_by: Code | None = optional("Who booked it.", "finance.cash")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-09-01")
    late: Flag = column("As in purchases.csv.", default=False)
    document: Text = column("The paper: a bank advice.", default="", example="BK-660012")
    dealer: Code = column("Who paid.", example="D01")
    amount: Amount = column("All of the payment.", example="52000.00")
    currency: Currency = column("The dealer's currency.", example="CNY")
    open_item: Text | None = optional("What it pays, one a row.", "sales/SO-250710-003")
    allocated: Amount | None = optional("How much of it.", "4203.60")


class SettlementLine(Line):
    """Monthly settlements 结算 with the dealers, one row each, or a row a disputed line."""

    FILE = "settlements.csv"
    NUMBER = ("dealer", "month")
    PER_LINE = frozenset({
        "disputed_on", "disputed_by", "disputed_document", "dispute_reason", "resolved_on",
        "resolved_by", "memo", "currency", "resolution",
    })  # fmt: skip
    AMOUNTS = ("memo",)
    NEEDS = {"reviewed_on": "issued_on", "disputed_on": "reviewed_on",
             "resolved_on": "disputed_on", "confirmed_on": "reviewed_on",
             "invoiced_on": "confirmed_on", "closed_on": "invoiced_on",
             "sales_invoice": "invoiced_on", "claims_invoice": "invoiced_on"}  # fmt: skip
    TOGETHER = {"disputed_document": "disputed_on", "dispute_reason": "disputed_on",
                "memo": "resolved_on", "resolution": "resolved_on"}  # fmt: skip

    dealer: Code = column("The dealer.", example="D01")
    month: Month = column("The month that is stated.", example="2025-07")
    issued_on: Day = column("Day the statement 对账单 was issued.", example="2025-08-09")
    issued_by: Code | None = optional("Who issued it.", "settlement.issue")
    reviewed_on: Day | None = optional("Day it was reviewed.", "2025-08-10")
    reviewed_by: Code | None = optional("Not who issued it.", "settlement.review")
    disputed_on: Day | None = optional("Day the dealer disputed a line.", "2025-08-11")
    disputed_by: Code | None = optional("Who disputed it.", "d01.office")
    disputed_document: Text | None = optional("The line's document.", "INV-30211")
    dispute_reason: Text | None = optional("Why.", "少发一件")
    resolved_on: Day | None = optional("Day the dispute was resolved.", "2025-08-13")
    resolved_by: Code | None = optional("Who resolved it.", "settlement.review")
    memo: SignedAmount | None = optional(
        "Debit memo above nought, credit memo below; 0 when the line stands.", "-210.18"
    )
    currency: Currency | None = optional("The dealer's currency; needed with `memo`.", "CNY")
    resolution: Text | None = optional("How it was resolved.", "补开红字发票")
    confirmed_on: Day | None = optional("Day the dealer confirmed it.", "2025-08-14")
    confirmed_by: Code | None = optional("Who confirmed it.", "d01.office")
    invoiced_on: Day | None = optional("Day both invoices were matched.", "2025-08-16")
    invoiced_by: Code | None = optional("Who matched them.", "finance.tax")
    sales_invoice: Text = column("The maker's invoice.", default="", example="VAT-25080001")
    claims_invoice: Text = column("The dealer's for its claims.", default="", example="FP-901233")
    closed_on: Day | None = optional("Day it was netted and closed.", "2025-08-18")
    closed_by: Code | None = optional("Who closed it.", "settlement.issue")


class PeriodStep(StrEnum):
    SOFT_CLOSE = "soft_close"
    APPROVE_ENTRY = "approve_entry"
    REQUEST_REOPENING = "request_reopening"
    REOPEN = "reopen"
    HARD_CLOSE = "hard_close"


class PeriodLine(Line):
    """What was done to the book's months 会计期间, one step a row."""

    FILE = "periods.csv"
    NUMBER = ("month", "step", "done_on", "document")

    month: Month = column("The month.", example="2025-07")
    step: PeriodStep = column("Reopening takes two people.", example="soft_close")
    done_on: Day = column("Day of the step.", example="2025-08-08")
    done_by: Code | None = optional("Who did it.", "finance.close")
    document: Text = column(
        "The paper that `approve_entry` lets into the month.", default="", example="INV-30400"
    )
