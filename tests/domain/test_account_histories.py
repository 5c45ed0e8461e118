"""Random lives of a dealer's account: the balance is its open items, whatever happens."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain import accounts, dealer_account
from domain.conversion import Conversion
from domain.dealer_account import DealerAccount
from domain.errors import (
    StatementOutOfOrder,
)
from domain.facts import BookedFact, Command, Fact
from domain.storing import AggregateSnapshot
from tests.domain.account_steps import balance_minor, opened, raised
from tests.domain.desk import Desk, command, counted, d, imbalance

# A random life of an account: (what, amount, days); amounts may net to nothing.
moves = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "credit", "pay", "net", "state"]),
        st.integers(1, 500), st.integers(0, 150),
    ),
    max_size=25,
)  # fmt: skip
Move = tuple[str, int, int]
# What chance may miss: a netting that leaves a rest on one side or on the other, one that comes out
# even, with two items and with three; a payment in part, exactly, and of too much; lines late for a
# month that was stated, and months stated out of their turn.
TELLING: list[Move] = [
    ("invoice", 100, 10), ("invoice", 50, 5), ("credit", 120, 20), ("net", 1, 25), ("pay", 10, 26),
    ("pay", 20, 26), ("pay", 20, 27), ("invoice", 20, 33), ("net", 1, 34), ("credit", 5, 34),
    ("credit", 6, 34), ("invoice", 20, 35), ("net", 1, 36), ("state", 1, 40), ("state", 1, 0),
    ("invoice", 70, 15), ("state", 1, 5), ("state", 1, 40), ("credit", 200, 45), ("net", 1, 50),
    ("invoice", 9, 65), ("pay", 10, 71), ("state", 1, 10), ("state", 1, 70), ("invoice", 1, 75),
]  # fmt: skip

# Paid, and netted, before what it clears: all of it, some of it, and together with what is older.
EARLY: list[Move] = [
    ("invoice", 100, 40), ("invoice", 30, 10), ("pay", 150, 20), ("invoice", 60, 50),
    ("net", 1, 25), ("credit", 200, 60), ("invoice", 90, 45), ("net", 1, 30), ("pay", 500, 5),
    ("invoice", 70, 45), ("net", 1, 2), ("pay", 10, 46),
]  # fmt: skip


def lived(
    history: list[Move],
    check: Callable[[DealerAccount, Command], None],
    open_from: date = date.min,
    currency: str = "CNY",
) -> None:
    """Plays moves on an account and checks after each; refused statements are nothing.

    In a currency that is not the book's, each day has a rate of its own.
    """
    asked = command()
    account = opened(asked, currency=currency)
    for number, (what, amount, offset) in enumerate(history):
        day = d(1, 1).fromordinal(d(1, 1).toordinal() + offset)
        booking = counted(day, f"doc-{number}")
        rate = rate_of(currency, day) if currency != "CNY" else None
        match what:
            case "invoice":
                entry = raised(
                    account, accounts.RECEIVABLE, f"sales/{number}", amount, day, conversion=rate
                )
                account.post(asked, DealerAccount.SaleInvoiced, booking, entry, rate)
            case "credit":
                entry = raised(
                    account, accounts.CLAIMS_PAYABLE, f"claims/{number}", -amount, day,
                    against=accounts.WARRANTY_PROVISION, conversion=rate,
                )  # fmt: skip
                account.post(
                    asked,
                    DealerAccount.ClaimCredited,
                    booking,
                    entry,
                    rate,
                    claims_tax_minor=amount,
                )
            case "pay":
                account.pay(asked, booking, str(number), amount, (), open_from, rate)
            case "net":
                account.net(asked, booking, open_from)
            case _:
                with suppress(StatementOutOfOrder):
                    account.close_statement(asked, booking, f"{day:%Y-%m}")
        check(account, asked)


def posted(command: Command) -> dict[str, int]:
    """Open items, from the postings of the facts alone, which balance."""
    sums: dict[str, int] = {}
    for fact in command.facts:
        assert not imbalance(getattr(fact, "postings", ()))
        for p in getattr(fact, "postings", ()):
            if p.item:
                sums[p.item] = sums.get(p.item, 0) + p.amount_minor
    return {item: amount for item, amount in sums.items() if amount}


def rate_of(currency: str, day: date) -> Conversion:
    """A rate that changes each day and comes out even with nothing."""
    return Conversion(
        from_currency=currency, to_currency="CNY", rate=Decimal(f"0.{700 + day.toordinal() % 97}"),
        effective_from=day, source="PBOC", stream=f"exchange-rates/{currency}-CNY", version=1,
    )  # fmt: skip


def worth_of_items(facts: Iterable[Fact]) -> dict[str, int]:
    """By item, what the postings say that it is worth, also where nothing is open of it."""
    sums: dict[str, int] = defaultdict(int)
    for fact in facts:
        for p in getattr(fact, "postings", ()):
            if p.item:
                sums[p.item] += p.functional_minor
    return dict(sums)


@given(history=moves, currency=st.sampled_from(["USD", "JPY", "KWD"]))
@example(history=TELLING, currency="USD")
@example(history=EARLY, currency="JPY")
@example(history=EARLY, currency="KWD")
def test_an_item_ends_at_nought_in_its_currency_and_in_the_books(
    history: list[Move], currency: str
) -> None:
    def check(account: DealerAccount, command: Command) -> None:
        posted(command)  # Each fact balances in both.
        worth = worth_of_items(command.facts)
        open_items = {key: item.functional_minor for key, item in account.items.items()}
        assert {key: minor for key, minor in worth.items() if key in open_items} == open_items
        assert not any(minor for key, minor in worth.items() if key not in open_items)

    lived(history, check, currency=currency)


def test_a_difference_that_is_not_posted_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(dealer_account, "with_difference", tuple)

    with pytest.raises(AssertionError):
        lived(TELLING, lambda _, command: _balanced(command), currency="USD")


def _balanced(command: Command) -> None:
    posted(command)


@given(history=moves)
@example(history=TELLING)
def test_the_balance_is_the_open_items_and_the_statements_reach_it(history: list[Move]) -> None:
    def check(account: DealerAccount, command: Command) -> None:
        open_items = {key: item.amount_minor for key, item in account.items.items()}
        assert open_items == posted(command)
        unstated = sum(m.debit_minor - m.credit_minor for m in account.months.values())
        assert account.stated_minor + unstated == balance_minor(account)
        assert all(month > account.stated_through for month in account.months)

    lived(history, check)


@given(history=moves)
@example(history=TELLING)
def test_netting_leaves_items_of_one_sign_and_the_balance_alone(history: list[Move]) -> None:
    def check(account: DealerAccount, command: Command) -> None:
        before, items = balance_minor(account), dict(account.items)
        account.net(command, counted(d(12, 1)), date.min)
        assert balance_minor(account) == before
        amounts = [item.amount_minor for item in account.items.values()]
        for key, item in account.items.items():
            assert Fraction(items[key].amount_minor, item.amount_minor) >= 1, "less, never more"
        assert all(amount > 0 for amount in amounts) or all(amount < 0 for amount in amounts)
        seen = len(command.facts)
        assert account.net(command, counted(d(12, 1)), date.min) == {}
        assert len(command.facts) == seen, "netting again records nothing"

    lived(history, check)


def by_day(command: Command) -> dict[str, Counter[date]]:
    """Of each item, what is added to it on which day."""
    found: defaultdict[str, Counter[date]] = defaultdict(Counter)
    for fact in command.facts:
        if isinstance(fact, BookedFact):
            for p in fact.postings:
                if p.item:
                    found[p.item][fact.effective_on] += p.amount_minor
    return found


@given(history=moves, open_from=st.sampled_from([date.min, d(1, 20), d(2, 10)]))
@example(history=TELLING, open_from=date.min)
@example(history=EARLY, open_from=date.min)
@example(history=EARLY, open_from=d(2, 10))
def test_an_item_is_there_before_it_is_cleared_and_never_cleared_too_far(
    history: list[Move], open_from: date
) -> None:
    def check(account: DealerAccount, command: Command) -> None:
        for item, amounts in by_day(command).items():
            days = sorted(amounts)
            if open_item := account.items.get(item):
                assert open_item.effective_on == days[0]
            owed = 1 if item.startswith("sales/") else -1
            left = list(accumulate(amounts[day] for day in days))
            assert min(amount * owed for amount in left) >= 0, f"{item} is {left} on {days}"

    lived(history, check, open_from)


@given(history=moves)
@example(history=TELLING)
def test_each_statement_opens_where_the_last_closed(history: list[Move]) -> None:
    def check(account: DealerAccount, command: Command) -> None:
        closing, month = 0, ""
        for fact in command.facts:
            if isinstance(fact, DealerAccount.StatementClosed):
                stated = fact.statement
                assert stated.opening_minor == closing
                assert stated.month > month
                month = stated.month
                closing = stated.opening_minor + stated.debit_minor - stated.credit_minor
                assert stated.closing_minor == closing

    lived(history, check)


@given(history=moves)
@example(history=TELLING)
def test_a_snapshot_at_any_point_is_the_account_replayed_to_it(history: list[Move]) -> None:
    mapper = Desk().ledger.mapper

    def check(account: DealerAccount, command: Command) -> None:
        stored = mapper.to_stored_event(AggregateSnapshot.take(account))
        snapshot = mapper.to_domain_event(stored)
        assert isinstance(snapshot, AggregateSnapshot)
        restored = snapshot.mutate(None)
        for name in ("dealer", "currency", "items", "months", "stated_through", "stated_minor"):
            assert getattr(restored, name) == getattr(account, name)
        assert isinstance(restored, DealerAccount)
        assert list(restored.items.owed) == list(account.items.owed)
        assert list(restored.items.owing) == list(account.items.owing)
        assert (restored.id, restored.version) == (account.id, account.version)

    lived(history, check)
