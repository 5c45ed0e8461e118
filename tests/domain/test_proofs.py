"""A month is closed for good by two people, on figures that agree and are still true."""

import hashlib

import pytest

from domain.accounting_period import CALENDAR, AccountingPeriod, PeriodState
from domain.errors import ProofFailed, SamePerson, Stale
from domain.proofs import Compared, Proof, ProofKind
from domain.use_cases import closing
from tests.domain.desk import ANN, BOB, Desk, d, on, only
from tests.domain.givens import bought, stocked_maker

JULY = "2025-07"
W01 = Compared(ProofKind.STOCK, "places/W01", "CNY", 16_000, 16_000)
W02 = Compared(ProofKind.STOCK, "places/W02", "CNY", 500, 500)
D01 = Compared(ProofKind.OPEN_ITEMS, "1122 dealers/D01", "CNY", 2_259, 2_259)


def asked_for_july() -> Desk:
    desk = stocked_maker()
    desk.do(closing.soft_close, month=JULY)
    desk.do(closing.request_hard_close, actor=ANN, month=JULY)
    return desk


def state(desk: Desk) -> PeriodState:
    return desk.the(AccountingPeriod, CALENDAR).state(JULY)


def test_a_hard_close_takes_two_people() -> None:
    desk = asked_for_july()
    figures = desk.figures(W01)
    facts = desk.refused(SamePerson, closing.hard_close, actor=ANN, month=JULY, figures=figures)
    assert facts == {"actor": ANN, "made": "requested", "action": "hard-close"}

    desk.do(closing.hard_close, actor=BOB, month=JULY, figures=figures)

    assert state(desk) is PeriodState.HARD_CLOSED
    assert desk.the(AccountingPeriod, CALENDAR).hard_closing is None


def test_a_request_is_for_one_month_and_void_when_that_is_opened_again() -> None:
    desk = stocked_maker()
    desk.do(closing.soft_close, actor=ANN, month=JULY)
    desk.do(closing.request_hard_close, actor=BOB, month=JULY)

    def not_by(actor: str, month: str) -> str:
        figures = desk.figures()
        told = desk.refused(
            SamePerson, closing.hard_close, actor=actor, month=month, figures=figures
        )
        return told["made"]

    assert not_by(BOB, JULY) == "requested"
    assert not_by(ANN, "2025-06") == "soft-closed"
    desk.do(closing.request_reopening, actor=ANN, month=JULY)
    desk.do(closing.reopen, actor=BOB, month=JULY)
    desk.do(closing.soft_close, actor=ANN, month=JULY)

    assert not_by(ANN, JULY) == "soft-closed"


@pytest.mark.parametrize(
    ("wrong", "difference"),
    [
        (W02._replace(figure_minor=501), "1"),
        (W02._replace(account_minor=501), "-1"),
        (D01._replace(figure_minor=-2_259), "-4518"),
    ],
)
def test_figures_that_differ_are_named_with_their_difference(
    wrong: Compared, difference: str
) -> None:
    desk = asked_for_july()
    figures = desk.figures(W01, wrong)

    facts = desk.refused(ProofFailed, closing.hard_close, actor=BOB, month=JULY, figures=figures)

    assert facts == {
        "month": JULY, "proof": wrong.proof, "of": wrong.of, "currency": "CNY",
        "figure_minor": str(wrong.figure_minor), "account_minor": str(wrong.account_minor),
        "difference_minor": difference, "position": str(figures.position),
    }  # fmt: skip
    assert state(desk) is PeriodState.SOFT_CLOSED
    desk.do(closing.hard_close, actor=BOB, month=JULY, figures=desk.figures(W01, W02, D01))


def test_differences_that_add_up_to_nothing_are_differences() -> None:
    desk = asked_for_july()
    figures = desk.figures(W01._replace(figure_minor=15_999), W02._replace(figure_minor=501))

    desk.refused(ProofFailed, closing.hard_close, actor=BOB, month=JULY, figures=figures)


def test_a_dealer_with_lines_that_are_not_stated_is_named() -> None:
    desk = asked_for_july()
    figures = desk.figures(W01, not_stated=("D01", "D07"))

    facts = desk.refused(ProofFailed, closing.hard_close, actor=BOB, month=JULY, figures=figures)

    assert (facts["proof"], facts["of"]) == ("statements", "D01, D07")


def test_the_figures_are_kept_in_the_fact() -> None:
    desk = asked_for_july()
    figures = desk.figures(W02, D01, W01)._replace(dealers_with_lines=3)

    facts = desk.do(closing.hard_close, actor=BOB, month=JULY, figures=figures)

    closed = only(facts, AccountingPeriod.HardClosed)
    assert (closed.month, closed.proved_at) == (JULY, figures.position)
    assert (closed.dealers_with_lines, closed.dealers_stated) == (3, 3)
    items = hashlib.sha256(b"1122 dealers/D01|2259|2259\n").hexdigest()
    stock = hashlib.sha256(b"places/W01|16000|16000\nplaces/W02|500|500\n").hexdigest()
    assert closed.proofs == (
        Proof(proof=ProofKind.OPEN_ITEMS, currency="CNY", compared=1, figure_minor=2_259,
              account_minor=2_259, fingerprint=items),
        Proof(proof=ProofKind.STOCK, currency="CNY", compared=2, figure_minor=16_500,
              account_minor=16_500, fingerprint=stock),
    )  # fmt: skip


def test_figures_from_before_an_approved_entry_are_not_good_any_more() -> None:
    """Nothing enters the month without the calendar, so its version tells."""
    desk = asked_for_july()
    desk.approve(JULY, "DN-9", "purchases", "suppliers/SUP1", -5)
    before = desk.figures(W01)
    bought(desk, 1, 5, on(7, 31, "DN-9"))

    facts = desk.refused(Stale, closing.hard_close, actor=BOB, month=JULY, figures=before)

    assert facts == {
        "key": "periods/calendar", "etag": str(before.calendar_version),
        "current": str(before.calendar_version + 1),
    }  # fmt: skip
    desk.do(closing.hard_close, actor=BOB, month=JULY, figures=desk.figures(W01))


def test_what_is_entered_into_open_months_leaves_the_figures_true() -> None:
    """The control."""
    desk = asked_for_july()
    before = desk.figures(W01)
    bought(desk, 1, 5, on(8, 1))

    desk.do(closing.hard_close, actor=BOB, month=JULY, figures=before)

    assert desk.the(AccountingPeriod, CALENDAR).first_open_day() == d(8, 1)
