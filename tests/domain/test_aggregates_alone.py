"""Aggregates refuse by themselves: whoever calls one without a use case meets the same rules."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from domain.claim_states import ALLOWED as CLAIM
from domain.claim_states import ClaimState
from domain.days import Days
from domain.dealer_settlement import DealerSettlement
from domain.errors import NotAllowedInState
from domain.facts import Aggregate, Booking, Command
from domain.parts_back import Finding
from domain.parts_return import Disposal, PartsReturn, ReturnKind
from domain.parts_transfer import PartsTransfer
from domain.return_states import ALLOWED as RETURN
from domain.return_states import ReturnState
from domain.settlement_states import ALLOWED as SETTLEMENT
from domain.settlement_states import SettlementState
from domain.transfer_lines import DiscrepancyCause, MovedLine, Resolution
from domain.transfer_states import ALLOWED as TRANSFER
from domain.transfer_states import TransferState
from domain.use_cases import settling
from domain.vat import VatRate
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import FULL, claim, submitted
from tests.domain.desk import TODAY, Desk, d
from tests.domain.givens import PUMP, sold, stocked_maker
from tests.domain.test_parts_return import announced, sold_and_claimed
from tests.domain.transfer_steps import sent, transfer

DAY = Booking(Days(d(8, 1), d(8, 1)), "")
LINE = MovedLine(part=PUMP, layers=())
VAT = VatRate(rate=Decimal("0.13"), stream="price-lists/settlement-CNY", version=1)
Act = Callable[[Any, Command], object]

ACTS: dict[type[Aggregate], dict[str, Act]] = {
    PartsTransfer: {
        "approve": lambda t, c: t.approve(c, DAY),
        "reject": lambda t, c: t.reject(c, DAY, "no"),
        "cancel": lambda t, c: t.cancel(c, DAY, "no"),
        "dispatch": lambda t, c: t.dispatch(c, DAY, ()),
        "receive": lambda t, c: t.receive(c, DAY, ()),
        "record a discrepancy": lambda t, c: t.record_discrepancy(
            c, DAY, DiscrepancyCause.SHORT, LINE, (), ()
        ),
        "resolve a discrepancy": lambda t, c: t.resolve_discrepancy(
            c, DAY, Resolution.FOUND, LINE, (), ()
        ),
        "close": lambda t, c: t.close(c, DAY),
    },
    PartsReturn: {
        "ship": lambda r, c: r.ship(c, DAY, "", (), ()),
        "receive": lambda r, c: r.receive(c, DAY),
        "inspect": lambda r, c: r.inspect(c, DAY, Finding.CONFIRMED, ""),
        "dispose": lambda r, c: r.dispose(c, DAY, Disposal.SCRAP, "", "", False),
        "mark overdue": lambda r, c: r.mark_overdue(c, DAY),
    },
    WarrantyClaim: {
        "adjudicate": lambda w, c: w.adjudicate(c, DAY, FULL, None, VAT),
        "mark overdue": lambda w, c: w.mark_overdue(c, DAY),
        "request a return": lambda w, c: w.request_return(c, DAY, "R1", PUMP, 1, None),
        "inspect a return": lambda w, c: w.inspect_return(c, DAY, "R1", PUMP, Finding.CONFIRMED),
        "credit": lambda w, c: w.credit(c, DAY, None),
        "deny the credit": lambda w, c: w.deny(c, DAY, "R1", "misuse"),
        "settle": lambda w, c: w.settle(c, DAY),
        "charge back": lambda w, c: w.charge_back(c, DAY, "audit"),
    },
    DealerSettlement: {
        "review": lambda s, c: s.review(c, DAY),
        "dispute": lambda s, c: s.dispute(c, DAY, 2, "2025-07", "price"),
        "resolve a dispute": lambda s, c: s.resolve_dispute(c, DAY, 2, 0, "price"),
        "confirm": lambda s, c: s.confirm(c, DAY, ""),
        "invoice": lambda s, c: s.invoice(c, DAY, "", "", ()),
        "close": lambda s, c: s.close(c, DAY),
    },
}


def a_transfer() -> PartsTransfer:
    return transfer(sent())


def a_return() -> PartsReturn:
    desk = sold_and_claimed()
    announced(desk, ReturnKind.GOOD)
    return desk.the(PartsReturn, "R1")


def a_claim() -> WarrantyClaim:
    return claim(submitted())


def a_settlement() -> DealerSettlement:
    desk: Desk = stocked_maker()
    sold(desk)
    desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    return desk.the(DealerSettlement, "D01/2025-07")


@pytest.mark.parametrize(
    ("make", "states", "allowed"),
    [
        (a_transfer, TransferState, TRANSFER),
        (a_return, ReturnState, RETURN),
        (a_claim, ClaimState, CLAIM),
        (a_settlement, SettlementState, SETTLEMENT),
    ],
)
def test_an_act_that_its_state_does_not_allow_is_refused_and_recorded_nowhere(
    make: Callable[[], Any], states: type[Any], allowed: dict[str, frozenset[Any]]
) -> None:
    aggregate = make()
    acts = ACTS[type(aggregate)]
    tried = [(act, state) for act in acts for state in states if state not in allowed[act]]
    for act, state in tried:
        aggregate.state = state
        command = Command(aggregate.modified_on, TODAY, "eve", "r-1")
        with pytest.raises(NotAllowedInState) as refusal:
            acts[act](aggregate, command)
        assert (refusal.value.facts["state"], refusal.value.facts["action"]) == (state, act)
        assert command.facts == []
    assert set(acts) == set(allowed)
    assert tried
