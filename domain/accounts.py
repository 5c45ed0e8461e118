"""The chart of accounts that facts post to (docs/domain.md, "Accounts")."""

from typing import Final

from domain import places

BANK: Final = "1002"
RECEIVABLE: Final = "1122"
RECOVERY_RECEIVABLE: Final = "1221"
INVENTORY: Final = "1405"
CONSIGNMENT: Final = "1406"
RETURNED_PARTS: Final = "1407"
IN_TRANSIT: Final = "1408"
DISCREPANCIES: Final = "1901"
SUPPLIER_PAYABLE: Final = "2202"
VAT_IN: Final = "2221.in"
VAT_OUT: Final = "2221.out"
VAT_PENDING: Final = "2221.pend"
CLAIMS_PAYABLE: Final = "2241"
WARRANTY_PROVISION: Final = "2801"
PARTS_REVENUE: Final = "6001"
EXCHANGE_DIFFERENCE: Final = "6061"
COST_OF_SALES: Final = "6401"
WRITE_DOWN: Final = "6701"

DEALER_ACCOUNTS: Final = (RECEIVABLE, CLAIMS_PAYABLE)

NAMES: Final = {
    BANK: "Bank",
    RECEIVABLE: "Dealer receivable",
    RECOVERY_RECEIVABLE: "Recovery receivable",
    INVENTORY: "Inventory",
    CONSIGNMENT: "Consignment stock",
    RETURNED_PARTS: "Returned parts",
    IN_TRANSIT: "In transit",
    DISCREPANCIES: "Discrepancies",
    SUPPLIER_PAYABLE: "Supplier payable",
    VAT_IN: "VAT input",
    VAT_OUT: "VAT output",
    VAT_PENDING: "VAT pending invoice",
    CLAIMS_PAYABLE: "Claims payable",
    WARRANTY_PROVISION: "Warranty provision",
    PARTS_REVENUE: "Parts revenue",
    EXCHANGE_DIFFERENCE: "Exchange difference",
    COST_OF_SALES: "Cost of sales",
    WRITE_DOWN: "Write-down",
}


def of_stock(place: str, custody: bool = False) -> tuple[str, str]:
    """The (account, party) that carries parts lying at a real place."""
    dealer = places.consignee(place)
    if dealer is not None:
        return CONSIGNMENT, f"dealers/{dealer}"
    return (RETURNED_PARTS if custody else INVENTORY), f"places/{place}"
