"""Layouts of the files that move stock: purchases, transfers and sales."""

from domain.transfer_lines import DiscrepancyCause, Resolution
from server.erp.cells import Amount, Code, Currency, Day, Flag, Quantity, Text
from server.erp.lines import Line, column, optional


class PurchaseLine(Line):
    """Purchase receipts 采购入库: what a supplier delivered to a warehouse."""

    FILE = "purchases.csv"
    NUMBER = ("purchase",)
    PER_LINE = frozenset({"part", "quantity", "unit_cost", "currency", "lot"})
    AMOUNTS = ("unit_cost",)

    purchase: Code = column("Number of the receipt.", example="PR-250701-001")
    received_on: Day = column("Day the parts came.", example="2025-07-01")
    received_by: Code | None = optional("Who booked it.", "w01.keeper")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-07-03")
    late: Flag = column(
        "May count on the first open day where its month is closed for ever.", default=False
    )
    document: Text = column("The paper: a delivery note.", default="", example="DN-88121")
    supplier: Code = column("Number of the supplier.", example="S03")
    to_place: Code = column("A warehouse.", example="W01")
    part: Code = column("Each part once in a document.", example="P-10012")
    quantity: Quantity = column("Pieces.", example="40")
    unit_cost: Amount = column("Cost of one piece, before tax.", example="1240.00")
    currency: Currency = column("The book's currency.", example="CNY")
    lot: Text = column("The supplier's lot.", default="", example="L2507")


class TransferLine(Line):
    """Transfers 调拨 between the maker's places, or into a dealer's consignment stock.

    A step that has not happened has an empty date. Lines with different dates of receipt are
    received apart.
    """

    FILE = "transfers.csv"
    NUMBER = ("transfer",)
    PER_LINE = frozenset({
        "part", "quantity", "dispatched_quantity", "received_on", "received_by",
        "received_quantity", "discrepancy_on", "discrepancy_by", "cause", "discrepancy_quantity",
        "resolved_on", "resolved_by", "resolution", "carrier",
    })  # fmt: skip
    NEEDS = {"carrier": "resolved_on", "dispatched_quantity": "dispatched_on",
             "received_on": "dispatched_on", "discrepancy_on": "dispatched_on",
             "resolved_on": "discrepancy_on", "dispatched_on": "approved_on"}  # fmt: skip
    TOGETHER = {"received_quantity": "received_on", "cause": "discrepancy_on",
                "discrepancy_quantity": "discrepancy_on", "resolution": "resolved_on"}  # fmt: skip

    transfer: Code = column("Number of the transfer.", example="TR-250704-001")
    document: Text = column("The paper: a transfer order.", default="", example="TO-5512")
    late: Flag = column("As in purchases.csv, for each step.", default=False)
    from_place: Code = column("Where the parts come from.", example="W01")
    to_place: Code = column(
        "Where they go; `consignment.D01` is the stock at dealer D01.", example="W02"
    )
    part: Code = column("Each part once in a document.", example="P-10012")
    quantity: Quantity = column("Pieces requested.", example="12")
    requested_on: Day = column("Day of the request.", example="2025-07-04")
    requested_by: Code | None = optional("Who requested it.", "w02.keeper")
    approved_on: Day | None = optional("Day of the approval.", "2025-07-04")
    approved_by: Code | None = optional("Not who requested it.", "w01.books")
    rejected_on: Day | None = optional("Day of the rejection.", "2025-07-05")
    rejected_by: Code | None = optional("Not who requested it.", "w01.books")
    cancelled_on: Day | None = optional("Day it was called off.", "2025-07-05")
    cancelled_by: Code | None = optional("Who called it off.", "w02.keeper")
    because: Text = column("Why it was rejected or called off.", default="", example="重复申请")
    dispatched_on: Day | None = optional("Day the parts left.", "2025-07-05")
    dispatched_by: Code | None = optional("Who sent them.", "w01.keeper")
    dispatched_quantity: Quantity | None = optional(
        "Pieces sent of this line; empty: all that were requested.", "12"
    )
    received_on: Day | None = optional("Day the line came.", "2025-07-08")
    received_by: Code | None = optional("Who took it in.", "w02.keeper")
    received_quantity: Quantity | None = optional("Pieces that came.", "11")
    discrepancy_on: Day | None = optional("Day a discrepancy was recorded.", "2025-07-08")
    discrepancy_by: Code | None = optional("Who recorded it.", "w02.keeper")
    cause: DiscrepancyCause | None = optional("What was wrong.", "short")
    discrepancy_quantity: Quantity | None = optional("Pieces that did not come as sent.", "1")
    resolved_on: Day | None = optional("Day the discrepancy was resolved.", "2025-07-15")
    resolved_by: Code | None = optional("Who resolved it.", "w01.books")
    resolution: Resolution | None = optional("How all its pieces were resolved.", "carrier")
    carrier: Code | None = optional("Number of the carrier that pays.", "S90")
    closed_on: Day | None = optional("Day the transfer was closed.", "2025-07-15")
    closed_by: Code | None = optional("Not who took the parts in.", "w02.books")


class SaleLine(Line):
    """Sales to dealers 配件销售, at the price list's price."""

    FILE = "sales.csv"
    NUMBER = ("sale",)
    PER_LINE = frozenset({"part", "quantity"})

    sale: Code = column("Number of the sale.", example="SO-250710-003")
    sold_on: Day = column("Day of the sale; it decides the price.", example="2025-07-10")
    sold_by: Code | None = optional("Who sold it.", "w01.sales")
    entered_on: Day | None = optional("Day it was booked, where that was later.", "2025-08-02")
    late: Flag = column("As in purchases.csv.", default=False)
    document: Text = column("The paper: an invoice.", default="", example="INV-30211")
    dealer: Code = column("Who bought the parts.", example="D01")
    from_place: Code = column("A warehouse, or the dealer's own consignment stock.", example="W01")
    part: Code = column("Each part once in a document.", example="P-10012")
    quantity: Quantity = column("Pieces.", example="2")
