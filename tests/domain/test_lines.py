"""The double entry: what balances, and what is posted where nothing is worth anything."""

from hypothesis import example, given
from hypothesis import strategies as st

from domain.accounts import of_stock
from domain.lines import Posting, transferred
from tests.domain.desk import imbalance


@given(amount=st.integers(-(10**15), 10**15))
@example(amount=0)
@example(amount=-1)
def test_a_transfer_of_value_balances_and_posts_nothing_for_nothing(amount: int) -> None:
    entry = transferred(("1408", ""), ("1405", "places/W01"), amount, "CNY")

    assert imbalance(entry) == {}
    assert len(entry) == (2 if amount else 0)
    assert [p.amount_minor for p in entry] == ([amount, -amount] if amount else [])


def test_currencies_do_not_balance_each_other() -> None:
    entry = [
        Posting(account="1002", amount_minor=100, currency="CNY"),
        Posting(account="1122", amount_minor=-100, currency="USD"),
    ]

    assert imbalance(entry) == {"CNY": 100, "USD": -100}


def test_stock_stands_on_the_account_of_its_kind_of_place() -> None:
    assert of_stock("W01") == ("1405", "places/W01")
    assert of_stock("R01", custody=True) == ("1407", "places/R01")
    assert of_stock("consignment.D01") == ("1406", "dealers/D01")
