"""All files of an import, in its order. A new file is a module in files/ and a row here."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from server.erp.documents import Document, Reading, read_documents
from server.erp.files.claims import ClaimItemLine, ClaimLine, claim_steps, read_claims
from server.erp.files.dealers import DealerLine, dealer_steps
from server.erp.files.exchange_rates import ExchangeRateLine, exchange_rate_steps
from server.erp.files.machines import MachineLine, machine_steps
from server.erp.files.parts import PartLine, part_steps
from server.erp.files.payments import PaymentLine, payment_steps
from server.erp.files.payouts import PayoutLine, payout_steps
from server.erp.files.periods import PeriodLine, period_steps, read_periods
from server.erp.files.places import PlaceLine, place_steps
from server.erp.files.policies import PolicyLine, policy_steps
from server.erp.files.price_lists import PriceListLine, price_list_steps
from server.erp.files.prices import PriceLine, price_steps
from server.erp.files.purchases import PurchaseLine, purchase_steps
from server.erp.files.returns import ReturnLine, return_steps
from server.erp.files.sales import SaleLine, sale_steps
from server.erp.files.settlements import SettlementLine, settlement_steps
from server.erp.files.suppliers import SupplierLine, supplier_steps
from server.erp.files.transfers import TransferLine, transfer_steps
from server.erp.lines import Line
from server.erp.steps import Step
from server.erp.wire import Names


class ErpFile(NamedTuple):
    """A file's layout, what makes the steps of one of its documents, and what reads the documents.

    The rows of `beside` stand in a file of their own, and are read together with these.
    """

    layout: type[Line]
    steps: Callable[[Names, Any], Iterator[Step]]
    read: Callable[[Path, Any, Reading], Iterator[Document[Any]]] = read_documents
    beside: tuple[type[Line], ...] = ()

    @property
    def layouts(self) -> tuple[type[Line], ...]:
        return (self.layout, *self.beside)


IMPORT_ORDER: Final = (
    ErpFile(PlaceLine, place_steps),
    ErpFile(PartLine, part_steps),
    ErpFile(PriceListLine, price_list_steps),
    ErpFile(PriceLine, price_steps),
    ErpFile(ExchangeRateLine, exchange_rate_steps),
    ErpFile(DealerLine, dealer_steps),
    ErpFile(MachineLine, machine_steps),
    ErpFile(PolicyLine, policy_steps),
    ErpFile(SupplierLine, supplier_steps),
    ErpFile(PurchaseLine, purchase_steps),
    ErpFile(TransferLine, transfer_steps),
    ErpFile(SaleLine, sale_steps),
    ErpFile(ClaimLine, claim_steps, read_claims, beside=(ClaimItemLine,)),
    ErpFile(ReturnLine, return_steps),
    ErpFile(PaymentLine, payment_steps),
    ErpFile(PayoutLine, payout_steps),
    ErpFile(SettlementLine, settlement_steps),
    ErpFile(PeriodLine, period_steps, read_periods),
)

# By the file's name.
LAYOUTS: Final[dict[str, type[Line]]] = {
    layout.FILE: layout for file in IMPORT_ORDER for layout in file.layouts
}
