"""The double entry: what balances, and what is posted where nothing is worth anything."""

from hypothesis import example, given
from hypothesis import strategies as st

from domain import lines
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


def test_a_transfer_debits_the_first_and_credits_the_second_in_both_currencies() -> None:
    assert transferred(("1406", "dealers/D01"), ("1405", "places/W01"), 100, "USD", 710) == (
        Posting(account="1406", party="dealers/D01", amount_minor=100, currency="USD",
                functional_minor=710),
        Posting(account="1405", party="places/W01", amount_minor=-100, currency="USD",
                functional_minor=-710),
    )  # fmt: skip
    in_the_books = transferred(("1406", "dealers/D01"), ("1405", ""), 100, "CNY")
    assert [p.functional_minor for p in in_the_books] == [None, None]


def test_what_is_nothing_in_its_currency_may_be_worth_something_in_the_books() -> None:
    entry = transferred(("2221.pend", ""), ("2221.out", ""), 0, "USD", 5)

    assert [(p.amount_minor, p.functional_minor) for p in entry] == [(0, 5), (0, -5)]
    assert transferred(("2221.pend", ""), ("2221.out", ""), 0, "USD", 0) == ()


def test_what_is_left_over_in_the_books_is_found_whichever_posting_stands_last() -> None:
    """A dollar that is worth 7.10 against one that is worth 7.00; the yuan balance."""
    dollars = [
        Posting(account="1122", amount_minor=amount, currency="USD", functional_minor=functional)
        for amount, functional in ((100, 710), (-100, -700))
    ]
    yuan = [Posting(account="1002", amount_minor=n, currency="CNY") for n in (10, -10)]

    for entry in (dollars + yuan, yuan + dollars):
        assert lines.imbalance(entry, "CNY") == {"CNY, functional": 10}
    assert lines.imbalance([*yuan, yuan[0]], "CNY") == {"CNY": 10}


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
