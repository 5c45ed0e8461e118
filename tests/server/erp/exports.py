"""An export with a row of each kind, and what good lines become, as tests ask for it."""

from pathlib import Path
from typing import Any, Final

from server.erp.folder import ErpFolder, Ordered

# By file: a row of its required cells.
BARE: Final[dict[str, dict[str, str]]] = {
    "places.csv": {"place": "W01", "kind": "custody"},
    "parts.csv": {"part": "P-1", "description": "pump", "part_class": "wear",
                  "serviceable": "true", "restricted": "false"},
    "price_lists.csv": {"price_list": "guide", "currency": "CNY", "vat_rate": "0.13"},
    "prices.csv": {"price_list": "guide", "currency": "CNY", "part": "P-1",
                   "effective_from": "2025-07-01", "unit_price": "18.60"},
    "dealers.csv": {"dealer": "D01", "title": "湘江", "currency": "CNY", "payment_days": "30"},
    "machines.csv": {"serial": "M-1", "model": "ZY16", "dealer": "D01", "sold_on": "2025-01-31"},
    "exchange_rates.csv": {"from_currency": "USD", "to_currency": "CNY",
                           "effective_from": "2025-07-01", "rate": "7.1586", "source": "PBOC"},
    "policies.csv": {"model": "ZY16", "effective_from": "2025-01-01", "term_months": "24"},
    "suppliers.csv": {"supplier": "S01", "title": "长沙液压", "currency": "CNY",
                      "payment_days": "60"},
    "purchases.csv": {"purchase": "PR-1", "received_on": "2025-07-01", "supplier": "S01",
                      "to_place": "W01", "part": "P-1", "quantity": "5", "unit_cost": "12.34",
                      "currency": "CNY"},
    "transfers.csv": {"transfer": "TR-1", "from_place": "W01", "to_place": "W02", "part": "P-1",
                      "quantity": "4", "requested_on": "2025-07-02"},
    "sales.csv": {"sale": "SO-1", "sold_on": "2025-07-03", "dealer": "D01", "from_place": "W01",
                  "part": "P-1", "quantity": "2"},
    "claims.csv": {"claim": "CL-1", "dealer": "D01", "machine": "M-1", "failed_on": "2025-07-03",
                   "causal_part": "P-1", "fault_code": "F01", "currency": "CNY",
                   "submitted_on": "2025-07-04"},
    "claim_items.csv": {"claim": "CL-1", "kind": "labour", "currency": "CNY", "inspected": "5.00",
                        "ordered": "6.00", "claimed": "7.00"},
    "returns.csv": {"parts_return": "RT-1", "kind": "defective", "claim": "CL-1", "part": "P-1",
                    "quantity": "1", "to_place": "R01", "requested_on": "2025-07-05"},
    "payments.csv": {"payment": "PM-1", "received_on": "2025-07-06", "dealer": "D01",
                     "amount": "9.00", "currency": "CNY"},
    "payouts.csv": {"payout": "PO-1", "paid_on": "2025-07-06", "dealer": "D01",
                    "amount": "9.00", "currency": "CNY"},
    "settlements.csv": {"dealer": "D01", "month": "2025-07", "issued_on": "2025-08-07"},
    "periods.csv": {"month": "2025-07", "step": "soft_close", "done_on": "2025-08-08"},
}  # fmt: skip


def stream(folder: Path, book: str = "main") -> list[Ordered]:
    """All commands in their order; there is nothing that could not be imported."""
    with ErpFolder(folder, book) as export:
        export.read()
        assert export.problems == []
        found = list(export)
        assert len(found) == export.count
    return found


def steps(folder: Path) -> list[tuple[str, str]]:
    """Of each command, its document and its step."""
    return [(found.source.document, found.source.step) for found in stream(folder)]


def request_of(found: Ordered) -> Any:
    return getattr(found.command, str(found.command.WhichOneof("command")))
