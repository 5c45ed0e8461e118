"""Words that are stored or shown, and so stay as they are: streams, states, decimals of money."""

from enum import StrEnum

import pytest

from domain import accounts
from domain.ledger import AGGREGATES
from domain.values import DECIMALS

WORDS = [kind for kind in StrEnum.__subclasses__() if kind.__module__.startswith("domain.")]


def test_streams_are_named_after_these_collections() -> None:
    assert {aggregate.__name__: aggregate.KIND for aggregate in AGGREGATES} == {
        "AccountingPeriod": "periods", "Book": "books", "Dealer": "dealers",
        "DealerAccount": "accounts", "DealerSettlement": "settlements",
        "ListedPrice": "listed-prices", "Machine": "machines", "Part": "parts",
        "PartsReturn": "returns", "PartsSale": "sales", "PartsTransfer": "transfers",
        "Payment": "payments", "Payout": "payouts", "Place": "places", "PriceList": "price-lists",
        "PurchaseReceipt": "purchases", "StockItem": "stock", "Supplier": "suppliers",
        "WarrantyClaim": "claims", "WarrantyPolicy": "policies",
    }  # fmt: skip


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_a_state_or_a_choice_is_stored_and_shown_under_its_name(kind: type[StrEnum]) -> None:
    assert [word.value for word in kind] == [word.name.lower() for word in kind]


def test_every_list_of_words_is_looked_at() -> None:
    assert {"ClaimState", "PlaceKind", "TransferState"} <= {kind.__name__ for kind in WORDS}


def test_a_minor_unit_has_the_decimals_of_iso_4217() -> None:
    none, three = {"JPY", "KRW", "VND"}, {"KWD"}

    assert {currency for currency, decimals in DECIMALS.items() if decimals == 0} == none
    assert {currency for currency, decimals in DECIMALS.items() if decimals == 3} == three
    assert {currency for currency, decimals in DECIMALS.items() if decimals == 2} == {
        "CNY", "USD", "EUR", "GBP", "RUB", "INR", "BRL", "HKD", "AUD",
    }  # fmt: skip
    assert set(DECIMALS.values()) == {0, 2, 3}


def test_the_chart_of_accounts_is_this_one() -> None:
    assert accounts.NAMES == {
        "1002": "Bank", "1122": "Dealer receivable", "1221": "Recovery receivable",
        "1405": "Inventory", "1406": "Consignment stock", "1407": "Returned parts",
        "1408": "In transit", "1901": "Discrepancies", "2202": "Supplier payable",
        "2221.in": "VAT input", "2221.out": "VAT output", "2221.pend": "VAT pending invoice",
        "2241": "Claims payable", "2801": "Warranty provision", "6001": "Parts revenue",
        "6401": "Cost of sales", "6701": "Write-down",
    }  # fmt: skip
    assert set(accounts.DEALER_ACCOUNTS) == {"1122", "2241"}
