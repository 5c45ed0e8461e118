"""Steps of a document count in their order; who did all of them alone is not the one who checks."""

from typing import Any

from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.errors import InvalidValue, OutOfSequence, SamePerson
from domain.parts_back import Finding
from domain.parts_return import ReturnKind
from domain.transfer_lines import Resolution
from domain.use_cases import claiming, returning, settling, transferring
from tests.domain.account_steps import balance_minor
from tests.domain.claim_steps import FULL, decided, submitted
from tests.domain.desk import ANN, BOB, Desk, all_postings, on
from tests.domain.givens import CUSTODY, MAIN, NORTH, PUMP, sold, stocked_maker
from tests.domain.test_parts_return import announced, received, shipped, sold_and_claimed
from tests.domain.transfer_steps import lines, missing, resolved, sent

AUGUST = "D01/2025-08"


def test_a_claim_is_not_decided_on_a_day_before_it_was_submitted() -> None:
    facts = submitted().refused(
        OutOfSequence, claiming.adjudicate_claim, actor=BOB,
        number="C1", occurrence=on(7, 11), decisions=FULL,
    )  # fmt: skip

    assert facts == {"step": "submitted", "step_on": "2025-07-12", "on": "2025-07-11"}


def test_a_credit_is_not_charged_back_on_a_day_before_it_was_given() -> None:
    desk = submitted()
    decided(desk, FULL)
    facts = desk.refused(
        OutOfSequence, claiming.charge_back_claim,
        number="C1", occurrence=on(7, 12), because="audit",
    )  # fmt: skip

    assert facts == {"step": "credited", "step_on": "2025-07-13", "on": "2025-07-12"}


def test_a_part_is_not_asked_back_on_a_day_before_its_claim_was_approved_or_it_was_sold() -> None:
    """Otherwise a credit could count before the claim."""
    desk = sold_and_claimed()
    parcel: dict[str, Any] = {"number": "R1", "part": PUMP, "quantity": 1, "to_place": CUSTODY}
    defective = desk.refused(
        OutOfSequence, returning.request_defective_return,
        claim="C1", occurrence=on(7, 12), **parcel,
    )  # fmt: skip
    good = desk.refused(
        OutOfSequence, returning.request_good_return,
        sale="SA1", occurrence=on(7, 14), **parcel,
    )  # fmt: skip

    assert defective == {"step": "approved", "step_on": "2025-07-13", "on": "2025-07-12"}
    assert good == {"step": "sold", "step_on": "2025-07-15", "on": "2025-07-14"}
    desk.do(
        returning.request_defective_return, claim="C1", occurrence=on(7, 13), **parcel
    )  # Control: the day itself.


def test_a_part_is_not_inspected_on_a_day_before_it_was_received() -> None:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD)
    shipped(desk)
    received(desk)
    facts = desk.refused(
        OutOfSequence, returning.inspect_return,
        number="R1", occurrence=on(7, 17), finding=Finding.NO_FAULT_FOUND,
    )  # fmt: skip

    assert facts == {"step": "received", "step_on": "2025-07-18", "on": "2025-07-17"}


def test_parts_are_not_sent_on_a_day_before_they_were_asked_for() -> None:
    desk = stocked_maker()
    desk.do(
        transferring.request_transfer,
        number="T1", occurrence=on(7, 12), from_place=MAIN, to_place=NORTH, lines=lines(1),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    facts = desk.refused(
        OutOfSequence, transferring.dispatch_transfer, number="T1", occurrence=on(7, 11)
    )

    assert facts == {"step": "approved", "step_on": "2025-07-12", "on": "2025-07-11"}


def test_who_found_all_pieces_missing_does_not_close_the_transfer_alone() -> None:
    desk = sent(2)
    missing(desk, 2)
    resolved(desk, 2, Resolution.WRITE_OFF)

    desk.refused(SamePerson, transferring.close_transfer, actor=ANN, number="T1")
    desk.do(transferring.close_transfer, actor=BOB, number="T1")


def test_only_lines_of_its_own_month_can_be_disputed_on_a_statement() -> None:
    desk = stocked_maker()
    sold(desk, 1)  # Version 2 of the account, in July.
    sold(desk, 1, number="S-AUG", occurrence=on(8, 5))  # Version 3, in August.
    sold(desk, 1, number="S-JUL")  # Version 4, in July again.
    desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    desk.do(settling.review_statement, actor=BOB, number="D01/2025-07")

    desk.refused(
        InvalidValue, settling.dispute_line,
        number="D01/2025-07", line_version=3, because="price",
    )  # fmt: skip
    for version in (2, 4):
        desk.do(settling.dispute_line, number="D01/2025-07", line_version=version, because="price")


def test_tax_on_claims_goes_back_in_a_month_with_more_charged_back_than_credited() -> None:
    desk = settled_in_july()
    desk.do(claiming.charge_back_claim, number="C1", occurrence=on(8, 4), because="audit")
    desk.do(settling.issue_statement, dealer="D01", month="2025-08")
    content_hash = desk.the(DealerSettlement, AUGUST).statement.content_hash
    desk.do(settling.review_statement, actor=BOB, number=AUGUST)
    desk.do(settling.confirm_statement, number=AUGUST, content_hash=content_hash)
    facts = desk.do(
        settling.invoice_settlement, number=AUGUST, occurrence=on(9, 1), claims_invoice="CI-2"
    )

    assert ("2221.in", "", -325) in all_postings(facts), "13 % of 25.00, as it was claimed"
    assert ("2241", "dealers/D01", 325) in all_postings(facts)
    assert balance_minor(desk.the(DealerAccount, "D01")) == 0


def settled_in_july() -> Desk:
    """A claim of 25.00 was credited in July, and its tax of 3.25 in August."""
    desk = submitted()
    decided(desk, FULL)
    desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    desk.do(settling.review_statement, actor=BOB, number="D01/2025-07")
    content_hash = desk.the(DealerSettlement, "D01/2025-07").statement.content_hash
    desk.do(settling.confirm_statement, number="D01/2025-07", content_hash=content_hash)
    desk.do(
        settling.invoice_settlement,
        number="D01/2025-07", occurrence=on(8, 2), claims_invoice="CI-1",
    )  # fmt: skip
    return desk
