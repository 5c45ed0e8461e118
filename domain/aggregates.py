"""Every kind of aggregate there is, so that stored topics resolve, and a reader finds them."""

from domain.accounting_period import AccountingPeriod
from domain.book import Book
from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.exchange_rate import ExchangeRate
from domain.facts import Aggregate
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

AGGREGATES: tuple[type[Aggregate], ...] = (
    AccountingPeriod, Book, Dealer, DealerAccount, DealerSettlement, ExchangeRate, ListedPrice,
    Machine, Part, PartsReturn, PartsSale, PartsTransfer, Payment, Payout, Place, PriceList,
    PurchaseReceipt, StockItem, Supplier, WarrantyClaim, WarrantyPolicy,
)  # fmt: skip
