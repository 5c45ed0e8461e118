"""Closing the book's months: in order, by two people where it is undone, and for ever."""

from typing import Any

import pytest

from domain.accounting_period import CALENDAR, AccountingPeriod, PeriodState
from domain.approvals import ApprovedEntry
from domain.errors import (
    FutureDate,
    NotAllowedInState,
    OutOfSequence,
    PeriodOutOfOrder,
    SamePerson,
)
from domain.facts import BookedFact
from domain.months import first_day, last_day, next_month, previous_month
from domain.proofs import NOTHING_READ
from domain.use_cases import closing
from domain.use_cases.booking import Occurrence
from tests.domain.desk import ANN, BOB, Desk, UseCase, d, kinds, on

JULY = "2025-07"


def closed_july() -> Desk:
    desk = Desk()
    desk.do(closing.soft_close, month=JULY)
    return desk


def state(desk: Desk, month: str) -> PeriodState:
    return desk.the(AccountingPeriod, CALENDAR).state(month)


def test_the_first_close_opens_the_calendar() -> None:
    desk = Desk()

    assert kinds(desk.do(closing.soft_close, month=JULY)) == [
        "AccountingPeriod.Opened", "AccountingPeriod.SoftClosed",
    ]  # fmt: skip
    assert [state(desk, month) for month in ("2025-06", JULY, "2025-08")] == [
        PeriodState.SOFT_CLOSED, PeriodState.SOFT_CLOSED, PeriodState.OPEN,
    ]  # fmt: skip


def test_a_refused_first_close_does_not_open_the_calendar_either() -> None:
    desk = Desk()
    facts = desk.refused(PeriodOutOfOrder, closing.soft_close, month="2025-12")

    assert facts == {"month": "2025-12", "on": "2025-12-31"}
    assert desk.log() is None


def test_a_month_can_be_closed_on_the_first_day_after_it() -> None:
    desk = Desk(today=d(8, 1))

    desk.do(closing.soft_close, month=JULY)

    assert state(desk, JULY) is PeriodState.SOFT_CLOSED


@pytest.mark.parametrize(
    ("use_case", "fields", "month", "found", "action"),
    [
        (closing.soft_close, {}, "2025-06", "soft_closed", "soft-close"),
        (closing.request_hard_close, {}, "2025-08", "open", "hard-close"),
        (closing.hard_close, {"figures": NOTHING_READ}, "2025-08", "open", "hard-close"),
        (closing.request_reopening, {}, "2025-08", "open", "reopen"),
        (closing.reopen, {}, "2025-08", "open", "reopen"),
        (closing.reopen, {}, JULY, "without a request", "reopen"),
    ],
)  # fmt: skip
def test_what_the_state_of_a_month_does_not_allow_is_refused(
    use_case: UseCase, fields: dict[str, Any], month: str, found: str, action: str
) -> None:
    facts = closed_july().refused(NotAllowedInState, use_case, month=month, **fields)

    assert facts == {"kind": "period", "key": month, "state": found, "action": action}


@pytest.mark.parametrize(
    ("use_case", "fields"),
    [
        (closing.soft_close, {}), (closing.request_hard_close, {}),
        (closing.hard_close, {"figures": NOTHING_READ}), (closing.request_reopening, {}),
        (closing.reopen, {}),
    ],
)  # fmt: skip
def test_a_hard_close_is_final(use_case: UseCase, fields: dict[str, Any]) -> None:
    desk = closed_july()
    desk.do(closing.request_reopening, month=JULY)
    desk.close_for_good(JULY)

    facts = desk.refused(NotAllowedInState, use_case, actor=BOB, month=JULY, **fields)

    assert facts["state"] == "hard_closed"


def test_closing_for_good_takes_two_people() -> None:
    desk = closed_july()
    assert desk.refused(
        SamePerson, closing.hard_close, actor=ANN, month=JULY, figures=desk.figures()
    ) == {"actor": ANN, "made": "soft-closed", "action": "hard-close"}  # fmt: skip

    desk.do(closing.hard_close, actor=BOB, month=JULY, figures=desk.figures())

    assert state(desk, JULY) is PeriodState.HARD_CLOSED


def test_who_asks_for_it_is_the_first_of_them() -> None:
    desk = closed_july()
    desk.do(closing.request_hard_close, actor=BOB, month=JULY)
    refused = desk.refused(
        SamePerson, closing.hard_close, actor=BOB, month=JULY, figures=desk.figures()
    )

    assert refused["made"] == "requested"
    desk.do(closing.hard_close, actor=ANN, month=JULY, figures=desk.figures())


def test_what_was_closed_with_a_later_month_was_closed_by_the_same_person() -> None:
    """June was closed with July, and stays closed when July is opened and closed by another."""
    desk = closed_july()
    desk.do(closing.request_reopening, actor=ANN, month=JULY)
    desk.do(closing.reopen, actor=BOB, month=JULY)
    desk.do(closing.soft_close, actor=BOB, month=JULY)

    for month, first, second in (("2025-06", ANN, BOB), (JULY, BOB, ANN)):
        desk.refused(
            SamePerson, closing.hard_close, actor=first, month=month, figures=desk.figures()
        )
        desk.do(closing.hard_close, actor=second, month=month, figures=desk.figures())


def test_reopening_takes_two_people_and_opens_all_later_months() -> None:
    desk = closed_july()
    desk.do(closing.request_reopening, actor=ANN, month="2025-06")
    assert desk.refused(SamePerson, closing.reopen, actor=ANN, month="2025-06") == {
        "actor": ANN, "made": "requested", "action": "reopen",
    }  # fmt: skip
    desk.refused(NotAllowedInState, closing.reopen, actor=BOB, month=JULY)

    desk.do(closing.reopen, actor=BOB, month="2025-06")

    assert [state(desk, month) for month in ("2025-05", "2025-06", JULY)] == [
        PeriodState.SOFT_CLOSED, PeriodState.OPEN, PeriodState.OPEN,
    ]  # fmt: skip


def test_a_request_to_reopen_is_good_for_one_reopening() -> None:
    desk = closed_july()
    desk.do(closing.request_reopening, month=JULY)
    desk.do(closing.reopen, actor=BOB, month=JULY)
    desk.do(closing.soft_close, month=JULY)

    desk.refused(NotAllowedInState, closing.reopen, actor=BOB, month=JULY)


def test_approvals_for_a_hard_closed_month_are_dropped_and_later_ones_stay() -> None:
    desk = Desk()
    desk.do(closing.soft_close, month="2025-08")
    for month, document in ((JULY, "DN-1"), ("2025-08", "DN-2")):
        desk.approve(month, document, "sales", "dealers/D01", 5, actor=ANN)

    desk.close_for_good(JULY)

    august = ApprovedEntry("2025-08", "DN-2", "sales", "dealers/D01", 5, "CNY")
    assert [*desk.the(AccountingPeriod, CALENDAR).approvals.values()] == [(august, ANN)]


def test_months_step_over_the_end_of_a_year() -> None:
    assert next_month("2025-12") == "2026-01"
    assert previous_month("2026-01") == "2025-12"
    assert (first_day("2024-02"), last_day("2024-02")) == (
        d(2, 1).replace(year=2024),
        d(2, 28).replace(year=2024, day=29),
    )


@pytest.mark.parametrize("document", ["", "DN-1"])
def test_what_is_done_to_a_month_keeps_its_day_and_counts_on_it(document: str) -> None:
    desk = closed_july()
    desk.close_for_good(JULY)
    today = desk.today
    facts = desk.do(closing.soft_close, month="2025-08", occurrence=Occurrence(today, document))

    assert [(fact.occurred_on, fact.effective_on, fact.document) for fact in facts
            if isinstance(fact, BookedFact)] == [(today, today, document or "2025-08")]  # fmt: skip


def test_a_step_is_taken_with_a_month_on_the_day_of_the_last_one_or_later() -> None:
    desk = Desk()
    desk.do(closing.soft_close, month=JULY, occurrence=on(9, 8))
    entry = ApprovedEntry(JULY, "DN", "sales", "dealers/D01", 5, "CNY")
    tries: list[tuple[UseCase, dict[str, Any]]] = [
        (closing.request_hard_close, {"month": JULY}), (closing.request_reopening, {"month": JULY}),
        (closing.approve_entry, {"entry": entry}),
    ]  # fmt: skip
    for use_case, fields in tries:
        facts = desk.refused(OutOfSequence, use_case, occurrence=on(9, 7), **fields)
        assert facts == {"step": "soft-closed", "step_on": "2025-09-08", "on": "2025-09-07"}

    desk.close_for_good(JULY, on(9, 8))
    desk.refused(OutOfSequence, closing.soft_close, month="2025-08", occurrence=on(9, 7))
    desk.do(closing.soft_close, month="2025-08", occurrence=on(9, 8))


def test_each_step_taken_with_a_month_is_the_one_that_the_next_comes_after() -> None:
    """One a day from 6 September on; soft-closing August the day before is always too early."""
    desk = Desk()
    entry = ApprovedEntry(JULY, "DN", "sales", "dealers/D01", 5, "CNY")
    steps: list[tuple[str, UseCase, dict[str, Any]]] = [
        ("soft-closed", closing.soft_close, {"month": JULY}),
        ("had an entry approved", closing.approve_entry, {"entry": entry}),
        ("asked to be reopened", closing.request_reopening, {"month": JULY}),
        ("reopened", closing.reopen, {"month": JULY, "actor": BOB}),
        ("soft-closed", closing.soft_close, {"month": JULY}),
        ("asked to be hard-closed", closing.request_hard_close, {"month": JULY}),
        ("hard-closed", closing.hard_close, {"month": JULY, "actor": BOB}),
    ]
    for day, (name, use_case, fields) in enumerate(steps, start=6):
        if use_case is closing.hard_close:
            fields["figures"] = desk.figures()
        desk.do(use_case, occurrence=on(9, day), **fields)

        early = on(9, day - 1)
        told = desk.refused(OutOfSequence, closing.soft_close, month="2025-08", occurrence=early)
        assert (told["step"], told["step_on"]) == (name, f"2025-09-{day:02}")


def test_nothing_is_done_to_a_month_tomorrow() -> None:
    desk = Desk(today=d(8, 9))

    facts = desk.refused(FutureDate, closing.soft_close, month=JULY, occurrence=on(8, 10))

    assert facts == {"date": "2025-08-10", "today": "2025-08-09"}
