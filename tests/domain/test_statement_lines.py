"""Which lines of the account stand on a statement, also where those of two months alternate."""

import pytest

from domain.dealer_account import DealerAccount
from domain.errors import InvalidValue
from domain.facts import BookedFact
from domain.statement import Statement
from domain.use_cases import settling
from tests.domain.desk import BOB, Desk, on, only
from tests.domain.givens import sold, stocked_maker
from tests.domain.tour import every_fact

JULY = "D01/2025-07"


def stated(*months: int) -> tuple[Desk, Statement]:
    """July, after a sale in each of these months: they are versions 2, 3, 4 … of the account."""
    desk = stocked_maker()
    for number, month in enumerate(months):
        sold(desk, 1, f"SA{number}", on(month, 15))
    issued = desk.do(settling.issue_statement, dealer="D01", month="2025-07")
    return desk, only(issued, DealerAccount.StatementClosed).statement


@pytest.mark.parametrize(
    "months",
    [(), (7,), (7, 7, 7), (8, 7, 7), (7, 7, 8), (7, 8, 7), (7, 7, 8, 9, 7, 7)],
)
def test_a_statement_says_from_which_line_to_which_and_how_many(months: tuple[int, ...]) -> None:
    _, statement = stated(*months)

    in_july = [version for version, month in enumerate(months, start=2) if month == 7]
    ends = (in_july[0], in_july[-1]) if in_july else (0, 0)
    assert (statement.first_version, statement.last_version) == ends
    assert statement.line_count == len(in_july)


@pytest.mark.parametrize(("version", "is_stated"), [(1, False), (2, True), (3, False), (4, True),
                                                    (5, True), (6, False)])  # fmt: skip
def test_the_first_and_the_last_line_can_be_disputed_and_those_beside_them_cannot(
    version: int, is_stated: bool
) -> None:
    desk, _ = stated(7, 8, 7, 7)
    desk.do(settling.review_statement, actor=BOB, number=JULY)
    dispute = {"number": JULY, "because": "price"}

    if is_stated:
        desk.do(settling.dispute_line, **dispute, line_version=version)
    else:
        desk.refused(InvalidValue, settling.dispute_line, **dispute, line_version=version)


def test_every_step_and_so_every_line_of_a_statement_has_a_reference() -> None:
    """The paper that was given, or else the number of the document itself."""
    booked = [fact for fact in every_fact() if isinstance(fact, BookedFact)]
    assert [fact for fact in booked if not fact.document] == []

    desk = stocked_maker()
    facts = [*sold(desk, 1, "SA1", on(7, 15)), *sold(desk, 1, "SA2", on(7, 15, "INV-2"))]
    lines = [fact for fact in facts if isinstance(fact, DealerAccount.SaleInvoiced)]
    assert [line.document for line in lines] == ["SA1", "INV-2"]
