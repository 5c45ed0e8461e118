"""Terms, deadlines, windows of a claim: their first day, their last, and those beside them."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import ChargebackWindowOver, LateSubmission, OutOfSequence, OutOfWarranty
from domain.months import months_after
from domain.use_cases import base_data, claiming
from domain.use_cases.booking import Occurrence
from tests.domain.claim_steps import FULL, charged_back
from tests.domain.desk import BOB, Desk, d, kinds
from tests.domain.givens import LIST, PUMP, form, maker
from tests.small_maker import policy

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 7, 1), 6, date(2026, 1, 1)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2025, 11, 30), 1, date(2025, 12, 30)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2025, 10, 31), 1, date(2025, 11, 30)),
        (date(2025, 1, 28), 1, date(2025, 2, 28)),
        (date(2025, 1, 29), 1, date(2025, 2, 28)),
        (date(2024, 1, 29), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 2, 28), 12, date(2026, 2, 28)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2199, 12, 31), 240, date(2219, 12, 31)),
    ],
)
def test_months_later_is_the_same_day_and_at_most_the_last_of_the_month(
    day: date, months: int, later: date
) -> None:
    assert months_after(day, months) == later


def sold_on(day: date, **terms: object) -> Desk:
    """Machine S9 under a policy of these terms; a claim may come in a year after the failure."""
    desk = maker()
    agreed = policy(**({"submission_days": 365, "return_days": 0} | terms))
    desk.do(
        base_data.set_price, price_list=LIST, part=PUMP, effective_from=date(2020, 1, 1),
        unit_price_minor=1999,
    )  # fmt: skip
    desk.do(base_data.set_policy, model="ZY99", terms=agreed)
    desk.do(
        base_data.register_machine,
        serial="S9", model="ZY99", dealer="D01", sold_on=day, user="U9",
    )  # fmt: skip
    return desk


def claim_of(failed_on: date, submitted_on: date | None = None) -> dict[str, Any]:
    return {
        "number": f"C-{failed_on}-{submitted_on}",
        "occurrence": Occurrence(submitted_on or failed_on),
        "form": form(machine="S9", user="U9", failed_on=failed_on),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sale", "term_months", "until"),
    [
        (date(2025, 1, 1), 6, date(2025, 7, 1)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 12, 31), 1, date(2025, 1, 31)),
        (date(2024, 12, 1), 1, date(2025, 1, 1)),
    ],
)
def test_a_machine_is_covered_from_the_day_of_sale_to_the_same_day_months_later(
    sale: date, term_months: int, until: date
) -> None:
    desk = sold_on(sale, term_months=term_months)
    for outside in (sale - DAY, until + DAY):
        facts = desk.refused(OutOfWarranty, claiming.submit_claim, **claim_of(outside))
        assert facts == {
            "machine": "S9", "failed_on": str(outside), "covered_from": str(sale),
            "covered_until": str(until),
        }  # fmt: skip

    for inside in (sale, sale + DAY, until - DAY, until):
        desk.do(claiming.submit_claim, **claim_of(inside))


@pytest.mark.parametrize(
    ("failed_on", "days", "latest"),
    [
        (d(6, 30), 0, d(6, 30)),
        (d(6, 30), 1, d(7, 1)),
        (d(7, 1), 30, d(7, 31)),
        (d(2, 28), 1, d(3, 1)),
        (date(2024, 2, 28), 1, date(2024, 2, 29)),
        (date(2024, 12, 31), 1, d(1, 1)),
    ],
)
def test_a_claim_comes_in_from_the_day_of_the_failure_to_the_last_day_of_its_time(
    failed_on: date, days: int, latest: date
) -> None:
    def given() -> Desk:
        return sold_on(date(2023, 1, 1), term_months=60, submission_days=days)

    for outside in (failed_on - DAY, latest + DAY):
        facts = given().refused(
            LateSubmission, claiming.submit_claim, **claim_of(failed_on, outside)
        )
        assert facts == {
            "failed_on": str(failed_on), "latest": str(latest), "submitted_on": str(outside),
        }  # fmt: skip

    for inside in {failed_on, latest}:
        given().do(claiming.submit_claim, **claim_of(failed_on, inside))


def credited_on(day: date, months: int) -> Desk:
    """Claim C1, with so many months to charge it back in."""
    desk = sold_on(date(2023, 1, 1), term_months=60, chargeback_months=months)
    desk.do(claiming.submit_claim, **(claim_of(day) | {"number": "C1"}))
    desk.do(
        claiming.adjudicate_claim, actor=BOB,
        number="C1", occurrence=Occurrence(day), decisions=FULL,
    )  # fmt: skip
    return desk


@pytest.mark.parametrize(
    ("credit", "months", "until"),
    [
        (d(7, 13), 0, d(7, 13)),
        (d(1, 31), 1, d(2, 28)),
        (d(6, 30), 2, d(8, 30)),
        (date(2024, 8, 31), 6, d(2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, d(2, 28)),
        (date(2024, 12, 31), 12, d(12, 31)),
    ],
)
def test_a_credit_is_charged_back_from_its_day_to_the_same_day_months_later(
    credit: date, months: int, until: date
) -> None:
    facts = credited_on(credit, months).refused(
        OutOfSequence, claiming.charge_back_claim,
        number="C1", occurrence=Occurrence(credit - DAY), because="audit",
    )  # fmt: skip
    assert facts == {"step": "credited", "step_on": str(credit), "on": str(credit - DAY)}
    if until < d(12, 31):
        facts = credited_on(credit, months).refused(
            ChargebackWindowOver, claiming.charge_back_claim,
            number="C1", occurrence=Occurrence(until + DAY), because="audit",
        )  # fmt: skip
        assert facts == {"claim": "C1", "until": str(until), "on": str(until + DAY)}

    for inside in {credit, until}:
        facts_of_it = charged_back(credited_on(credit, months), inside)
        assert kinds(facts_of_it) == ["WarrantyClaim.ChargedBack", "DealerAccount.ClaimChargedBack"]
