"""What of a claim is due, credited and refused, piece by piece; its pumps come to 0.03 in all."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest

from domain.claim_lines import ClaimItem, ItemAmount, ItemDecision, ItemKind
from domain.conversion import Conversion
from domain.credit_progress import Credit, CreditFact, CreditProgress
from domain.days import Days, Done
from domain.parts_back import PartsBack, ReturnedPieces, owed_back
from domain.vat import VatRate
from tests.domain.desk import d
from tests.domain.givens import PUMP

DECIDED = Done("approved", Days(d(7, 13), d(7, 13)))
VAT = VatRate(rate=Decimal("0.13"), stream="price-lists/settlement-CNY", version=1)
DOLLAR = Conversion(
    from_currency="USD", to_currency="CNY", rate=Decimal("7.1"), effective_from=date(2025, 1, 1),
    source="PBOC", stream="exchange-rates/USD-CNY", version=1,
)  # fmt: skip


def pumps(amount: int, quantity: int = 1) -> tuple[ClaimItem, ...]:
    return (
        ClaimItem(
            item=1, kind=ItemKind.MATERIAL, part=PUMP, quantity=quantity, inspected_minor=amount,
            ordered_minor=amount, claimed_minor=amount,
        ),
    )  # fmt: skip


def approved(amount: int, quantity: int = 1) -> CreditProgress:
    """Pumps that were approved and must come back."""
    decisions = (ItemDecision(item=1, approved_minor=amount),)
    owed = owed_back(pumps(amount, quantity), decisions)
    return CreditProgress.after(DECIDED, decisions, VAT, owed)


def back(
    progress: CreditProgress,
    number: str,
    confirmed: bool,
    items: tuple[ClaimItem, ...],
    day: date,
) -> CreditProgress:
    """Pieces that are under way, as inspection found them on a day."""
    left = progress.left_after(items, number, confirmed)
    return progress.inspected(number, confirmed, left, Days(day, day))


def one(again: int = 0) -> tuple[ReturnedPieces, ...]:
    return (ReturnedPieces(item=1, quantity=1, again=again),)


def credited(progress: CreditProgress, credit: Credit) -> CreditProgress:
    return progress.after_credit(
        progress.due, cast(CreditFact, SimpleNamespace(**credit._asdict()))
    )


def test_nothing_is_due_while_a_piece_is_waited_for() -> None:
    waiting = approved(3).announced("R1", one())
    assert waiting.due == ()

    come = back(waiting, "R1", True, pumps(3), d(7, 17))
    assert come.due == (ItemAmount(item=1, amount_minor=3),)
    assert credited(come, come.next_credit(None)).due == ()


def test_what_is_due_is_taxed_by_itself_where_nothing_was_credited_before() -> None:
    """13 % of 0.03 are nothing, and of 0.04 0.01."""
    for amount, tax in ((3, 0), (4, 1)):
        decisions = (ItemDecision(item=1, approved_minor=amount),)
        progress = CreditProgress.after(DECIDED, decisions, VAT, PartsBack())
        assert progress.next_credit(None) == Credit(amount, tax, None)
        assert progress.next_credit(DOLLAR) == Credit(amount, tax, {3: 21, 4: 28}[amount])


@pytest.mark.parametrize(
    ("worth", "sum_of_both"), [((710, 71), 781), ((710, -71), 639), ((None, None), None)]
)
def test_credits_are_added_up_with_their_tax_and_worth(
    worth: tuple[int | None, int | None], sum_of_both: int | None
) -> None:
    first, second = (ItemAmount(item=n, amount_minor=100 * n) for n in (1, 2))
    progress = CreditProgress(DECIDED, DECIDED)
    for amount, functional in zip((first, second), worth, strict=True):
        fact = SimpleNamespace(tax_minor=13, net_functional_minor=functional)
        progress = progress.after_credit((amount,), cast(CreditFact, fact))

    assert progress.total == Credit(300, 26, sum_of_both)
    assert progress.credited == {1: 100, 2: 200}
    assert progress.open_items("claims/C1") == ["claims/C1", "claims/C1/credit-2"]
    assert CreditProgress(DECIDED, DECIDED).open_items("claims/C1") == []


def test_something_is_left_while_a_refused_piece_is_on_its_way_again() -> None:
    items = pumps(3)
    waiting = approved(3).announced("R1", one())
    assert not waiting.nothing_left

    refused = back(waiting, "R1", False, items, d(7, 17))
    assert refused.nothing_left
    again = refused.announced("R2", one(again=1))
    assert not again.nothing_left
    assert back(again, "R2", False, items, d(7, 19)).nothing_left
    assert not back(again, "R2", True, items, d(7, 19)).nothing_left


def test_something_is_left_while_a_piece_is_missing_though_its_share_is_nought() -> None:
    """One of three pumps for 0.01 is 0.003, which is nothing."""
    items, progress = pumps(1, 3), approved(1, 3)
    for number, day in (("R1", 17), ("R2", 18)):
        progress = back(progress.announced(number, one()), number, False, items, d(7, day))
    assert (progress.approved_minor, progress.nothing_left) == (0, False)

    last = back(progress.announced("R3", one()), "R3", False, items, d(7, 19))
    assert last.nothing_left


def test_the_latest_refusal_is_that_of_the_latest_day_in_whatever_order_they_are_entered() -> None:
    items, progress = pumps(3, 3), approved(3, 3)
    assert (progress.refused, progress.latest) == (None, DECIDED)
    for number, confirmed, day in (("R1", False, 18), ("R2", False, 17), ("R3", True, 19)):
        progress = back(progress.announced(number, one()), number, confirmed, items, d(7, day))

    assert progress.refused == Done("inspected", Days(d(7, 18), d(7, 18)))
    assert progress.latest == Done("inspected", Days(d(7, 19), d(7, 19)))
