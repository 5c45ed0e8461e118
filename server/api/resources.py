"""The table of all resources: a row says who serves a resource, its kind, name, message and more.

All other tables derive from it. Servicers without a resource have methods of their own, which only
read. The response to a request, the batches of it, and the filters of a list are in the schema.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from domain.accounting_period import AccountingPeriod
from domain.dealer import Dealer
from domain.dealer_settlement import DealerSettlement
from domain.exchange_rate import ExchangeRate
from domain.machine import Machine
from domain.part import Part
from domain.parts_return import PartsReturn
from domain.parts_sale import PartsSale
from domain.parts_transfer import PartsTransfer
from domain.payment import Payment
from domain.payout import Payout
from domain.place import Place
from domain.price_list import ListedPrice, PriceList
from domain.purchase_receipt import PurchaseReceipt
from domain.stock_item import StockItem
from domain.supplier import Supplier
from domain.warranty_claim import WarrantyClaim
from domain.warranty_policy import WarrantyPolicy
from server.api.conversions import names
from server.api.conversions.base_data import (
    exchange_rate_message,
    part_message,
    place_message,
    policy_message,
    price_list_message,
    price_message,
)
from server.api.conversions.claims import STATE as CLAIM_STATE
from server.api.conversions.claims import claim_message
from server.api.conversions.closing import SETTLEMENT_STATE, period_message, settlement_message
from server.api.conversions.parties import dealer_message, machine_message, supplier_message
from server.api.conversions.returns import STATE as RETURN_STATE
from server.api.conversions.returns import return_message
from server.api.conversions.stock import stock_item_message
from server.api.conversions.trade import (
    payment_message,
    payout_message,
    purchase_message,
    sale_message,
)
from server.api.conversions.transfers import STATE as TRANSFER_STATE
from server.api.conversions.transfers import transfer_message
from server.api.decoders import (
    claims,
    dealers,
    exchange_rates,
    machines,
    parts,
    payments,
    payouts,
    periods,
    places,
    policies,
    price_lists,
    prices,
    purchases,
    returns,
    sales,
    settlements,
    suppliers,
    transfers,
)
from server.api.resource import Resource, Resources
from server.api.servicer import Servicer
from server.api.services.ageing import AgeingServicer
from server.api.services.claims import ClaimServicer
from server.api.services.dealers import DealerServicer
from server.api.services.entries import EntryServicer
from server.api.services.exchange_rates import ExchangeRateServicer
from server.api.services.explanations import ExplanationServicer
from server.api.services.imports import ImportServicer
from server.api.services.machines import MachineServicer
from server.api.services.parts import PartServicer
from server.api.services.payments import PaymentServicer
from server.api.services.payouts import PayoutServicer
from server.api.services.periods import PeriodServicer
from server.api.services.places import PlaceServicer
from server.api.services.policies import PolicyServicer
from server.api.services.prices import PriceServicer
from server.api.services.purchases import PurchaseServicer
from server.api.services.returns import ReturnServicer
from server.api.services.sales import SaleServicer
from server.api.services.settlements import SettlementServicer
from server.api.services.statements import StatementServicer
from server.api.services.stock import StockServicer
from server.api.services.suppliers import SupplierServicer
from server.api.services.transfers import TransferServicer
from server.api.services.views import ViewServicer

SERVED: Final[Mapping[type[Servicer], tuple[Resource[Any], ...]]] = {
    PartServicer: (Resource(Part, names.PART, part_message, parts.DECODERS),),
    PlaceServicer: (Resource(Place, names.PLACE, place_message, places.DECODERS),),
    PriceServicer: (
        Resource(PriceList, names.PRICE_LIST, price_list_message, price_lists.DECODERS),
        Resource(
            ListedPrice, names.PRICE, price_message, prices.DECODERS, parent=names.PRICE_LIST
        ),
    ),
    ExchangeRateServicer: (
        Resource(
            ExchangeRate, names.EXCHANGE_RATE, exchange_rate_message, exchange_rates.DECODERS
        ),
    ),
    DealerServicer: (Resource(Dealer, names.DEALER, dealer_message, dealers.DECODERS),),
    MachineServicer: (Resource(Machine, names.MACHINE, machine_message, machines.DECODERS),),
    SupplierServicer: (Resource(Supplier, names.SUPPLIER, supplier_message, suppliers.DECODERS),),
    PolicyServicer: (Resource(WarrantyPolicy, names.POLICY, policy_message, policies.DECODERS),),
    StockServicer: (Resource(StockItem, names.STOCK_ITEM, stock_item_message),),
    PurchaseServicer: (
        Resource(PurchaseReceipt, names.PURCHASE, purchase_message, purchases.DECODERS),
    ),
    SaleServicer: (Resource(PartsSale, names.SALE, sale_message, sales.DECODERS),),
    PaymentServicer: (Resource(Payment, names.PAYMENT, payment_message, payments.DECODERS),),
    PayoutServicer: (Resource(Payout, names.PAYOUT, payout_message, payouts.DECODERS),),
    TransferServicer: (
        Resource(
            PartsTransfer, names.TRANSFER, transfer_message, transfers.DECODERS, TRANSFER_STATE
        ),
    ),
    ClaimServicer: (
        Resource(WarrantyClaim, names.CLAIM, claim_message, claims.DECODERS, CLAIM_STATE),
    ),
    ReturnServicer: (
        Resource(PartsReturn, names.PARTS_RETURN, return_message, returns.DECODERS, RETURN_STATE),
    ),
    SettlementServicer: (
        Resource(
            DealerSettlement, names.SETTLEMENT, settlement_message, settlements.DECODERS,
            SETTLEMENT_STATE, parent=names.DEALER,
        ),
    ),
    PeriodServicer: (
        Resource(AccountingPeriod, names.PERIOD, period_message, periods.DECODERS),
    ),
    AgeingServicer: (),
    EntryServicer: (),
    ExplanationServicer: (),
    ImportServicer: (),
    StatementServicer: (),
    ViewServicer: (),
}  # fmt: skip

RESOURCES: Final = Resources(chain.from_iterable(SERVED.values()))
