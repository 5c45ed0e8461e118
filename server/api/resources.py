"""The table of all resources: a row says who serves a resource, its kind, name, message, and who
may read and change it.

All other tables derive from it. Servicers without a resource have methods of their own, which only
read. The response to a request, the batches of it, and the filters of a list are in the schema.
"""

from collections.abc import Mapping
from itertools import chain
from operator import attrgetter
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
from server.access.roles import BOOKS, CLAIMS_DESK, MAKER, PRICED, STOCKED
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
from server.api.resource import Resource, Resources, shared
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
    PartServicer: (
        Resource(Part, names.PART, part_message, MAKER, parts.ACTS, dealer=shared),
    ),
    PlaceServicer: (Resource(Place, names.PLACE, place_message, MAKER, places.ACTS),),
    PriceServicer: (
        Resource(
            PriceList, names.PRICE_LIST, price_list_message, PRICED, price_lists.ACTS,
            dealer=shared,
        ),
        Resource(
            ListedPrice, names.PRICE, price_message, PRICED, prices.ACTS,
            parent=names.PRICE_LIST, dealer=shared,
        ),
    ),
    ExchangeRateServicer: (
        Resource(
            ExchangeRate, names.EXCHANGE_RATE, exchange_rate_message, BOOKS, exchange_rates.ACTS
        ),
    ),
    DealerServicer: (
        Resource(
            Dealer, names.DEALER, dealer_message, MAKER, dealers.ACTS, dealer=attrgetter("key")
        ),
    ),
    MachineServicer: (
        Resource(
            Machine, names.MACHINE, machine_message, MAKER, machines.ACTS,
            dealer=attrgetter("versions.newest.dealer"),
        ),
    ),
    SupplierServicer: (
        Resource(Supplier, names.SUPPLIER, supplier_message, MAKER, suppliers.ACTS),
    ),
    PolicyServicer: (
        Resource(
            WarrantyPolicy, names.POLICY, policy_message, PRICED, policies.ACTS, dealer=shared
        ),
    ),
    StockServicer: (Resource(StockItem, names.STOCK_ITEM, stock_item_message, MAKER),),
    PurchaseServicer: (
        Resource(PurchaseReceipt, names.PURCHASE, purchase_message, STOCKED, purchases.ACTS),
    ),
    SaleServicer: (
        Resource(
            PartsSale, names.SALE, sale_message, STOCKED, sales.ACTS, dealer=attrgetter("dealer")
        ),
    ),
    PaymentServicer: (
        Resource(
            Payment, names.PAYMENT, payment_message, BOOKS, payments.ACTS,
            dealer=attrgetter("dealer"),
        ),
    ),
    PayoutServicer: (
        Resource(
            Payout, names.PAYOUT, payout_message, BOOKS, payouts.ACTS, dealer=attrgetter("dealer")
        ),
    ),
    TransferServicer: (
        Resource(
            PartsTransfer, names.TRANSFER, transfer_message, STOCKED, transfers.ACTS,
            TRANSFER_STATE,
        ),
    ),
    ClaimServicer: (
        Resource(
            WarrantyClaim, names.CLAIM, claim_message, BOOKS | CLAIMS_DESK, claims.ACTS,
            CLAIM_STATE, dealer=attrgetter("dealer"),
        ),
    ),
    ReturnServicer: (
        Resource(
            PartsReturn, names.PARTS_RETURN, return_message, MAKER, returns.ACTS, RETURN_STATE,
            dealer=attrgetter("dealer"),
        ),
    ),
    SettlementServicer: (
        Resource(
            DealerSettlement, names.SETTLEMENT, settlement_message, BOOKS, settlements.ACTS,
            SETTLEMENT_STATE, parent=names.DEALER, dealer=attrgetter("dealer"),
        ),
    ),
    PeriodServicer: (
        Resource(AccountingPeriod, names.PERIOD, period_message, BOOKS, periods.ACTS),
    ),
    AgeingServicer: (),
    EntryServicer: (),
    ExplanationServicer: (),
    ImportServicer: (),
    StatementServicer: (),
    ViewServicer: (),
}  # fmt: skip

RESOURCES: Final = Resources(chain.from_iterable(SERVED.values()))
