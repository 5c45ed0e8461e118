"""A core part 核心零配件 stays with the maker: what is outside already can only come back."""

from typing import Any

import pytest

from domain.errors import RestrictedPart
from domain.facts import Fact
from domain.part import CatalogueEntry, PartClass
from domain.parts_back import Finding
from domain.parts_return import Disposal, ReturnKind
from domain.parts_transfer import PartsTransfer
from domain.transfer_lines import DiscrepancyCause, Resolution
from domain.transfer_states import TransferState
from domain.use_cases import claiming, returning, revising, selling, transferring
from domain.use_cases.claim_form import ClaimForm
from tests.domain.claim_steps import RETURNABLE, asked_back, decided, decision, found, submitted
from tests.domain.desk import BOB, Desk, all_postings, d, layer, on
from tests.domain.givens import AT_D01, CORE, MAIN, NORTH, PUMP, form, item, maker
from tests.domain.test_parts_return import disposed, in_custody
from tests.domain.transfer_steps import lines, missing, received, resolved, sent, stock, transfer


def restricted(desk: Desk) -> Desk:
    """Pumps have become core parts."""
    core = CatalogueEntry("主泵", PartClass.MODULE, serviceable=True, restricted=True)
    desk.do(revising.revise_part, number=PUMP, entry=core, effective_from=d(1, 2))
    return desk


@pytest.mark.parametrize(
    "filled_in", [form(causal_part=CORE), form(items=(item(500), item(100, CORE, 1)))]
)
def test_it_is_not_claimed(filled_in: ClaimForm) -> None:
    facts = maker().refused(
        RestrictedPart, claiming.submit_claim, number="C1", occurrence=on(7, 12), form=filled_in
    )

    assert facts == {"part": CORE, "action": "claimed"}


def test_it_is_not_received_into_consignment() -> None:
    """It was sent before it became one; of two pieces one was taken in before, too."""
    desk = sent(2, AT_D01)
    received(desk, 1)
    restricted(desk)

    for some in (lines(1), ()):
        facts = desk.refused(
            RestrictedPart, transferring.receive_transfer,
            number="T1", occurrence=on(7, 14), lines=some,
        )  # fmt: skip
        assert facts == {"part": PUMP, "action": "consigned"}


def test_on_its_way_to_a_dealer_it_turns_back() -> None:
    desk = restricted(sent(2, AT_D01))
    missing(desk, 2)
    desk.refused(
        RestrictedPart, transferring.resolve_discrepancy, number="T1", occurrence=on(7, 16),
        resolution=Resolution.FOUND, part=PUMP, quantity=2,
    )  # fmt: skip

    facts = resolved(desk, 2, Resolution.SENT_BACK)

    assert all_postings(facts) == [("1405", "places/W01", 2000), ("1901", "", -2000)]
    assert stock(desk, MAIN)[:2] == [
        layer(8, 1000, d(7, 1)), layer(2, 1000, d(7, 1), d(7, 16)),
    ]  # fmt: skip
    desk.do(transferring.close_transfer, actor=BOB, number="T1")
    assert transfer(desk).state is TransferState.CLOSED


def test_on_its_way_from_a_dealer_it_does_not_turn_back() -> None:
    desk = sent(2, AT_D01)
    received(desk, 2)
    restricted(desk)
    recalled(desk, NORTH, arrives=False)
    desk.do(
        transferring.record_discrepancy, number="T2", occurrence=on(7, 22),
        cause=DiscrepancyCause.DAMAGED, part=PUMP, quantity=1,
    )  # fmt: skip
    resolve: dict[str, Any] = {"number": "T2", "occurrence": on(7, 23), "part": PUMP, "quantity": 1}

    facts = desk.refused(
        RestrictedPart, transferring.resolve_discrepancy,
        resolution=Resolution.SENT_BACK, **resolve,
    )  # fmt: skip

    assert facts == {"part": PUMP, "action": "consigned"}
    desk.do(transferring.resolve_discrepancy, resolution=Resolution.FOUND, **resolve)


def recalled(desk: Desk, to_place: str, arrives: bool = True) -> list[Fact]:
    desk.do(
        transferring.request_transfer,
        number="T2", occurrence=on(7, 20), from_place=AT_D01, to_place=to_place, lines=lines(2),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T2")
    sent_off = desk.do(transferring.dispatch_transfer, number="T2", occurrence=on(7, 21))
    if not arrives:
        return sent_off
    return desk.do(transferring.receive_transfer, number="T2", occurrence=on(7, 22))


def test_what_lies_at_a_dealer_is_recalled_and_not_sold_from_there() -> None:
    desk = sent(2, AT_D01)
    received(desk, 2)
    restricted(desk)
    desk.refused(
        RestrictedPart, selling.sell_parts, number="SA1", occurrence=on(7, 20), dealer="D01",
        from_place=AT_D01, lines=(selling.WantedLine(PUMP, 1),),
    )  # fmt: skip

    facts = recalled(desk, NORTH)

    assert all_postings(facts) == [("1405", "places/W02", 2000), ("1408", "", -2000)]
    assert stock(desk, NORTH) == [layer(2, 1000, d(7, 1), d(7, 22))]
    assert desk.the(PartsTransfer, "T2").state is TransferState.RECEIVED


def test_it_is_not_moved_from_dealer_to_dealer() -> None:
    desk = sent(2, AT_D01)
    received(desk, 2)
    restricted(desk)

    facts = desk.refused(
        RestrictedPart, transferring.request_transfer, number="T2", occurrence=on(7, 20),
        from_place=AT_D01, to_place="consignment.D02", lines=lines(1),
    )  # fmt: skip

    assert facts == {"part": PUMP, "action": "consigned"}


@pytest.mark.parametrize(
    ("kind", "finding", "disposal"),
    [
        (ReturnKind.GOOD, Finding.NO_FAULT_FOUND, Disposal.TO_SUPPLIER),
        (ReturnKind.GOOD, Finding.MISUSE, Disposal.BACK_TO_DEALER),
        (ReturnKind.DEFECTIVE, Finding.CONFIRMED, Disposal.TO_SUPPLIER),
        (ReturnKind.DEFECTIVE, Finding.MISUSE, Disposal.BACK_TO_DEALER),
    ],
)
def test_from_custody_it_goes_nowhere_outside(
    kind: ReturnKind, finding: Finding, disposal: Disposal
) -> None:
    desk = restricted(in_custody(kind, finding))

    facts = desk.refused(
        RestrictedPart, returning.dispose_return,
        number="R1", occurrence=on(7, 20), disposal=disposal, supplier="",
    )  # fmt: skip

    assert facts == {"part": PUMP, "action": "sent outside"}
    disposed(desk, Disposal.SCRAP)


def test_what_a_claim_replaced_before_still_comes_back_and_is_credited() -> None:
    desk = submitted(**RETURNABLE)
    decided(desk, (decision(1, 2000), decision(2, 500)))
    restricted(desk)
    asked_back(desk, "R1")
    facts = found(desk, "R1", Finding.CONFIRMED)

    assert all_postings(facts) == [("2241", "dealers/D01", -2500), ("2801", "", 2500)]
