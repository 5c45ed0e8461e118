"""Postings that do not add up are a defect of a rule, and the ledger records nothing of it."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from domain.dealer_account import DealerAccount
from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from domain.lines import Posting, Unbalanced, Unconverted
from tests.domain.desk import command, counted, d
from tests.domain.givens import stocked_maker

UseCase = Callable[[Ledger, Command], Aggregate]


def posted(*amounts: tuple[int, str]) -> UseCase:
    """A use case that forgets to look whether its postings balance."""
    bank = tuple(
        Posting(
            account="1002",
            amount_minor=amount,
            currency=currency,
            functional_minor=None if currency == "CNY" else 7 * amount,
        )
        for amount, currency in amounts
    )

    return recorded(bank)


def recorded(lines: tuple[Posting, ...]) -> UseCase:
    """A use case that records these postings as they are."""

    def use_case(ledger: Ledger, cmd: Command) -> Aggregate:
        account = ledger.get(DealerAccount, "D01")
        posted_on = counted(d(7, 1)).caused_by(account.next_step)
        account.post(cmd, DealerAccount.PaymentReceived, posted_on, lines)
        return account

    return use_case


@pytest.mark.parametrize(
    ("amounts", "left_over"),
    [
        (((5, "CNY"),), "{'CNY': 5}"),
        (((5, "CNY"), (-4, "CNY")), "{'CNY': 1}"),
        (((5, "CNY"), (-5, "USD")), "{'CNY': 5, 'USD': -5, 'CNY, functional': -30}"),
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


@pytest.mark.parametrize("worth", [(70, -71), (70, 0), (0, 1)])
def test_a_fact_out_of_balance_in_the_books_currency_is_not_recorded(
    worth: tuple[int, int],
) -> None:
    """Its dollars add up, and what they are said to be worth does not."""
    desk = stocked_maker()
    dollars = tuple(
        Posting(account="1002", amount_minor=amount, currency="USD", functional_minor=minor)
        for amount, minor in zip((10, -10), worth, strict=True)
    )

    with pytest.raises(Unbalanced, match="'CNY, functional'"):
        desk.ledger.execute(command(99), recorded(dollars))

    desk.ledger.execute(
        command(98),
        recorded(
            (replace(dollars[0], functional_minor=70), replace(dollars[1], functional_minor=-70))
        ),
    )


@pytest.mark.parametrize(("currency", "worth"), [("USD", None), ("CNY", 5)])
def test_an_amount_says_what_it_is_worth_if_and_only_if_it_is_in_another_currency(
    currency: str, worth: int | None
) -> None:
    desk = stocked_maker()
    log = desk.log()
    lines = tuple(
        Posting(
            account="1002",
            amount_minor=sign * 5,
            currency=currency,
            functional_minor=None if worth is None else sign * worth,
        )
        for sign in (1, -1)
    )

    with pytest.raises(Unconverted, match=f"in {currency} must have a functional amount"):
        desk.ledger.execute(command(99), recorded(lines))

    assert desk.log() == log


def test_what_balances_in_each_currency_is_recorded() -> None:
    """The control."""
    desk = stocked_maker()

    desk.ledger.execute(command(99), posted((5, "CNY"), (-5, "CNY"), (7, "USD"), (-7, "USD")))

    assert len(desk.stream("accounts/D01")) == 2
