"""A memo takes accounts, net amount and tax from the line it corrects, and is at most that line.

In July D01 bought two pumps, 39.98 and 5.20 of tax (line 2 of its account), was credited a claim of
5.00 with 0.65 of tax (line 3), and paid 1.00 (line 4).
"""

from typing import Any

import pytest

from domain import accounts
from domain.account_facts import AccountFact, ClaimsFact
from domain.claim_lines import ItemDecision
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.errors import InvalidValue, OverMemo, SamePerson
from domain.facts import Fact
from domain.lines import Posting
from domain.memos import correction
from domain.parts_back import Finding
from domain.use_cases import claiming, returning, selling, settling
from domain.use_cases.booking import Occurrence
from domain.values import share
from tests.domain.desk import ANN, BOB, Desk, all_postings, d, on, only
from tests.domain.givens import CUSTODY, PUMP, form, item, sold, stocked_maker

JULY, AUGUST = "D01/2025-07", "D01/2025-08"
DEALER = "dealers/D01"
SALE, CLAIM, PAYMENT = 2, 3, 4
GROSS, TAX = 3998 + 520, 520


def traded() -> Desk:
    desk = stocked_maker()
    sold(desk, 2)
    desk.do(claiming.submit_claim, number="C1", occurrence=on(7, 16), form=form(items=(item(500),)))
    desk.do(
        claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 17),
        decisions=(ItemDecision(item=1, approved_minor=500),),
    )  # fmt: skip
    desk.do(
        selling.receive_payment, number="PM1", occurrence=on(7, 18), dealer="D01",
        amount_minor=100, currency="CNY",
    )  # fmt: skip
    return desk


def stated(desk: Desk, number: str = JULY) -> Desk:
    desk.do(settling.issue_statement, dealer="D01", month=number[4:])
    desk.do(settling.review_statement, actor=BOB, number=number)
    return desk


def resolved(desk: Desk, line: int, memo: int, occurrence: Occurrence | None = None) -> list[Fact]:
    """Disputed by Ann, resolved by Bob in August."""
    desk.do(settling.dispute_line, number=JULY, line_version=line, because="price")
    return desk.do(
        settling.resolve_dispute, actor=BOB, number=JULY,
        occurrence=occurrence or on(8, 3, "MEMO-1"), line_version=line, memo_minor=memo,
        because="agreed",
    )  # fmt: skip


def invoiced(desk: Desk, number: str, occurrence: Occurrence, **numbers: str) -> list[Fact]:
    content_hash = desk.the(DealerSettlement, number).statement.content_hash
    desk.do(settling.confirm_statement, number=number, content_hash=content_hash)
    both = {"sales_invoice": "SI-1", "claims_invoice": "CI-1"}
    return desk.do(
        settling.invoice_settlement, number=number, occurrence=occurrence, **(both | numbers)
    )


def balances(desk: Desk) -> dict[str, int]:
    """By account, whatever the party; stock left out."""
    sums: dict[str, int] = {}
    for account, _, amount in all_postings(desk.facts()):
        sums[account] = sums.get(account, 0) + amount
    return {account: total for account, total in sums.items() if account[0] in "126"}


@pytest.mark.parametrize(
    ("line", "memo", "expected", "claims_tax"),
    [
        (SALE, -2259, [("1122", -2259), ("2221.pend", 260), ("6001", 1999)], 0),
        (SALE, -GROSS, [("1122", -GROSS), ("2221.pend", TAX), ("6001", 3998)], 0),
        (SALE, 2259, [("1122", 2259), ("2221.pend", -260), ("6001", -1999)], 0),
        (SALE, -1, [("1122", -1), ("6001", 1)], 0),
        (CLAIM, 200, [("2241", 200), ("2801", -200)], -26),
        (CLAIM, 500, [("2241", 500), ("2801", -500)], -65),
        (CLAIM, -100, [("2241", -100), ("2801", 100)], 13),
    ],
)
def test_a_memo_is_posted_as_its_line_was(
    line: int, memo: int, expected: list[tuple[str, int]], claims_tax: int
) -> None:
    facts = resolved(stated(traded()), line, memo)

    posted = only(facts, DealerAccount.MemoPosted)
    assert [(account, amount) for account, _, amount in all_postings(facts)] == expected
    assert {p.party for p in posted.postings if p.item} == {DEALER}
    assert (posted.line_version, posted.claims_tax_minor) == (line, claims_tax)
    resolution = only(facts, DealerSettlement.DisputeResolved)
    assert (resolution.memo_minor, resolution.currency) == (memo, "CNY")


def test_revenue_tax_and_receivable_are_down_by_what_the_memo_took_back() -> None:
    desk = stated(traded())
    before = balances(desk)
    resolved(desk, SALE, -2259)
    invoiced(desk, JULY, on(8, 5))
    invoiced(stated(desk, AUGUST), AUGUST, on(9, 5))
    after = balances(desk)

    assert before["6001"] - after["6001"] == -1999
    assert (after["2221.pend"], after["2221.out"]) == (0, -260), "of 5.20 on two pumps"
    assert before["1122"] - after["1122"] == 2259


def test_what_a_claim_credited_too_much_is_taken_back_with_its_tax() -> None:
    desk = stated(traded())
    resolved(desk, CLAIM, 200)
    assert ("2221.in", "", 65) in all_postings(invoiced(desk, JULY, on(8, 5)))
    taken_back = invoiced(stated(desk, AUGUST), AUGUST, on(9, 5))

    assert all_postings(taken_back) == [("2221.in", "", -26), ("2241", DEALER, 26)]
    after = balances(desk)
    assert (after["2801"], after["2221.in"], after["2241"]) == (300, 39, -339)


@pytest.mark.parametrize("parts", [(1, 1), (1506, 1506), (4000, 517), (9, 4, 4, 4)])
def test_a_line_that_is_taken_back_in_parts_ends_at_nought(parts: tuple[int, ...]) -> None:
    desk = stated(traded())
    before = balances(desk)
    for part in (*parts, GROSS - sum(parts)):
        resolved(desk, SALE, -part)
    after = balances(desk)

    assert (before["6001"], before["2221.pend"]) == (-3998, -TAX)
    assert (after["6001"], after["2221.pend"]) == (0, 0)
    items = desk.the(DealerAccount, "D01").items
    assert items[f"settlements/{JULY}/memo-{SALE}"].amount_minor == -GROSS


def test_rounded_each_by_itself_the_parts_would_not_end_at_nought() -> None:
    """The control."""
    third = GROSS // 3

    assert 3 * share(TAX, 0, third, GROSS) == TAX - 1
    assert sum(share(TAX, before, third, GROSS) for before in (0, third, 2 * third)) == TAX


@pytest.mark.parametrize(
    ("line", "memos", "refused", "together"),
    [
        (SALE, (), -GROSS - 1, -GROSS - 1),
        (SALE, (), GROSS + 1, GROSS + 1),
        (SALE, (-GROSS,), -1, -GROSS - 1),
        (SALE, (-4000, -500), -19, -GROSS - 1),
        (SALE, (-GROSS, 100), -101, -GROSS - 1),
        (CLAIM, (400,), 101, 501),
        (CLAIM, (), -501, -501),
    ],
)
def test_the_memos_of_a_line_are_together_at_most_the_line(
    line: int, memos: tuple[int, ...], refused: int, together: int
) -> None:
    desk = stated(traded())
    for memo in memos:
        resolved(desk, line, memo)
    desk.do(settling.dispute_line, number=JULY, line_version=line, because="price")
    resolution: dict[str, Any] = {
        "actor": BOB, "number": JULY, "occurrence": on(8, 3), "line_version": line, "because": "-",
    }  # fmt: skip

    facts = desk.refused(OverMemo, settling.resolve_dispute, memo_minor=refused, **resolution)

    whole = GROSS if line == SALE else -500
    assert facts == {
        "line_version": str(line), "line_minor": str(whole), "memo_minor": str(refused),
        "memos_minor": str(together),
    }  # fmt: skip
    nearest = refused + (1 if refused < 0 else -1)
    if nearest:  # The control: a minor unit less.
        desk.do(settling.resolve_dispute, memo_minor=nearest, **resolution)


def test_what_was_paid_is_not_corrected_by_a_memo() -> None:
    desk = stated(traded())
    desk.do(settling.dispute_line, number=JULY, line_version=PAYMENT, because="not ours")
    resolution: dict[str, Any] = {
        "actor": BOB, "number": JULY, "occurrence": on(8, 3), "line_version": PAYMENT,
        "because": "-",
    }  # fmt: skip

    facts = desk.refused(InvalidValue, settling.resolve_dispute, memo_minor=50, **resolution)

    assert facts["field"] == "memo"
    desk.do(settling.resolve_dispute, memo_minor=0, **resolution)


def test_who_disputed_a_line_does_not_resolve_it_and_neither_does_who_joined_in() -> None:
    desk = stated(traded())
    for actor in (ANN, BOB):
        desk.do(settling.dispute_line, actor=actor, number=JULY, line_version=SALE, because="price")
    resolution: dict[str, Any] = {
        "number": JULY, "occurrence": on(8, 3), "line_version": SALE, "memo_minor": 0,
        "because": "-",
    }  # fmt: skip

    for actor in (ANN, BOB):
        facts = desk.refused(SamePerson, settling.resolve_dispute, actor=actor, **resolution)
        assert facts == {"actor": actor, "made": "disputed", "action": "resolve"}
    desk.do(settling.resolve_dispute, actor="eve", **resolution)


def test_an_earlier_dispute_does_not_count_once_it_was_resolved() -> None:
    desk = stated(traded())
    resolved(desk, SALE, -100)
    desk.do(settling.dispute_line, actor="eve", number=JULY, line_version=SALE, because="again")

    desk.do(
        settling.resolve_dispute, actor=ANN, number=JULY, occurrence=on(8, 3), line_version=SALE,
        memo_minor=-100, because="agreed",
    )  # fmt: skip


@pytest.mark.parametrize("memo_minor", [1, -1, 100])
def test_a_memo_is_not_added_to_and_what_took_it_back_may_be_taken_back(memo_minor: int) -> None:
    desk = stated(traded())
    memo = only(resolved(desk, SALE, memo_minor), DealerAccount.MemoPosted).originator_version
    invoiced(desk, JULY, on(8, 5))
    stated(desk, AUGUST)
    desk.do(settling.dispute_line, number=AUGUST, line_version=memo, because="not agreed")
    resolution: dict[str, Any] = {
        "actor": BOB, "number": AUGUST, "occurrence": on(9, 3), "line_version": memo,
        "because": "-",
    }  # fmt: skip
    more = memo_minor // abs(memo_minor)

    facts = desk.refused(OverMemo, settling.resolve_dispute, memo_minor=more, **resolution)

    assert facts["line_minor"] == str(memo_minor)
    assert not all_postings(desk.do(settling.resolve_dispute, memo_minor=0, **resolution))
    for back_and_again in (-memo_minor, memo_minor):
        desk.do(settling.dispute_line, number=AUGUST, line_version=memo, because="no")
        desk.do(settling.resolve_dispute, memo_minor=back_and_again, **resolution)


def test_a_memo_and_a_returned_part_can_be_corrected_too() -> None:
    """Of two pumps one comes back in July: its credit of 22.59 is line 5."""
    desk = traded()
    desk.do(
        returning.request_good_return, number="R1", occurrence=on(7, 19), sale="SA1", part=PUMP,
        quantity=1, to_place=CUSTODY,
    )  # fmt: skip
    for step in (returning.ship_return, returning.receive_return):
        desk.do(step, number="R1", occurrence=on(7, 20))
    desk.do(
        returning.inspect_return, number="R1", occurrence=on(7, 21),
        finding=Finding.NO_FAULT_FOUND,
    )  # fmt: skip
    stated(desk)

    facts = resolved(desk, 5, 1000)

    assert all_postings(facts) == [
        ("1122", DEALER, 1000), ("2221.pend", "", -115), ("6001", "", -885),
    ]  # fmt: skip
    memo = only(facts, DealerAccount.MemoPosted).originator_version
    invoiced(desk, JULY, on(8, 5))
    stated(desk, AUGUST)
    desk.do(settling.dispute_line, number=AUGUST, line_version=memo, because="not agreed")
    beyond = desk.refused(
        OverMemo, settling.resolve_dispute, actor=BOB, number=AUGUST, occurrence=on(9, 3),
        line_version=memo, memo_minor=1, because="more of it",
    )  # fmt: skip
    assert beyond["memos_minor"] == "1", "it would go beyond the line that the memo corrects"
    back = desk.do(
        settling.resolve_dispute, actor=BOB, number=AUGUST, occurrence=on(9, 3),
        line_version=memo, memo_minor=-1000, because="taken back",
    )  # fmt: skip
    assert all_postings(back) == [
        ("1122", DEALER, -1000), ("2221.pend", "", 115), ("6001", "", 885),
    ]  # fmt: skip


@pytest.mark.parametrize("missing", ["sales_invoice", "claims_invoice"])
@pytest.mark.parametrize("number", ["", " "])
def test_an_invoice_that_there_has_to_be_needs_a_number(missing: str, number: str) -> None:
    desk = stated(traded())
    content_hash = desk.the(DealerSettlement, JULY).statement.content_hash
    desk.do(settling.confirm_statement, number=JULY, content_hash=content_hash)
    both = {"sales_invoice": "SI-1", "claims_invoice": "CI-1"}

    facts = desk.refused(
        InvalidValue, settling.invoice_settlement,
        number=JULY, occurrence=on(8, 5), **(both | {missing: number}),
    )  # fmt: skip

    rule = f"is required: lines of statement {JULY} are to be invoiced"
    assert facts == {"field": missing, "value": number, "rule": rule}


@pytest.mark.parametrize(
    ("line", "memo", "numbers"),
    [
        (SALE, -2259, {"claims_invoice": ""}),
        (CLAIM, 200, {"sales_invoice": ""}),
        (SALE, 0, {"claims_invoice": "", "sales_invoice": ""}),
    ],
)
def test_no_other_number_is_asked_for(line: int, memo: int, numbers: dict[str, str]) -> None:
    """In August nothing is to be invoiced but a memo, where there is one."""
    desk = stated(traded())
    resolved(desk, line, memo)
    invoiced(desk, JULY, on(8, 5))

    invoiced(stated(desk, AUGUST), AUGUST, on(9, 5), **numbers)


CORRECTED = (
    DealerAccount.SaleInvoiced, DealerAccount.ReturnCredited, DealerAccount.ClaimCredited,
    DealerAccount.ClaimChargedBack, DealerAccount.ClaimsInvoiced, DealerAccount.MemoPosted,
)  # fmt: skip
LINES = [
    kind for kind in vars(DealerAccount).values()
    if isinstance(kind, type) and issubclass(kind, AccountFact)
]  # fmt: skip


@pytest.mark.parametrize("kind", LINES, ids=lambda kind: kind.__name__)
def test_what_was_invoiced_or_credited_is_corrected_and_no_other_line(
    kind: type[AccountFact],
) -> None:
    more: dict[str, Any] = {"line_version": 1} if kind is DealerAccount.MemoPosted else {}
    if issubclass(kind, ClaimsFact):
        more |= {"currency": "CNY", "claims_tax_minor": 130}
    posted = ((accounts.RECEIVABLE, 1000), (accounts.PARTS_REVENUE, -1000))
    line = kind(
        effective_on=d(7, 1), occurred_on=d(7, 1), caused_by="sales/SA1", caused_by_version=1,
        statement_month="2025-07",
        postings=tuple(
            Posting(account=account, amount_minor=amount, currency="CNY")
            for account, amount in posted
        ),
        **more,
    )  # fmt: skip

    if kind not in CORRECTED:
        with pytest.raises(InvalidValue, match="no memo corrects what was paid or set off"):
            correction(line, 0, -100)
        return
    raised, against, tax = correction(line, 0, -100)
    assert [(each.account, each.amount_minor) for each in (raised, *against)] == [
        (accounts.RECEIVABLE, -100), (accounts.PARTS_REVENUE, 100),
    ]  # fmt: skip
    assert tax == (-13 if issubclass(kind, ClaimsFact) else 0)


def test_there_are_lines_of_both_sorts() -> None:
    assert len(CORRECTED) == 6 < len(LINES) == 10
