"""What happens on the first of a month, and on the day before it, counts on its own side of it.

A sale of one P-1 is 10.00 plus 13 % tax: 11.30. Each case is looked at again when the month before
has been closed and stated: no answer may change with where it is taken from.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import pytest

from domain.claim_lines import ClaimedItem, ItemKind
from domain.use_cases import base_data, claiming
from domain.use_cases.booking import Occurrence
from domain.use_cases.claim_form import ClaimForm
from projections.books.trial_balance import trial_balance
from projections.claims.pending_claims import pending_claims
from projections.dealers.dealer_statement import dealer_statement
from projections.dealers.open_items import open_items
from projections.engine.reading import Reading
from projections.stock.inventory_ageing import Age, inventory_ageing
from projections.stock.layers_on_hand import layers_on_hand
from projections.stock.on_hand import StockQuantity, stock_quantities
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.claims.test_pending_claims import adjudicate, submit
from tests.small_maker import policy

DAYS = (date(2025, 5, 30), date(2025, 5, 31), date(2025, 6, 1), date(2025, 6, 2))
SALES = 1_130
T = TypeVar("T")


@pytest.fixture
def book(bookkeeper: Bookkeeper) -> Bookkeeper:
    """Ten pieces came on 30 May; one was sold on 31 May, two on 1 June."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 5, 30), "P-1", 10, 800)
    bookkeeper.sell("S-1", date(2025, 5, 31), "P-1", 1)
    bookkeeper.sell("S-2", date(2025, 6, 1), "P-1", 2)
    return bookkeeper


def close_and_state(book: Bookkeeper) -> None:
    book.close("2025-05")
    book.state("2025-05")


def on_each_day(book: Bookkeeper, ask: Callable[[Reading, date], T]) -> list[T]:
    """The answers for each of `DAYS`, which closing and stating May do not change."""
    with book.look() as now:
        position = now.position
        found = [ask(now, day) for day in DAYS]
    close_and_state(book)
    with book.look() as now:
        assert [ask(now, day) for day in DAYS] == found
    with book.look(position) as then:
        assert [ask(then, day) for day in DAYS] == found
    return found


def test_a_balance(book: Bookkeeper) -> None:
    def receivable(now: Reading, day: date) -> list[int]:
        accounts = trial_balance(now, day).accounts
        return [line.balance_minor for line in accounts if line.account == "1122"]

    assert on_each_day(book, receivable) == [[], [SALES], [3 * SALES], [3 * SALES]]


def test_a_balance_of_a_party(book: Bookkeeper) -> None:
    def receivable(now: Reading, day: date) -> list[int]:
        accounts = trial_balance(now, day, by_party=True).accounts
        return [line.debit_minor for line in accounts if line.party == "dealers/D01"]

    assert on_each_day(book, receivable) == [[], [SALES], [3 * SALES], [3 * SALES]]


def test_open_items(book: Bookkeeper) -> None:
    def items(now: Reading, day: date) -> list[str]:
        return [item.item for item in open_items(now, day, "D01").items]

    assert on_each_day(book, items) == [
        [], ["sales/S-1"], ["sales/S-1", "sales/S-2"], ["sales/S-1", "sales/S-2"],
    ]  # fmt: skip


@pytest.mark.parametrize("by_part", [True, False])
@pytest.mark.parametrize("age", Age)
def test_the_age_of_stock(book: Bookkeeper, age: Age, by_part: bool) -> None:
    def pieces(now: Reading, day: date) -> int:
        return inventory_ageing(now, day, age, by_part=by_part).total.quantity

    assert on_each_day(book, pieces) == [10, 9, 7, 7]


def test_stock_layer_by_layer(book: Bookkeeper) -> None:
    def pieces(now: Reading, day: date) -> list[int]:
        return [layer.quantity for layer in layers_on_hand(now, day)]

    assert on_each_day(book, pieces) == [[10], [9], [7], [7]]


def test_stock_summed_up(book: Bookkeeper) -> None:
    def sums(now: Reading, day: date) -> tuple[StockQuantity, ...]:
        return stock_quantities(now, as_of=day, show_empty=False)

    assert on_each_day(book, sums) == [
        (StockQuantity("W01", "P-1", pieces, pieces * 800),) for pieces in (10, 9, 7, 7)
    ]


def test_a_month_opens_with_what_was_before_its_first_day(book: Bookkeeper) -> None:
    with book.look() as now:
        may, june = (dealer_statement(now, "D01", month) for month in ("2025-05", "2025-06"))
    assert may is not None
    assert june is not None
    assert (may.opening_minor, may.closing_minor) == (0, SALES)
    assert (june.opening_minor, june.closing_minor) == (SALES, 3 * SALES)


def test_only_what_is_of_the_day_before_is_of_a_prior_period(book: Bookkeeper) -> None:
    book.state("2025-05")
    book.sell("S-3", date(2025, 5, 31), "P-1", 1)
    with book.look() as now:
        june = dealer_statement(now, "D01", "2025-06")
    assert june is not None
    assert [(row.document, row.prior_period) for row in june.rows] == [
        ("S-2", False),
        ("S-3", True),
    ]


def machine_sold(bookkeeper: Bookkeeper, return_days: int = 0) -> Bookkeeper:
    bookkeeper.open_for_business()
    bookkeeper.do(
        base_data.register_machine,
        serial="M-1", model="ZY55", dealer="D01", sold_on=date(2025, 1, 1), user="Zhao",
    )  # fmt: skip
    terms = policy(effective_from=date(2024, 1, 1), return_days=return_days)
    bookkeeper.do(base_data.set_policy, model="ZY55", terms=terms)
    return bookkeeper


def test_a_claim_is_under_way_from_its_first_day_to_the_one_before_it_ends(
    bookkeeper: Bookkeeper,
) -> None:
    """C-1 came in on 31 May, C-2 on 1 June; C-1 ends on 1 June, C-2 on 1 July."""
    machine_sold(bookkeeper)
    submit(bookkeeper, "C-1", date(2025, 5, 31))
    submit(bookkeeper, "C-2", date(2025, 6, 1))

    def pending() -> list[list[str]]:
        days = (*DAYS, date(2025, 6, 30), date(2025, 7, 1))
        with bookkeeper.look() as now:
            return [[claim.claim for claim in pending_claims(now, "D01", day)] for day in days]

    both = ["C-1", "C-2"]
    assert pending() == [[], ["C-1"], both, both, both, both]
    adjudicate(bookkeeper, "C-1", date(2025, 6, 1), (0, 0))
    adjudicate(bookkeeper, "C-2", date(2025, 7, 1), (0, 0))
    assert pending() == [[], ["C-1"], ["C-2"], ["C-2"], ["C-2"], []]


def test_what_was_approved_of_a_claim_is_known_from_the_day_of_the_decision(
    bookkeeper: Bookkeeper,
) -> None:
    """A part has to come back, so that the claim is under way after it was decided."""
    machine_sold(bookkeeper, return_days=30)
    lines = tuple(
        ClaimedItem(
            kind=ItemKind.MATERIAL, part="P-1", quantity=80,
            inspected_minor=amount, ordered_minor=amount, claimed_minor=amount,
        )
        for amount in (80_000, 20_000)
    )  # fmt: skip
    form = ClaimForm(
        dealer="D01", machine="M-1", user="Zhao", failed_on=date(2025, 5, 31), causal_part="P-1",
        fault_code="F-1", pre_inspection="PI", work_order="WO", settlement_sheet="SS",
        currency="CNY", items=lines,
    )  # fmt: skip
    occurrence = Occurrence(date(2025, 5, 31), "WO")
    bookkeeper.do(claiming.submit_claim, number="C-1", occurrence=occurrence, form=form)
    adjudicate(bookkeeper, "C-1", date(2025, 6, 1), (70_000, 20_000))
    with bookkeeper.look() as now:
        found = [pending_claims(now, "D01", day) for day in DAYS]

    assert [[claim.approved_minor for claim in claims] for claims in found] == [
        [], [None], [90_000], [90_000],
    ]  # fmt: skip
    assert [claim.claimed_minor for claim in found[1]] == [100_000]
