"""Words that are stored or shown, and so stay as they are: streams, states, decimals of money."""

from collections import Counter
from enum import StrEnum

import pytest

from domain import accounts, values
from domain.aggregates import AGGREGATES
from domain.currencies import DECIMALS, WITHOUT_MINOR_UNIT
from domain.errors import InvalidValue

WORDS = [kind for kind in StrEnum.__subclasses__() if kind.__module__.startswith("domain.")]


def test_streams_are_named_after_these_collections() -> None:
    assert {aggregate.__name__: aggregate.KIND for aggregate in AGGREGATES} == {
        "AccountingPeriod": "periods", "Book": "books", "Dealer": "dealers",
        "DealerAccount": "accounts", "DealerSettlement": "settlements",
        "ExchangeRate": "exchange-rates",
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
    """Some of each, by hand, and how many there are in all."""
    by_decimals = Counter(DECIMALS.values())

    assert by_decimals == {0: 17, 2: 139, 3: 7, 4: 2}
    assert {DECIMALS[currency] for currency in ("JPY", "KRW", "VND", "CLP", "XOF")} == {0}
    assert {DECIMALS[currency] for currency in ("CNY", "USD", "EUR", "HUF", "IDR", "XCG")} == {2}
    assert {c for c, decimals in DECIMALS.items() if decimals == 3} == {
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND",
    }  # fmt: skip
    assert {c for c, decimals in DECIMALS.items() if decimals == 4} == {"CLF", "UYW"}


def test_what_has_no_minor_unit_is_no_currency_of_an_amount() -> None:
    assert len(WITHOUT_MINOR_UNIT) == 13
    assert {"XAU", "XDR", "XTS", "X" * 3} <= WITHOUT_MINOR_UNIT
    assert {len(code) for code in WITHOUT_MINOR_UNIT} == {3}
    assert not WITHOUT_MINOR_UNIT & DECIMALS.keys()
    for code in sorted(WITHOUT_MINOR_UNIT):
        with pytest.raises(InvalidValue, match="with a minor unit"):
            values.currency(code, "currency")
    for code in ("cny", "RMB", "", "DEM", "ZZZ"):
        with pytest.raises(InvalidValue, match="of ISO 4217"):
            values.currency(code, "currency")


def test_the_chart_of_accounts_is_this_one() -> None:
    assert accounts.NAMES == {
        "1002": "Bank", "1122": "Dealer receivable", "1221": "Recovery receivable",
        "1405": "Inventory", "1406": "Consignment stock", "1407": "Returned parts",
        "1408": "In transit", "1901": "Discrepancies", "2202": "Supplier payable",
        "2221.in": "VAT input", "2221.out": "VAT output", "2221.pend": "VAT pending invoice",
        "2241": "Claims payable", "2801": "Warranty provision", "6001": "Parts revenue",
        "6061": "Exchange difference",        "6401": "Cost of sales", "6701": "Write-down",
    }  # fmt: skip
    assert set(accounts.DEALER_ACCOUNTS) == {"1122", "2241"}
