"""What must come back of a claim: by item, each piece once, and the credit waits for the last."""

from domain.claim_states import ClaimState
from domain.errors import OverReturn
from domain.facts import Fact
from domain.parts_back import Finding, ReturnedPieces
from domain.parts_return import PartsReturn
from domain.use_cases import returning
from domain.warranty_claim import WarrantyClaim
from tests.domain.claim_steps import (
    RETURNABLE,
    asked_back,
    claim,
    decided,
    decision,
    found,
    submitted,
)
from tests.domain.desk import Desk, kinds, on, only
from tests.domain.givens import CUSTODY, PUMP, SEAL, item

CREDITED = ["WarrantyClaim.Credited", "DealerAccount.ClaimCredited"]


def awaited(*pieces: tuple[str, int]) -> Desk:
    """A claim, approved in full, with a line of 1.00 for each of these parts."""
    desk = submitted(items=tuple(item(100, part, n) for part, n in pieces), **RETURNABLE)
    decided(desk, tuple(decision(number, 100) for number in range(1, len(pieces) + 1)))
    return desk


def confirmed(desk: Desk, number: str) -> list[Fact]:
    return found(desk, number, Finding.CONFIRMED)


def one_more(
    desk: Desk, part: str, quantity: int = 1, claim_item: int | None = None
) -> dict[str, str]:
    """What the refusal says when more is asked back than the claim replaced."""
    return desk.refused(
        OverReturn, returning.request_defective_return, number="R9", occurrence=on(7, 14),
        claim="C1", part=part, quantity=quantity, to_place=CUSTODY, claim_item=claim_item,
    )  # fmt: skip


def test_the_very_last_piece_can_be_asked_back_and_not_one_more() -> None:
    desk = awaited((PUMP, 3))
    asked_back(desk, "R1", 1)
    one_more(desk, PUMP, 3)
    asked_back(desk, "R2", 2)

    assert one_more(desk, PUMP) == {
        "claim": "C1", "part": PUMP, "replaced": "3", "returned": "3", "requested": "1",
    }  # fmt: skip


def test_pieces_of_one_part_do_not_stand_for_those_of_another() -> None:
    desk = awaited((PUMP, 1), (SEAL, 2))
    asked_back(desk, "R1")

    assert one_more(desk, PUMP)["returned"] == "1"
    asked_back(desk, "R2", 2, SEAL)
    assert one_more(desk, SEAL)["returned"] == "2"


def test_lines_of_the_same_part_are_asked_back_together_and_in_their_order() -> None:
    desk = awaited((PUMP, 1), (PUMP, 2))
    facts = asked_back(desk, "R1", 2)

    pieces = (ReturnedPieces(item=1, quantity=1), ReturnedPieces(item=2, quantity=1))
    assert only(facts, WarrantyClaim.ReturnRequested).pieces == pieces
    assert only(facts, PartsReturn.Requested).claim_items == pieces
    asked_back(desk, "R2", 1)
    assert one_more(desk, PUMP)["replaced"] == "3"
    confirmed(desk, "R1")
    assert claim(desk).state is ClaimState.AWAITING_PARTS
    assert kinds(confirmed(desk, "R2"))[2:] == CREDITED


def test_a_return_may_say_which_line_it_is_of() -> None:
    desk = awaited((PUMP, 1), (PUMP, 2), (SEAL, 1))
    facts = asked_back(desk, "R1", 1, item=2)

    assert only(facts, WarrantyClaim.ReturnRequested).pieces == (
        ReturnedPieces(item=2, quantity=1),
    )
    assert one_more(desk, PUMP, 2, claim_item=2)["returned"] == "1"
    assert one_more(desk, PUMP, 1, claim_item=3)["replaced"] == "0", "that line is of seals"
    assert one_more(desk, PUMP, 1, claim_item=4)["replaced"] == "0", "there is no such line"


def test_one_part_complete_is_not_the_claim_complete() -> None:
    desk = awaited((PUMP, 1), (SEAL, 2))
    for number, part in (("R1", PUMP), ("R2", SEAL), ("R3", SEAL)):
        asked_back(desk, number, 1, part)
    for number in ("R1", "R2"):
        facts = confirmed(desk, number)
        assert kinds(facts) == ["PartsReturn.Inspected", "WarrantyClaim.ReturnInspected"]
        assert claim(desk).state is ClaimState.AWAITING_PARTS

    assert kinds(confirmed(desk, "R3"))[2:] == CREDITED


def test_asked_back_is_not_yet_come_back() -> None:
    """The last piece is asked for before the first one is looked at: nothing is credited yet."""
    desk = awaited((PUMP, 2))
    asked_back(desk, "R1")
    asked_back(desk, "R2")
    confirmed(desk, "R1")

    assert claim(desk).state is ClaimState.AWAITING_PARTS


def test_a_line_that_was_refused_asks_nothing_back() -> None:
    desk = submitted(items=(item(100, PUMP, 1), item(100, SEAL, 1)), **RETURNABLE)
    decided(desk, (decision(1, 0, "own part"), decision(2, 100)))

    assert one_more(desk, PUMP)["replaced"] == "0"
    asked_back(desk, "R1", 1, SEAL)
    assert list(claim(desk).progress.parts_back.items) == [2]


def test_where_nothing_has_to_come_back_nothing_can() -> None:
    desk = submitted()
    decided(desk, (decision(1, 2000), decision(2, 500)))

    assert claim(desk).state is ClaimState.CREDITED
    assert one_more(desk, PUMP)["replaced"] == "0"
