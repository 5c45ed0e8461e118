"""What must come back of a claim: by part, each piece once, and the credit waits for the last."""

from domain.claim_lines import ItemDecision
from domain.claim_states import ClaimState
from domain.errors import OverReturn
from domain.facts import Fact
from domain.parts_back import PartsBack
from domain.parts_return import Finding
from domain.use_cases import returning
from tests.domain.claim_steps import RETURNABLE, claim, decided, submitted
from tests.domain.desk import Desk, kinds, on
from tests.domain.givens import CUSTODY, PUMP, SEAL, item


def awaited(*pieces: tuple[str, int]) -> Desk:
    """A claim, approved in full, with a line of 10.00 for each of these parts."""
    desk = submitted(items=tuple(item(1000, part, n) for part, n in pieces), **RETURNABLE)
    decided(desk, tuple(ItemDecision(approved_minor=1000) for _ in pieces))
    return desk


def asked_back(desk: Desk, number: str, part: str, quantity: int) -> list[Fact]:
    return desk.do(
        returning.request_defective_return, number=number, occurrence=on(7, 14), claim="C1",
        part=part, quantity=quantity, to_place=CUSTODY,
    )  # fmt: skip


def confirmed(desk: Desk, number: str) -> list[Fact]:
    for step in (returning.ship_return, returning.receive_return):
        desk.do(step, number=number, occurrence=on(7, 15))
    return desk.do(
        returning.inspect_return, number=number, occurrence=on(7, 15), finding=Finding.CONFIRMED
    )


def one_more(desk: Desk, part: str, quantity: int = 1) -> dict[str, str]:
    """What the refusal says when more is asked back than the claim replaced."""
    return desk.refused(
        OverReturn, returning.request_defective_return, number="R9", occurrence=on(7, 14),
        claim="C1", part=part, quantity=quantity, to_place=CUSTODY,
    )  # fmt: skip


def test_the_very_last_piece_can_be_asked_back_and_not_one_more() -> None:
    desk = awaited((PUMP, 3))
    asked_back(desk, "R1", PUMP, 1)
    one_more(desk, PUMP, 3)
    asked_back(desk, "R2", PUMP, 2)

    assert one_more(desk, PUMP) == {
        "claim": "C1", "part": PUMP, "replaced": "3", "returned": "3", "requested": "1",
    }  # fmt: skip
    assert claim(desk).parts_back == PartsBack(replaced={PUMP: 3}, requested={PUMP: 3})


def test_pieces_of_one_part_do_not_stand_for_those_of_another() -> None:
    desk = awaited((PUMP, 1), (SEAL, 2))
    asked_back(desk, "R1", PUMP, 1)

    assert one_more(desk, PUMP)["returned"] == "1"
    asked_back(desk, "R2", SEAL, 2)
    assert one_more(desk, SEAL)["returned"] == "2"


def test_lines_of_the_same_part_are_asked_back_together() -> None:
    desk = awaited((PUMP, 1), (PUMP, 2))
    asked_back(desk, "R1", PUMP, 3)

    assert one_more(desk, PUMP)["replaced"] == "3"
    assert claim(desk).state is ClaimState.AWAITING_PARTS
    assert kinds(confirmed(desk, "R1"))[2:] == [
        "WarrantyClaim.Credited", "DealerAccount.ClaimCredited",
    ]  # fmt: skip


def test_one_part_complete_is_not_the_claim_complete() -> None:
    desk = awaited((PUMP, 1), (SEAL, 2))
    for number, part, quantity in (("R1", PUMP, 1), ("R2", SEAL, 1), ("R3", SEAL, 1)):
        asked_back(desk, number, part, quantity)
    for number in ("R1", "R2"):
        facts = confirmed(desk, number)
        assert kinds(facts) == ["PartsReturn.Inspected", "WarrantyClaim.ReturnInspected"]
        assert claim(desk).state is ClaimState.AWAITING_PARTS

    assert kinds(confirmed(desk, "R3"))[2:] == [
        "WarrantyClaim.Credited", "DealerAccount.ClaimCredited",
    ]  # fmt: skip


def test_asked_back_is_not_yet_come_back() -> None:
    """The last piece is asked for before the first one is looked at: nothing is credited yet."""
    desk = awaited((PUMP, 2))
    asked_back(desk, "R1", PUMP, 1)
    asked_back(desk, "R2", PUMP, 1)
    confirmed(desk, "R1")

    assert claim(desk).state is ClaimState.AWAITING_PARTS


def test_a_line_that_was_refused_asks_nothing_back() -> None:
    desk = submitted(items=(item(1000, PUMP, 1), item(1000, SEAL, 1)), **RETURNABLE)
    refused = ItemDecision(approved_minor=0, because="own part")
    decided(desk, (refused, ItemDecision(approved_minor=1000)))

    assert one_more(desk, PUMP)["replaced"] == "0"
    asked_back(desk, "R1", SEAL, 1)
    assert claim(desk).parts_back.replaced == {SEAL: 1}
