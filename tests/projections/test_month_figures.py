"""The figures that a month is closed on: what two reports say of its end, and who is not stated."""

from datetime import date
from typing import Any

import pytest

from domain.parts_back import Finding
from domain.proofs import Compared, Figures, ProofKind
from domain.transfer_lines import DiscrepancyCause, TransferLine
from domain.use_cases import returning, transferring
from domain.use_cases.booking import Occurrence
from projections.month_figures import month_figures
from tests.projections.bookkeeping import Bookkeeper
from tests.small_maker import SmallMaker

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


def stock_of_every_kind(bookkeeper: Bookkeeper) -> None:
    """Of 100 P-1 at 8.00, 20 are on their way to D01 and 7 more have come there, 3 did not arrive,
    and of 10 that were sold one is back in a custody room."""
    bookkeeper.open_for_business(SmallMaker(custody_rooms=("R01",)))
    bookkeeper.buy("R-1", date(2025, 7, 1), "P-1", 100, 800)
    on = {"occurrence": Occurrence(date(2025, 7, 2), "T-1")}
    transfer: dict[str, Any] = {"number": "T-1", **on}
    bookkeeper.do(
        transferring.request_transfer, **transfer, from_place="W01", to_place="consignment.D01",
        lines=(TransferLine(part="P-1", quantity=30),),
    )  # fmt: skip
    bookkeeper.do(transferring.approve_transfer, actor="li", **transfer)
    bookkeeper.do(transferring.dispatch_transfer, **transfer)
    arrived = (TransferLine(part="P-1", quantity=7),)
    bookkeeper.do(transferring.receive_transfer, **transfer, lines=arrived)
    bookkeeper.do(
        transferring.record_discrepancy, **transfer, cause=DiscrepancyCause.SHORT, part="P-1",
        quantity=3,
    )  # fmt: skip
    bookkeeper.sell("S-1", date(2025, 7, 5), "P-1", 10)
    back: dict[str, Any] = {"number": "B-1", "occurrence": Occurrence(date(2025, 7, 6), "B-1")}
    bookkeeper.do(
        returning.request_good_return, **back, sale="S-1", part="P-1", quantity=1, to_place="R01"
    )
    for step in (returning.ship_return, returning.receive_return):
        bookkeeper.do(step, **back)
    bookkeeper.do(returning.inspect_return, **back, finding=Finding.NO_FAULT_FOUND)


def test_each_kind_of_place_is_compared_with_the_account_that_carries_it(
    bookkeeper: Bookkeeper,
) -> None:
    stock_of_every_kind(bookkeeper)

    figures = [each for each in july(bookkeeper).compared if each.proof is ProofKind.STOCK]

    assert [(each.of, each.figure_minor, each.account_minor) for each in figures] == [
        ("1406 dealers/D01", 5_600, 5_600),
        ("1408", 16_000, 16_000),
        ("1901", 2_400, 2_400),
        ("places/R01", 800, 800),
        ("places/W01", 48_000, 48_000),
    ]


def test_the_figures_of_a_past_position_are_of_what_was_recorded_by_then(
    bookkeeper: Bookkeeper,
) -> None:
    """Each dealer has a line; D02, whose line comes last, is not stated at first."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 7, 1), "P-1", 100, 800)
    before = bookkeeper.fold().reached
    for number, dealer in enumerate(("D02", "D01")):
        bookkeeper.sell(f"S-{number}", date(2025, 7, 5), "P-1", 1, dealer=dealer)
    sold = bookkeeper.fold().reached
    bookkeeper.state(JULY)
    one_stated = bookkeeper.fold().reached
    bookkeeper.state(JULY, "D02")

    with bookkeeper.look() as now:
        positions = (before, sold, one_stated, now.position)
        found = [month_figures(now.as_of(at), JULY, "CNY", 3) for at in positions]

    assert [(each.dealers_with_lines, each.not_stated) for each in found] == [
        (0, ()), (2, ("D01", "D02")), (2, ("D02",)), (2, ()),
    ]  # fmt: skip
    assert [each.position for each in found] == list(positions)
