"""Random histories of the whole trade, in memory, against the model after every step."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from domain import accounts
from domain.cache import COLLECTIONS
from domain.dated import Dated
from domain.dealer_account import DealerAccount
from domain.facts import BookedFact
from domain.open_items import OpenItems
from domain.parts_return import PartsReturn
from domain.stock_item import StockItem
from tests.simulation.history import COMMANDS, History
from tests.simulation.in_memory import DomainDriver
from tests.simulation.trade import DEALERS, DONE, RATES, Reasons, Trade, When

T = TypeVar("T")


class Drawn:
    """Draws by Hypothesis, which shrinks them."""

    data: st.DataObject

    def pick(self, options: Sequence[T]) -> T:
        return self.data.draw(st.sampled_from(options))

    def number(self, least: int, most: int) -> int:
        return self.data.draw(st.integers(least, most))

    def seldom(self) -> bool:
        return self.data.draw(st.integers(0, 9)) == 9


class Seeded:
    """Draws by a seed, for histories longer than Hypothesis can hold."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def seldom(self) -> bool:
        return self._random.random() < 0.1


class RandomHistory(RuleBasedStateMachine):
    """One rule for all commands, so that a history is a list of them that shrinks well."""

    def __init__(self) -> None:
        super().__init__()
        self.draw = Drawn()
        self.history = History(DomainDriver(), self.draw)

    @rule(data=st.data(), command=st.sampled_from(COMMANDS))
    def step(self, data: st.DataObject, command: str) -> None:
        self.draw.data = data
        getattr(self.history, command)()

    @invariant()
    def agrees_with_the_model(self) -> None:
        self.history.check()


RandomHistory.TestCase.settings = settings(max_examples=12, stateful_step_count=60)
TestRandomHistory = RandomHistory.TestCase


def played(history: History, steps: int, seed: int) -> History:
    order = random.Random(seed)
    for _ in range(steps):
        getattr(history, order.choice(COMMANDS))()
        history.check()
    return history


def test_all_that_aggregates_hold_in_numbers_is_weighed() -> None:
    """A collection of another kind would take memory that nobody counts (domain/cache.py)."""
    driver = DomainDriver()
    played(History(driver, Seeded(3)), 300, 3)

    cache = driver.ledger._cache
    held = {
        type(each)
        for aggregate in filter(None, map(cache.get, cache))
        for each in vars(aggregate).values()
        if hasattr(each, "__len__") and not isinstance(each, str)
    }
    assert {tuple, dict, Dated, OpenItems} <= held, "the control: they are there"
    assert {each for each in held if not hasattr(each, "_fields")} <= COLLECTIONS


def test_a_long_history_agrees_with_the_model_after_every_step() -> None:
    met: Counter[str] = Counter()
    early = 0
    differences: Counter[str] = Counter()
    for seed in range(12):
        history = played(History(DomainDriver(), Seeded(seed)), 1000, seed)
        met += history.answers
        assert isinstance(history.ledger, DomainDriver)
        before = history.ledger.shown()
        history.ledger.ledger.forget()
        assert history.ledger.shown() == before, "replayed from its facts it shows the same"
        early += sum(
            isinstance(fact, DealerAccount.CreditAllocated)
            for dealer in DEALERS
            for fact in history.ledger.ledger.events.get(f"accounts/{dealer}")
        )
        differences += Counter(
            posting.currency
            for dealer in DEALERS
            for fact in history.ledger.ledger.events.get(f"accounts/{dealer}")
            for posting in getattr(fact, "postings", ())
            if posting.account == accounts.EXCHANGE_DIFFERENCE
        )

    assert early, "money came before its invoice at least once"
    assert differences.keys() == set(RATES), "rates gained or lost in each other currency"
    accepted = {answer for answer in met if " " not in answer}
    unmet = {name for name in vars(Trade) if not name.startswith("_")} - accepted - {"shown"}
    assert unmet == set(), "each command was accepted at least once"
    reasons = {answer.split()[1] for answer in met if " " in answer}
    assert REASONS - reasons == set(), "each rule of the trade was broken at least once"


# What the histories above must have met, so that they do not pass by avoiding it.
REASONS = {
    "ALLOCATION_ABOVE_OPEN", "ALREADY_EXISTS", "APPROVED_ABOVE_CLAIMED",
    "APPROVED_ABOVE_PRICE", "BEFORE_ARRIVAL", "DUPLICATE_CLAIM",
    "CHARGEBACK_WINDOW_OVER", "CONTENT_HASH_MISMATCH", "DISPATCH_ABOVE_REQUESTED",
    "DISPOSAL_NOT_ALLOWED", "DOCUMENTS_DISAGREE", "FOREIGN_MACHINE", "FUTURE_DATE",
    "INSUFFICIENT_STOCK", "INVALID_VALUE", "MEMO_ABOVE_LINE", "NOT_ALLOWED_IN_STATE", "NOT_FOUND",
    "NOT_AS_APPROVED", "NOT_OVERDUE_YET", "NO_PRICE", "PROOF_FAILED",
    "OPEN_DISCREPANCY", "OPEN_DISPUTE", "OUT_OF_WARRANTY", "PERIOD_CLOSED",
    "PERIOD_OUT_OF_ORDER", "PERIOD_SOFT_CLOSED", "PLACE_NOT_ALLOWED", "RECEIPT_ABOVE_DISPATCHED",
    "RESTRICTED_PART", "RETURN_ABOVE_REPLACED", "SAME_PERSON", "STATEMENT_TOO_EARLY",
    "SUBMITTED_TOO_LATE", "USER_MISSING", "WRONG_CURRENCY",
}  # fmt: skip


class LosesAPosting(DomainDriver):
    """A view that misses the tax of every sale."""

    def _fold(self, fact: BookedFact) -> None:
        kept = tuple(p for p in fact.postings if p.account != "2221.pend")
        super()._fold(replace(fact, postings=kept))


class ForgetsTheDifference(DomainDriver):
    """A view that misses what exchange rates have gained or lost."""

    def _fold(self, fact: BookedFact) -> None:
        kept = tuple(p for p in fact.postings if p.account != accounts.EXCHANGE_DIFFERENCE)
        super()._fold(replace(fact, postings=kept))


class TakesTheNewestFirst(DomainDriver):
    """A ledger whose stock lies in the wrong order."""

    def receive_purchase(
        self, actor: str, number: str, when: When, place: str, part: str, quantity: int, value: int
    ) -> Reasons:
        answer = super().receive_purchase(actor, number, when, place, part, quantity, value)
        if answer is DONE:
            item = self.ledger.get(StockItem, f"{place}/{part}")
            item.layers = item.layers[::-1]
        return answer


class LetsAnyonePass(DomainDriver):
    """A ledger that says done where it should have refused."""

    def approve_transfer(self, actor: str, number: str, when: When) -> Reasons:
        super().approve_transfer(actor, number, when)
        return DONE


class RevaluesWhatIsReturned(DomainDriver):
    """A ledger that takes everything back at another value."""

    def _fold(self, fact: BookedFact) -> None:
        super()._fold(fact)
        if isinstance(fact, PartsReturn.Shipped):
            self.balances["1408", "", "CNY"] += 1
            self.balances["6401", "", "CNY"] -= 1


class AllocatesTooEarly(DomainDriver):
    """A ledger that pays an invoice on the day before it."""

    def _fold(self, fact: BookedFact) -> None:
        if isinstance(fact, DealerAccount.CreditAllocated):
            early = fact.effective_on - timedelta(days=1)
            fact = replace(fact, effective_on=early)
        super()._fold(fact)


@pytest.mark.parametrize(
    "faulty",
    [
        LosesAPosting,
        ForgetsTheDifference,
        TakesTheNewestFirst,
        LetsAnyonePass,
        RevaluesWhatIsReturned,
        AllocatesTooEarly,
    ],
)
def test_a_faulty_ledger_is_found_out(faulty: type[DomainDriver]) -> None:
    """The control: each of these passes for right until someone adds it up."""
    with pytest.raises(AssertionError):
        played(History(faulty(), Seeded(4)), 1500, 4)
