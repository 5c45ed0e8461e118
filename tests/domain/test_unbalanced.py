"""Postings that do not add up are a defect of a rule, and the ledger records nothing of it."""

from collections.abc import Callable

import pytest

from domain.dealer_account import DealerAccount
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from domain.lines import Posting, Unbalanced
from tests.domain.desk import command, counted, d
from tests.domain.givens import stocked_maker

UseCase = Callable[[Ledger, Command], Aggregate]


def posted(*amounts: tuple[int, str]) -> UseCase:
    """A use case that forgets to look whether its postings balance."""
    bank = tuple(
        Posting(account="1002", amount_minor=amount, currency=currency)
        for amount, currency in amounts
    )

    def use_case(ledger: Ledger, cmd: Command) -> Aggregate:
        account = ledger.get(DealerAccount, "D01")
        account.post(
            cmd, DealerAccount.PaymentReceived, counted(d(7, 1)).caused_by(account.next_step), bank
        )
        return account

    return use_case


@pytest.mark.parametrize(
    ("amounts", "left_over"),
    [
        (((5, "CNY"),), "{'CNY': 5}"),
        (((5, "CNY"), (-4, "CNY")), "{'CNY': 1}"),
        (((5, "CNY"), (-5, "USD")), "{'CNY': 5, 'USD': -5}"),
    ],
)
def test_a_fact_out_of_balance_is_not_recorded_and_leaves_no_trace(
    amounts: tuple[tuple[int, str], ...], left_over: str
) -> None:
    desk = stocked_maker()
    log, states, asked = desk.log(), desk.states(), command(99)

    with pytest.raises(Unbalanced) as defect:
        desk.ledger.execute(asked, posted(*amounts))

    assert str(defect.value) == (
        "the postings of partsledger:DealerAccount.PaymentReceived do not balance:"
        f" {left_over} are left over"
    )
    assert (desk.log(), desk.states(), asked.facts) == (log, states, [])


def test_what_balances_in_each_currency_is_recorded() -> None:
    """The control."""
    desk = stocked_maker()

    desk.ledger.execute(command(99), posted((5, "CNY"), (-5, "CNY"), (7, "USD"), (-7, "USD")))

    assert len(desk.stream("accounts/D01")) == 2
