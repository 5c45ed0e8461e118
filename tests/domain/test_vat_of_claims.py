"""Claims are taxed at the rate of the day they are decided, and just that tax is taken back.

A pump costs 19.99, at 13 % until the end of July and at 9 % from August on.
"""

from datetime import date
from decimal import Decimal

import pytest

from domain.credit_progress import Credit
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.errors import NoVatRate
from domain.facts import Fact
from domain.parts_back import Finding
from domain.use_cases import base_data, claiming, returning, settling
from domain.use_cases.booking import Occurrence
from domain.values import of_rate
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import RETURNABLE, asked_back, decided, decision, found, submitted
from tests.domain.desk import BOB, Desk, all_postings, d, on, only
from tests.domain.givens import CUSTODY, LIST, PUMP, form, item, stocked_maker
from tests.domain.test_vat_of_sales import changing
from tests.small_maker import terms

VAT = Decimal("0.13")
JULY, AUGUST = "D01/2025-07", "D01/2025-08"


def claimed(
    desk: Desk, number: str, *amounts: int, failed_on: date, dealer: str = "D01", **changes: object
) -> None:
    desk.do(
        claiming.submit_claim, number=number, occurrence=on(7, 12),
        form=form(
            failed_on=failed_on, dealer=dealer, items=tuple(item(amount) for amount in amounts),
            **changes,
        ),
    )  # fmt: skip


def approved(desk: Desk, number: str, *amounts: int, occurrence: Occurrence) -> list[Fact]:
    return desk.do(
        claiming.adjudicate_claim, actor=BOB, number=number, occurrence=occurrence,
        decisions=tuple(decision(n, amount, "-") for n, amount in enumerate(amounts, start=1)),
    )  # fmt: skip


def registered(desk: Desk, dealer: str, currency: str, rate: str | None) -> None:
    """A dealer, and a machine of its own that can be claimed for."""
    own = None if rate is None else Decimal(rate)
    desk.do(
        base_data.register_dealer,
        code=dealer, terms=terms(currency, claims_vat_rate=own),
    )  # fmt: skip
    desk.do(
        base_data.register_machine,
        serial=f"M-{dealer}", model="ZY16", dealer=dealer, sold_on=d(1, 1), user="U1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "rate", "tax"), [(on(7, 31), "0.13", 325), (on(8, 1), "0.09", 225)]
)
def test_a_claim_is_taxed_at_the_settlement_rate_of_the_day_it_was_decided(
    day: Occurrence, rate: str, tax: int
) -> None:
    desk = changing()
    claimed(desk, "C1", 2000, 500, failed_on=d(7, 10))
    facts = approved(desk, "C1", 2000, 500, occurrence=day)

    credit = only(facts, WarrantyClaim.Credited)
    assert (credit.currency, credit.net_minor, credit.tax_minor) == ("CNY", 2500, tax)
    assert credit.vat_rate == Decimal(rate)
    assert only(facts, DealerAccount.ClaimCredited).claims_tax_minor == tax


def test_the_rate_is_that_of_the_decision_where_the_credit_waits_for_a_part() -> None:
    desk = changing()
    desk.do(
        claiming.submit_claim, number="C1", occurrence=on(7, 12),
        form=form(machine="S2", user="U2"),
    )  # fmt: skip
    approved(desk, "C1", 2000, 500, occurrence=on(7, 31))
    desk.do(
        returning.request_defective_return, number="R1", occurrence=on(8, 1), claim="C1",
        part=PUMP, quantity=1, to_place=CUSTODY,
    )  # fmt: skip
    for step in (returning.ship_return, returning.receive_return):
        desk.do(step, number="R1", occurrence=on(8, 2))
    facts = desk.do(
        returning.inspect_return, number="R1", occurrence=on(8, 3), finding=Finding.CONFIRMED
    )

    assert only(facts, WarrantyClaim.Credited).tax_minor == 325


@pytest.mark.parametrize(
    ("rate", "tax", "decided_by"),
    [
        ("0.03", 15, ("dealers/D11", 1)),
        ("0", 0, ("dealers/D11", 1)),
        (None, 65, (f"price-lists/{LIST}", 1)),
    ],
)
def test_a_dealer_invoices_its_claims_at_a_rate_of_its_own_where_it_has_one(
    rate: str | None, tax: int, decided_by: tuple[str, int]
) -> None:
    desk = stocked_maker()
    registered(desk, "D11", "CNY", rate)
    claimed(desk, "C1", 500, failed_on=d(7, 10), dealer="D11", machine="M-D11")
    facts = approved(desk, "C1", 500, occurrence=on(7, 13))

    assert only(facts, WarrantyClaim.Credited).tax_minor == tax
    vat = only(facts, WarrantyClaim.Approved).vat
    assert (vat.stream, vat.version) == decided_by


def test_without_any_rate_nothing_is_approved_but_a_claim_can_be_rejected() -> None:
    desk = stocked_maker()
    registered(desk, "D11", "JPY", None)
    for number, day in (("C1", 10), ("C2", 9)):
        claimed(desk, number, 500, failed_on=d(7, day), dealer="D11", machine="M-D11",
                currency="JPY")  # fmt: skip

    facts = desk.refused(
        NoVatRate, claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 13),
        decisions=(decision(1, 1, "-"),),
    )  # fmt: skip

    assert facts == {"price_list": "settlement-JPY", "on": "2025-07-13"}
    only(approved(desk, "C2", 0, occurrence=on(7, 13)), WarrantyClaim.Rejected)


def stated_and_confirmed(desk: Desk, number: str) -> None:
    dealer, _, month = number.partition("/")
    desk.do(settling.issue_statement, dealer=dealer, month=month)
    desk.do(settling.review_statement, actor=BOB, number=number)
    content_hash = desk.the(DealerSettlement, number).statement.content_hash
    desk.do(settling.confirm_statement, number=number, content_hash=content_hash)


def invoiced(desk: Desk, number: str, occurrence: Occurrence) -> list[tuple[str, str, int]]:
    """What is posted when the month's invoices are matched."""
    stated_and_confirmed(desk, number)
    facts = desk.do(
        settling.invoice_settlement, number=number, occurrence=occurrence,
        sales_invoice="SI-1", claims_invoice="CI-1",
    )  # fmt: skip
    return all_postings(facts)


def test_the_claims_invoice_has_the_sum_of_the_taxes_and_not_the_tax_of_the_sum() -> None:
    desk = stocked_maker()
    for number, day in (("C1", 10), ("C2", 9), ("C3", 8)):
        claimed(desk, number, 4, failed_on=d(7, day))
        approved(desk, number, 4, occurrence=on(7, 13))

    postings = invoiced(desk, JULY, on(8, 2))

    assert postings == [("2221.in", "", 3), ("2241", "dealers/D01", -3)]  # 12 × 13 % is 2.


def test_a_charge_back_takes_back_exactly_the_tax_of_its_credit_whatever_the_rate_is_then() -> None:
    desk = changing()
    claimed(desk, "C1", 2000, 500, failed_on=d(7, 10))
    approved(desk, "C1", 2000, 500, occurrence=on(7, 13))
    assert desk.the(WarrantyClaim, "C1").progress.total == Credit(2500, 325)
    before = invoiced(desk, JULY, on(8, 2))

    back = desk.do(claiming.charge_back_claim, number="C1", occurrence=on(8, 20), because="audit")
    charged_back = only(back, WarrantyClaim.ChargedBack)
    after = invoiced(desk, AUGUST, on(9, 2))

    assert (charged_back.currency, charged_back.net_minor, charged_back.tax_minor) == (
        "CNY", 2500, 325,
    )  # fmt: skip
    assert only(back, DealerAccount.ClaimChargedBack).claims_tax_minor == -325
    assert before == [("2221.in", "", 325), ("2241", "dealers/D01", -325)]
    assert after == [("2221.in", "", -325), ("2241", "dealers/D01", 325)]
    assert desk.the(DealerAccount, "D01").items.keys() == {
        "claims/C1", "claims/C1/chargeback", f"settlements/{JULY}/claims-tax",
        f"settlements/{AUGUST}/claims-tax",
    }  # fmt: skip


def test_the_taxes_of_several_credits_are_together_that_of_the_whole() -> None:
    """Three pumps for 49.11: two are credited, 32.74 with 4.26 of tax, and later the third one,
    16.37. Its tax by itself would be 2.13, and that of all three is 6.38."""
    desk = submitted(items=(item(4911, PUMP, 3),), **RETURNABLE)
    decided(desk, (decision(1, 4911),))
    for number, quantity, finding in (("R1", 2, Finding.CONFIRMED), ("R2", 1, Finding.MISUSE)):
        asked_back(desk, number, quantity)
        found(desk, number, finding)
    asked_back(desk, "R3", day=18)
    found(desk, "R3", Finding.CONFIRMED, day=21)

    given = [
        (fact.net_minor, fact.tax_minor)
        for fact in desk.stream("claims/C1")
        if isinstance(fact, WarrantyClaim.Credited)
    ]
    assert given == [(3274, 426), (1637, 212)]
    assert desk.the(WarrantyClaim, "C1").progress.total == Credit(4911, 638)
    assert (of_rate(1637, VAT), of_rate(4911, VAT)) == (213, 638), "the control"
    back = desk.do(claiming.charge_back_claim, number="C1", occurrence=on(7, 22), because="audit")
    assert only(back, DealerAccount.ClaimChargedBack).claims_tax_minor == -638
