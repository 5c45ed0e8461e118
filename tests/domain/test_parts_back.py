"""What must come back of a claim: by item, each piece once, and the credit waits for the last."""

import pytest

from domain.claim_lines import ClaimItem, ItemAmount, ItemKind
from domain.claim_states import ClaimState
from domain.errors import OverReturn
from domain.facts import Fact
from domain.parts_back import Finding, ItemBack, PartsBack, ReturnedPieces
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


def refused_before() -> PartsBack:
    """Of the first line both pieces were refused, and one is under way again; of the second, one
    was refused, one is under way, and one was never announced."""
    return PartsBack({
        1: ItemBack(PUMP, 2, refused=2, again=1),
        2: ItemBack(PUMP, 3, refused=1, announced=1),
        3: ItemBack(SEAL, 9),
    })  # fmt: skip


def test_what_was_never_announced_is_asked_back_first_and_then_what_was_refused_in_order() -> None:
    back = refused_before()
    assert back.taken("C1", PUMP, 1, None) == (ReturnedPieces(item=2, quantity=1),)
    assert back.taken("C1", PUMP, 2, None) == (
        ReturnedPieces(item=1, quantity=1, again=1), ReturnedPieces(item=2, quantity=1),
    )  # fmt: skip
    assert back.taken("C1", PUMP, 3, None) == (
        ReturnedPieces(item=1, quantity=1, again=1), ReturnedPieces(item=2, quantity=2, again=1),
    )  # fmt: skip
    assert back.taken("C1", PUMP, 2, 2) == (ReturnedPieces(item=2, quantity=2, again=1),)


def test_a_refused_piece_that_is_under_way_again_is_not_asked_back_a_third_time() -> None:
    with pytest.raises(OverReturn) as refusal:
        refused_before().taken("C1", PUMP, 4, None)
    assert refusal.value.facts == {
        "claim": "C1", "part": PUMP, "replaced": "5", "returned": "2", "requested": "4",
    }  # fmt: skip


def test_inspection_leaves_the_share_of_the_pieces_that_it_did_not_refuse() -> None:
    """A third of 0.10 is 0.03; two thirds are 0.07."""
    line = ClaimItem(
        item=1, kind=ItemKind.MATERIAL, part=PUMP, quantity=3, inspected_minor=10,
        ordered_minor=10, claimed_minor=10,
    )  # fmt: skip
    for refused, left in ((0, 10), (1, 7), (2, 3), (3, 0)):
        back = PartsBack({1: ItemBack(PUMP, 3, refused=refused)})
        [found_left] = back.left_of((line,), (decision(1, 10),))
        assert found_left == ItemAmount(item=1, amount_minor=left)
