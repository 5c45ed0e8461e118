"""A dealer who settles in another currency than the book: each amount is also in the book's.

The dollar is at 7.10 from January and at 7.20 from August. One pump is 19.99 + 2.60 = 22.59 USD.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.claim_lines import ClaimedItem
from domain.clearing import Allocation
from domain.dealer_account import DealerAccount
from domain.errors import DocumentsDisagree, NoExchangeRate, WrongCurrency
from domain.facts import Fact
from domain.parts_back import Finding
from domain.parts_sale import PartsSale
from domain.use_cases import base_data, claiming, paying, returning, selling, settling
from domain.warranty_claim import WarrantyClaim
from domain.warranty_policy import WarrantyPolicy
from tests.domain.claim_steps import decision
from tests.domain.desk import BOB, Desk, d, on, only
from tests.domain.givens import CUSTODY, MAKER, PUMP, bought, form, item, sold
from tests.small_maker import SoldMachine, policy

FOREIGN = replace(
    MAKER,
    other_lists=("USD",),
    exchange_rates={"USD": {d(1, 1): Decimal("7.1"), d(8, 1): Decimal("7.2")}},
    machines={"S9": SoldMachine("ZY16", "D03", d(1, 1), "U9")},
)
Line = tuple[str, int, int | None]


def foreign_maker() -> Desk:
    desk = Desk()
    for use_case, fields in FOREIGN.use_cases():
        desk.do(use_case, **fields)
    bought(desk, 10, 1000, on(6, 1))
    return desk


def lines(facts: list[Fact]) -> list[Line]:
    """(account, amount, functional amount) of each posting in dollars, in order."""
    return [
        (posting.account, posting.amount_minor, posting.functional_minor)
        for fact in facts
        for posting in getattr(fact, "postings", ())
        if posting.currency == "USD"
    ]


def worth(desk: Desk) -> dict[str, tuple[int, int | None]]:
    """What is open: the amount of each item, and what it was worth."""
    items = desk.the(DealerAccount, "D03").items
    return {key: (item.amount_minor, item.functional_minor) for key, item in items.items()}


def paid(desk: Desk, amount: int, number: str = "PM1", month: int = 8, **more: Any) -> list[Fact]:
    return desk.do(
        selling.receive_payment, number=number, occurrence=on(month, 5), dealer="D03",
        amount_minor=amount, currency="USD", **more,
    )  # fmt: skip


def test_a_sale_is_converted_at_the_rate_of_its_day_and_pins_it() -> None:
    desk = foreign_maker()

    facts = sold(desk, 1, dealer="D03")

    assert lines(facts) == [
        ("1122", 2259, 16039),  # 22.59 × 7.1 = 160.389
        ("6001", -1999, -14193),  # What the tax leaves.
        ("2221.pend", -260, -1846),
    ]
    invoiced = only(facts, DealerAccount.SaleInvoiced)
    assert invoiced.conversion is not None
    assert invoiced.conversion == only(facts, PartsSale.Sold).conversion
    assert (invoiced.conversion.rate, invoiced.conversion.effective_from) == (
        Decimal("7.1"), d(1, 1),
    )  # fmt: skip
    assert (invoiced.conversion.source, invoiced.book_currency) == ("中国银行", "CNY")


def test_the_rate_is_that_of_the_day_it_happened_also_where_it_counts_later() -> None:
    """The day of a rate is one of the trade: what is entered late takes that of its own day."""
    desk = foreign_maker()

    facts = sold(desk, 1, "SA1", occurrence=on(7, 31), dealer="D03")
    later = sold(desk, 1, "SA2", occurrence=on(8, 1), dealer="D03")

    assert lines(facts)[0] == ("1122", 2259, 16039)
    assert lines(later)[0] == ("1122", 2259, 16265)


def test_a_payout_clears_at_the_original_rate_with_the_difference_on_6061() -> None:
    """In two parts, which take back all that was owed in both currencies."""
    desk = foreign_maker()
    paid(desk, 1000, month=7)
    assert worth(desk) == {"payments/PM1": (-1000, -7100)}

    out = [
        desk.do(
            paying.pay_out,
            number=number,
            occurrence=on(8, 6),
            dealer="D03",
            amount_minor=amount,
            currency="USD",
        )
        for number, amount in (("PO1", 333), ("PO2", 667))
    ]

    assert [lines(facts) for facts in out] == [
        [("1122", 333, 2364), ("1002", -333, -2398), ("6061", 0, 34)],
        [("1122", 667, 4736), ("1002", -667, -4802), ("6061", 0, 66)],
    ]
    assert only(out[0], DealerAccount.PaidOut).conversion is not None
    assert worth(desk) == {}


def test_a_payment_clears_at_the_original_rate_with_the_difference_on_6061() -> None:
    desk = foreign_maker()
    sold(desk, 1, dealer="D03")

    facts = paid(desk, 2259)

    assert lines(facts) == [
        ("1002", 2259, 16265),  # 22.59 × 7.2 = 162.648
        ("1122", -2259, -16039),
        ("6061", 0, -226),
    ]
    received = only(facts, DealerAccount.PaymentReceived)
    assert received.conversion is not None
    assert received.conversion.rate == Decimal("7.2")
    assert worth(desk) == {}


def test_what_is_paid_in_parts_leaves_to_the_last_fen() -> None:
    desk = foreign_maker()
    sold(desk, 1, dealer="D03")
    cleared = 0
    for number, part in enumerate((1, 752, 752, 753, 1)):
        facts = paid(desk, part, f"PM{number}", allocations=(Allocation("sales/SA1", part),))
        cleared += lines(facts)[1][2] or 0

    assert cleared == -16039
    assert worth(desk) == {}


def test_what_is_paid_too_much_is_worth_what_came_for_it() -> None:
    desk = foreign_maker()
    sold(desk, 1, dealer="D03")

    facts = paid(desk, 3000)

    assert lines(facts) == [
        ("1002", 3000, 21600),
        ("1122", -2259, -16039),
        ("1122", -741, -5335),  # What is left of 216.00 after 162.65 for the pump.
        ("6061", 0, -226),
    ]
    assert worth(desk) == {"payments/PM1": (-741, -5335)}


def test_an_advance_has_no_difference_before_it_is_set_off() -> None:
    desk = foreign_maker()
    assert lines(paid(desk, 2259, month=7)) == [("1002", 2259, 16039), ("1122", -2259, -16039)]
    _closed(desk, "2025-07")
    sold(desk, 1, occurrence=on(8, 10), dealer="D03")

    facts = _closed(desk, "2025-08")

    assert lines(facts) == [
        ("1122", 2259, 16039), ("1122", -2259, -16265), ("6061", 0, 226),
    ]  # fmt: skip
    assert only(facts, DealerAccount.ItemsNetted).conversion is None, "nothing is converted"
    assert only(facts, DealerAccount.ItemsNetted).book_currency == "CNY"
    assert worth(desk) == {}


def _closed(desk: Desk, month: str) -> list[Fact]:
    """The settlement of a month, up to its end; what the last step did."""
    number = f"D03/{month}"
    issued = desk.do(settling.issue_statement, dealer="D03", month=month)
    desk.do(settling.review_statement, actor=BOB, number=number)
    content_hash = only(issued, DealerAccount.StatementClosed).statement.content_hash
    desk.do(settling.confirm_statement, number=number, content_hash=content_hash)
    desk.do(settling.invoice_settlement, number=number, sales_invoice="SI-1", claims_invoice="CI-1")
    return desk.do(settling.close_settlement, number=number)


def test_pending_tax_leaves_at_what_it_was_worth() -> None:
    """Whatever the rate is on the day of the invoice: nothing is left of it in either currency."""
    desk = foreign_maker()
    sold(desk, 1, "SA1", dealer="D03")
    sold(desk, 2, "SA2", dealer="D03")
    _closed(desk, "2025-07")

    facts = desk.facts()

    pending = [line for line in lines(facts) if line[0] == "2221.pend"]
    assert sum(amount for _, amount, _ in pending) == 0
    assert sum(minor or 0 for _, _, minor in pending) == 0
    assert len(pending) == 3


def test_pieces_that_come_back_take_back_what_the_sale_was_worth_to_the_last_fen() -> None:
    desk = foreign_maker()
    sold(desk, 3, dealer="D03")
    for number in ("R1", "R2", "R3"):  # In August, at another rate.
        desk.do(
            returning.request_good_return, number=number, occurrence=on(8, 2), sale="SA1",
            part=PUMP, quantity=1, to_place=CUSTODY,
        )  # fmt: skip
        desk.do(returning.ship_return, number=number, occurrence=on(8, 3))
        desk.do(returning.receive_return, number=number, occurrence=on(8, 4))
        desk.do(
            returning.inspect_return, number=number, occurrence=on(8, 5),
            finding=Finding.NO_FAULT_FOUND,
        )  # fmt: skip

    facts = desk.facts()

    for account in ("6001", "2221.pend", "1122"):
        of_it = [line for line in lines(facts) if line[0] == account]
        assert (sum(a for _, a, _ in of_it), sum(f or 0 for _, _, f in of_it)) == (0, 0), account


def claimed(desk: Desk, **changes: object) -> None:
    desk.do(
        claiming.submit_claim, number="C1", occurrence=on(7, 12),
        form=form(dealer="D03", machine="S9", user="U9", currency="USD", **changes),
    )  # fmt: skip


def test_a_claim_is_charged_back_at_what_it_was_credited_at() -> None:
    desk = foreign_maker()
    claimed(desk)
    credited = desk.do(
        claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 31),
        decisions=(decision(1, 2000), decision(2, 500)),
    )  # fmt: skip
    assert lines(credited) == [("2241", -2500, -17750), ("2801", 2500, 17750)]
    assert only(credited, WarrantyClaim.Credited).net_functional_minor == 17750

    facts = desk.do(claiming.charge_back_claim, number="C1", occurrence=on(8, 9), because="audit")

    assert lines(facts) == [("2241", 2500, 17750), ("2801", -2500, -17750)]
    assert only(facts, WarrantyClaim.ChargedBack).book_currency == "CNY"


def test_the_dealers_invoice_is_converted_at_its_own_day() -> None:
    desk = foreign_maker()
    claimed(desk)
    desk.do(
        claiming.adjudicate_claim, actor=BOB, number="C1", occurrence=on(7, 31),
        decisions=(decision(1, 2000), decision(2, 500)),
    )  # fmt: skip

    _closed(desk, "2025-07")

    invoiced = [fact for fact in desk.facts() if isinstance(fact, DealerAccount.ClaimsInvoiced)]
    assert lines([*invoiced]) == [("2241", -325, -2340), ("2221.in", 325, 2340)]  # At 7.2.


def test_a_memo_takes_back_what_the_line_was_worth() -> None:
    desk = foreign_maker()
    sold(desk, 1, dealer="D03")
    number = "D03/2025-07"
    desk.do(settling.issue_statement, dealer="D03", month="2025-07")
    desk.do(settling.review_statement, actor=BOB, number=number)
    facts: list[Fact] = []
    for memo in (-753, -1506):
        desk.do(settling.dispute_line, number=number, line_version=2, because="price")
        facts = desk.do(
            settling.resolve_dispute, actor=BOB, number=number, line_version=2, memo_minor=memo,
            because="agreed",
        )  # fmt: skip

    assert sum(a for _, a, _ in lines(facts)) == 0
    corrected = [line for line in lines(desk.facts()) if line[0] == "6001"]
    assert sum(minor or 0 for _, _, minor in corrected) == 0
    assert sum(minor or 0 for _, minor in worth(desk).values()) == 0


def test_a_policy_that_names_no_currency_is_in_the_books() -> None:
    desk = Desk()

    desk.do(base_data.set_policy, model="ZY99", terms=policy(currency=""))

    version = desk.the(WarrantyPolicy, "ZY99").on(d(7, 1))
    assert version is not None
    assert version.value.currency == "CNY"
    desk.refused(WrongCurrency, base_data.set_policy, model="ZY99", terms=policy(currency="USD"))


@pytest.mark.parametrize(
    ("differs_by", "taken"), [(70, True), (71, False)]
)  # 0.70 USD = 4.97, 0.71 USD = 5.041
def test_a_policy_tolerates_so_much_in_the_books_currency(differs_by: int, taken: bool) -> None:
    desk = foreign_maker()
    desk.do(
        base_data.set_policy, model="ZY16",
        terms=policy(effective_from=d(1, 1), tolerance_minor=500),
    )  # fmt: skip
    labour = replace(item(500), inspected_minor=500 - differs_by)
    if taken:
        claimed(desk, items=(item(2000, PUMP, 1), labour))
        return

    with pytest.raises(DocumentsDisagree):
        claimed(desk, items=(item(2000, PUMP, 1), labour))


@pytest.mark.parametrize("step", ["sell", "pay", "credit"])
def test_without_a_rate_in_force_nothing_is_converted(step: str) -> None:
    """In this book the dollar has a rate from November on."""
    desk = Desk()
    late = replace(FOREIGN, exchange_rates={"USD": {d(11, 1): Decimal("7.1")}})
    for use_case, fields in late.use_cases():
        desk.do(use_case, **fields)
    bought(desk, 10, 1000, on(6, 1))
    claimed(desk)
    steps: dict[str, tuple[Any, dict[str, Any]]] = {
        "sell": (selling.sell_parts, {
            "number": "SA1", "occurrence": on(7, 15), "dealer": "D03", "from_place": "W01",
            "lines": (selling.WantedLine(PUMP, 1),),
        }),
        "pay": (selling.receive_payment, {
            "number": "PM1", "occurrence": on(10, 31), "dealer": "D03", "amount_minor": 1,
            "currency": "USD",
        }),
        "credit": (claiming.adjudicate_claim, {
            "number": "C1", "occurrence": on(7, 31), "actor": BOB,
            "decisions": (decision(1, 2000), decision(2, 500)),
        }),
    }  # fmt: skip
    use_case, fields = steps[step]

    refused = desk.refused(NoExchangeRate, use_case, **fields)

    assert refused == {"exchange_rate": "USD-CNY", "on": str(fields["occurrence"].on)}
    fields["occurrence"] = on(11, 1)
    desk.do(use_case, **fields)


def test_documents_that_agree_need_no_rate_to_be_compared_at() -> None:
    desk = Desk()
    for use_case, fields in replace(FOREIGN, exchange_rates={}).use_cases():
        desk.do(use_case, **fields)
    agreed, other = item(500), replace(item(500), inspected_minor=499)

    def claimed(*items: ClaimedItem) -> dict[str, Any]:
        said = form(dealer="D03", machine="S9", user="U9", currency="USD", items=items)
        return {"number": "C1", "occurrence": on(7, 12), "form": said}

    desk.refused(NoExchangeRate, claiming.submit_claim, **claimed(agreed, other))  # The control.
    desk.do(claiming.submit_claim, **claimed(agreed, agreed))
