"""The figures that a month is closed on: what two reports say of its end, and who is not stated."""

from datetime import date

import pytest

from domain.proofs import Compared, Figures, ProofKind
from projections.month_figures import month_figures
from tests.projections.bookkeeping import Bookkeeper

JULY = "2025-07"


def a_july(bookkeeper: Bookkeeper) -> None:
    """Stock at two places, on the way and in discrepancy; D01 owes an invoice and has paid some.

    10 P-1 at 19.99 are owed with 13 % tax on top.
    """
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 7, 1), "P-1", 1_000, 800)
    bookkeeper.dispatch("T-1", date(2025, 7, 2), "P-1", 30)
    bookkeeper.receive("T-1", date(2025, 7, 3))
    bookkeeper.dispatch("T-2", date(2025, 7, 4), "P-1", 20)
    bookkeeper.sell("S-1", date(2025, 7, 5), "P-1", 10)
    bookkeeper.pay("Z-1", date(2025, 7, 20), 5_000)
    bookkeeper.buy("R-2", date(2025, 8, 1), "P-1", 7, 9)  # Of August: not in the figures.


def july(bookkeeper: Bookkeeper) -> Figures:
    with bookkeeper.look() as now:
        return month_figures(now, JULY, "CNY", calendar_version=3)


def differing(figures: Figures) -> list[Compared]:
    return [each for each in figures.compared if each.figure_minor != each.account_minor]


def test_all_stock_and_all_items_are_compared_as_of_the_end_of_the_month(
    bookkeeper: Bookkeeper,
) -> None:
    a_july(bookkeeper)

    figures = july(bookkeeper)

    assert figures.compared == (
        Compared(ProofKind.STOCK, "1408", "CNY", 16_000, 16_000),
        Compared(ProofKind.STOCK, "places/W01", "CNY", 752_000, 752_000),
        Compared(ProofKind.STOCK, "places/W02", "CNY", 24_000, 24_000),
        Compared(ProofKind.OPEN_ITEMS, "1122 dealers/D01", "CNY", 6_300, 6_300),
    )
    end = bookkeeper.ledger.recorder.max_notification_id()
    assert (figures.calendar_version, figures.position) == (3, end)


@pytest.mark.parametrize(
    ("view", "change", "proof", "of", "difference"),
    [
        ("place_balances", "value_minor = value_minor + 1 WHERE place = 'W02'",
         ProofKind.STOCK, "places/W02", 1),
        ("party_days", "debit_minor = debit_minor + 5 WHERE debit_minor = 800000",
         ProofKind.STOCK, "places/W01", -5),
        ("dealer_items", "amount_minor = amount_minor - 3 WHERE item = 'sales/S-1'",
         ProofKind.OPEN_ITEMS, "1122 dealers/D01", -3),
    ],
)  # fmt: skip
def test_what_one_report_has_lost_shows_as_a_difference(
    bookkeeper: Bookkeeper, view: str, change: str, proof: ProofKind, of: str, difference: int
) -> None:
    a_july(bookkeeper)
    assert differing(july(bookkeeper)) == []  # The control.

    with bookkeeper.connect() as opened, opened.cursor() as c:
        c.execute(f"UPDATE views_of_{bookkeeper.book}.{view} SET {change}")
        assert c.rowcount

    [found] = differing(july(bookkeeper))
    assert (found.proof, found.of) == (proof, of)
    assert found.figure_minor - found.account_minor == difference


def test_dealers_with_lines_that_are_not_stated_are_named_and_others_are_not(
    bookkeeper: Bookkeeper,
) -> None:
    a_july(bookkeeper)
    assert (july(bookkeeper).dealers_with_lines, july(bookkeeper).not_stated) == (1, ("D01",))
    bookkeeper.sell("S-3", date(2025, 8, 5), "P-1", 1, dealer="D02")

    bookkeeper.state(JULY)

    figures = july(bookkeeper)
    assert (figures.dealers_with_lines, figures.not_stated) == (1, ())


def test_a_month_without_lines_need_not_be_stated(bookkeeper: Bookkeeper) -> None:
    """Nor are those before it asked for again: they were when they were closed."""
    a_july(bookkeeper)
    with bookkeeper.look() as now:
        august = month_figures(now, "2025-08", "CNY", 3)
    assert (august.dealers_with_lines, august.not_stated) == (0, ())

    bookkeeper.state(JULY)
    bookkeeper.sell("S-3", date(2025, 8, 5), "P-1", 1)
    with bookkeeper.look() as now:
        august = month_figures(now, "2025-08", "CNY", 3)
    assert august.not_stated == ("D01",)
