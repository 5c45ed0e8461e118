"""Every file of an import, in the order of import."""

from typing import Final

from server.erp.base_files import (
    DealerLine,
    MachineLine,
    PartLine,
    PlaceLine,
    PolicyLine,
    PriceLine,
    PriceListLine,
)
from server.erp.document_files import PurchaseLine, SaleLine, TransferLine
from server.erp.flow_files import (
    ClaimItemLine,
    ClaimLine,
    PaymentLine,
    PeriodLine,
    ReturnLine,
    SettlementLine,
)
from server.erp.lines import Line

LAYOUTS: Final[tuple[type[Line], ...]] = (
    PlaceLine, PartLine, PriceListLine, PriceLine, DealerLine, MachineLine, PolicyLine,
    PurchaseLine, TransferLine, SaleLine, ClaimLine, ClaimItemLine, ReturnLine, PaymentLine,
    SettlementLine, PeriodLine,
)  # fmt: skip
