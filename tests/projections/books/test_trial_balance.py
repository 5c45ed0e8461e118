"""The trial balance by hand, and that its zero is earned."""

from datetime import date

from projections.books.trial_balance import trial_balance
from tests.projections.bookkeeping import Bookkeeper


def a_small_history(bookkeeper: Bookkeeper) -> None:
    """100 pieces bought at 8.00; 10 of them sold at 10.00 plus 13 % tax; half of it paid."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 1, 10), "P-1", 100, 800)
    bookkeeper.sell("S-1", date(2025, 5, 5), "P-1", 10)
    bookkeeper.pay("Z-1", date(2025, 6, 20), 5_650)


def test_debits_and_credits_of_each_account_add_up_to_nothing(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        report = trial_balance(now, date(2025, 6, 30))
    assert [(line.account, line.debit_minor, line.credit_minor) for line in report.accounts] == [
        ("1002", 5_650, 0),
        ("1122", 11_300, 5_650),
        ("1405", 80_000, 8_000),
        ("2202", 0, 80_000),
        ("2221.pend", 0, 1_300),
        ("6001", 0, 10_000),
        ("6401", 8_000, 0),
    ]
    assert report.difference_minor == {"CNY": 0}
    assert report.accounts[0].title == "Bank"


def test_parties_are_told_apart_on_request(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    bookkeeper.sell("S-2", date(2025, 6, 1), "P-1", 1, dealer="D02")
    with bookkeeper.look() as now:
        report = trial_balance(now, date(2025, 6, 30), by_party=True)
    receivables = [line for line in report.accounts if line.account == "1122"]
    assert [(line.party, line.balance_minor) for line in receivables] == [
        ("dealers/D01", 5_650),
        ("dealers/D02", 1_130),
    ]
    assert report.difference_minor == {"CNY": 0}


def test_it_stands_as_of_any_day_and_position(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    with bookkeeper.look() as now:
        printed = trial_balance(now, date(2025, 5, 31))
    assert "1002" not in [line.account for line in printed.accounts]
    bookkeeper.pay("Z-2", date(2025, 5, 20), 100)  # Back-dated into what was printed.
    with bookkeeper.look(printed.as_of_position) as then:
        assert trial_balance(then, date(2025, 5, 31)) == printed
    with bookkeeper.look() as now:
        assert trial_balance(now, date(2025, 5, 31)).accounts != printed.accounts


def test_a_lost_line_shows_as_a_difference(bookkeeper: Bookkeeper) -> None:
    a_small_history(bookkeeper)
    bookkeeper.fold()
    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(f"DELETE FROM views_of_{bookkeeper.book}.account_days WHERE account = '1002'")
    with bookkeeper.look() as now:
        assert trial_balance(now, date(2025, 6, 30)).difference_minor == {"CNY": -5_650}
        assert trial_balance(now, date(2025, 7, 1)).difference_minor == {"CNY": 0}  # Of months.
