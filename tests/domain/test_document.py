"""The two tables of a document: what is allowed in which state, and which state a fact leaves."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest

from domain.aggregates import AGGREGATES
from domain.claim_states import ENDED, ClaimState
from domain.dealer_settlement import DealerSettlement
from domain.document import Document, States
from domain.errors import NotAllowedInState
from domain.facts import Aggregate, Command, Fact, FirstFact
from domain.parts_return import PartsReturn
from domain.parts_transfer import PartsTransfer
from domain.warranty_claim import WarrantyClaim

DOCUMENTS = [kind for kind in AGGREGATES if issubclass(kind, Document)]


def facts_of(kind: type[Aggregate]) -> set[str]:
    own = (value for value in vars(kind).values() if isinstance(value, type))
    return {fact.__name__ for fact in own if issubclass(fact, Fact)} - {"Event"}


def states_in(table: States) -> Iterator[StrEnum]:
    return (state for states in table.values() for state in states)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_fact_of_a_document_says_which_states_it_may_leave(kind: type[Document]) -> None:
    """A fact that is missing here would hide documents from lists by state."""
    [states] = {type(state) for state in states_in(kind.LEAVES)}

    assert set(kind.LEAVES) == facts_of(kind)
    assert set(states_in(kind.LEAVES)) == set(states)
    assert set(states_in(kind.ALLOWED)) <= set(states)


def test_that_check_sees_a_fact_that_is_missing() -> None:
    assert {PartsTransfer, WarrantyClaim} <= set(DOCUMENTS)
    assert facts_of(PartsTransfer) != set(PartsTransfer.LEAVES) - {"Received"}


def test_documents_in_a_state_are_found_by_the_facts_that_may_leave_them_in_it() -> None:
    assert WarrantyClaim.facts_leaving([ClaimState.SUBMITTED]) == ["Submitted"]
    assert WarrantyClaim.facts_leaving(ENDED) == [
        "Rejected", "ReturnRequested", "ReturnInspected", "CreditDenied", "Credited",
    ]  # fmt: skip
    assert WarrantyClaim.facts_leaving([]) == []


class Lamp(Document):
    """A document whose second table is wrong about what switching it does."""

    class State(StrEnum):
        OFF = "off"
        ON = "on"

    TOPIC = "test:Lamp"
    KIND = "lamps"
    NOUN = "lamp"
    ALLOWED = {"switch": {State.OFF}}
    LEAVES = {"Hung": {State.OFF}, "Switched": {State.OFF}}

    class Hung(FirstFact):
        TOPIC = "test:Lamp.Hung"

    class Switched(Fact):
        TOPIC = "test:Lamp.Switched"

        def apply(self, aggregate: "Lamp") -> None:
            aggregate.state = Lamp.State.ON

    def __init__(self) -> None:
        self.state = Lamp.State.OFF

    def switch(self, command: Command) -> None:
        self.require("switch")
        self._record(self.Switched, command)


def test_a_command_whose_fact_leaves_another_state_than_the_table_says_is_a_defect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = Command(datetime(2025, 7, 1, tzinfo=UTC), date(2025, 7, 1), "ann", "request-1")
    lamp = Lamp._first(Lamp.Hung, "L-1", command)
    with pytest.raises(AssertionError, match="left lamps/L-1 in the state on"):
        lamp.switch(command)

    monkeypatch.setitem(Lamp.LEAVES, "Switched", {Lamp.State.ON})  # The control.
    Lamp._first(Lamp.Hung, "L-2", command).switch(command)


def test_that_is_so_of_its_first_fact_too(monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command(datetime(2025, 7, 1, tzinfo=UTC), date(2025, 7, 1), "ann", "request-1")
    monkeypatch.setitem(Lamp.LEAVES, "Hung", {Lamp.State.ON})

    with pytest.raises(AssertionError, match="left lamps/L-1 in the state off"):
        Lamp._first(Lamp.Hung, "L-1", command)


def test_what_its_state_does_not_allow_is_refused() -> None:
    command = Command(datetime(2025, 7, 1, tzinfo=UTC), date(2025, 7, 1), "ann", "request-1")
    lamp = Lamp._first(Lamp.Hung, "L-1", command)
    lamp.state = Lamp.State.ON

    with pytest.raises(NotAllowedInState, match="lamp L-1 is on: cannot switch"):
        lamp.switch(command)
    assert len(command.facts) == 1


ON_THE_WAY = {"receive", "record a discrepancy", "resolve a discrepancy"}
AGAIN = {"request a return", "inspect a return", "credit"}  # What inspection had refused.
# As docs/domain.md has them, in the words of the code; what is not named can only stay as it is.
WHAT_CAN_FOLLOW: dict[type[Document], dict[str, set[str]]] = {
    PartsTransfer: {
        "requested": {"approve", "reject", "cancel"}, "approved": {"dispatch", "cancel"},
        "in_transit": ON_THE_WAY, "partly_received": ON_THE_WAY, "received": {"close"},
        "discrepant": {"resolve a discrepancy", "close"},
    },
    PartsReturn: {
        "requested": {"ship", "mark overdue"}, "shipped": {"receive", "mark overdue"},
        "received": {"inspect"}, "inspected": {"dispose"},
    },
    WarrantyClaim: {
        "submitted": {"adjudicate"}, "approved": {"credit"}, "partly_approved": {"credit"},
        "awaiting_parts": AGAIN | {"mark overdue", "deny the credit"},
        "rejected": AGAIN | {"deny the credit"}, "credited": AGAIN | {"settle", "charge back"},
        "settled": AGAIN | {"charge back"}, "charged_back": {"inspect a return"},
    },
    DealerSettlement: {
        "issued": {"review"}, "reviewed": {"dispute", "confirm"},
        "disputed": {"dispute", "resolve a dispute", "confirm"}, "confirmed": {"invoice"},
        "invoiced": {"close"},
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", WHAT_CAN_FOLLOW)
def test_what_can_follow_in_each_state_is_what_the_documentation_says(kind: type[Document]) -> None:
    found: dict[str, set[str]] = {}
    for action, states in kind.ALLOWED.items():
        for state in states:
            found.setdefault(state.value, set()).add(action)

    assert found == WHAT_CAN_FOLLOW[kind]


def test_a_fact_leaves_one_state_but_for_these() -> None:
    """Whether all has arrived, or has to come back, only the document itself knows."""
    found = {
        f"{kind.__name__}.{fact}": {state.value for state in states}
        for kind in DOCUMENTS
        for fact, states in kind.LEAVES.items()
        if len(states) > 1
    }
    some_arrived = {"partly_received", "received", "discrepant"}
    returning = {"awaiting_parts", "rejected", "credited", "settled"}

    assert found == {
        "PartsTransfer.Received": some_arrived,
        "PartsTransfer.DiscrepancyRecorded": some_arrived,
        "PartsTransfer.DiscrepancyResolved": some_arrived,
        "PartsReturn.Overdue": {"requested", "shipped"},
        "WarrantyClaim.Approved": {"approved", "awaiting_parts"},
        "WarrantyClaim.PartlyApproved": {"partly_approved", "awaiting_parts"},
        "WarrantyClaim.ReturnRequested": returning,
        "WarrantyClaim.ReturnInspected": returning,
    }
