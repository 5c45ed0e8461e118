"""What stock and accounts hold is led back to a step of a document, by what the facts say."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.dealer_account import DealerAccount
from domain.facts import (
    Aggregate,
    Cause,
    CausedFact,
    Command,
    Fact,
    FirstCausedFact,
)
from domain.ledger import Ledger
from domain.lines import Posting
from domain.parts_sale import PartsSale
from domain.sound import CauseNotRecorded
from domain.stock_item import StockItem
from tests.domain.causes import SUMS, cause_of, kind_of, untraced
from tests.domain.desk import Desk, command, counted, d, on
from tests.domain.givens import sold, stocked_maker
from tests.domain.stored_names import fact_types
from tests.domain.tour import every_fact
from tests.simulation.history import History
from tests.simulation.in_memory import DomainDriver
from tests.simulation.test_random_history_in_memory import Seeded, played


def facts_of(history: History) -> list[Fact]:
    assert isinstance(history.ledger, DomainDriver)
    desk = Desk(history.ledger.ledger)
    return desk.facts()


def test_every_fact_of_stock_and_accounts_names_its_cause() -> None:
    sums = [fact for fact in fact_types() if fact.TOPIC.split(":")[1].split(".")[0] in NAMES]

    assert all(issubclass(fact, CausedFact | FirstCausedFact) for fact in sums)
    assert len(sums) == 15


NAMES = {kind.__name__ for kind in SUMS}


def test_each_kind_of_them_is_led_back_to_a_document_of_the_same_request() -> None:
    facts = every_fact()

    assert untraced(facts) == []
    met = {type(fact) for fact in facts if kind_of(fact.originator_id) in SUMS}
    assert len(met) == 15


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_long_history_every_one_is(seed: int) -> None:
    facts = facts_of(played(History(DomainDriver(), Seeded(seed)), 1000, seed))

    assert untraced(facts) == []
    assert sum(kind_of(fact.originator_id) in SUMS for fact in facts) > 150


def test_what_leaves_stock_names_a_step_that_is_recorded_after_it() -> None:
    """The document's fact holds the pieces that were taken for it, so it comes later."""
    desk = stocked_maker()

    facts = sold(desk, 3, "SA1", on(7, 15))

    [issued] = [fact for fact in facts if isinstance(fact, StockItem.Issued)]
    [sale] = [fact for fact in facts if isinstance(fact, PartsSale.Sold)]
    assert facts.index(issued) < facts.index(sale)
    history = {(fact.originator_id, fact.originator_version): fact for fact in facts}
    assert cause_of(issued, history) is sale
    assert (issued.caused_by, issued.caused_by_version) == ("sales/SA1", 1)


def of_another(issued: StockItem.Issued, **cause: Any) -> StockItem.Issued:
    """The same fact, but for its cause."""
    changed = replace(issued, **cause)
    vars(changed).update(vars(issued))
    return changed


def test_a_cause_that_another_request_recorded_is_noticed() -> None:
    """The control: a line that names a step which exists, and which is not its own."""
    facts = every_fact()
    sales = [fact for fact in facts if isinstance(fact, PartsSale.Sold)]
    issued = next(
        fact
        for fact in facts
        if isinstance(fact, StockItem.Issued) and fact.caused_by == sales[0].originator_id
    )
    strange = of_another(issued, caused_by="transfers/T1")
    nowhere = of_another(issued, caused_by_version=9)

    name = f"{issued.originator_id}@{issued.originator_version}"
    for wrong in (strange, nowhere):
        assert untraced([wrong if fact is issued else fact for fact in facts]) == [name]


def test_a_use_case_that_names_what_it_does_not_record_is_a_defect_and_leaves_no_trace() -> None:
    desk = stocked_maker()
    log, states = desk.log(), desk.states()

    def post(ledger: Ledger, cmd: Command) -> Aggregate:
        account = ledger.get(DealerAccount, "D01")
        nothing = counted(d(7, 1)).caused_by(Cause("payments/PM-9", 1))
        amounts = (5, -5)
        entry = tuple(Posting(account="1002", amount_minor=a, currency="CNY") for a in amounts)
        account.post(cmd, DealerAccount.PaymentReceived, nothing, entry)
        return account

    with pytest.raises(CauseNotRecorded, match="names payments/PM-9@1, not recorded with it"):
        desk.ledger.execute(command(99), post)
    assert (desk.log(), desk.states()) == (log, states)
