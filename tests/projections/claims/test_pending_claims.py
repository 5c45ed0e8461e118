"""Claims under way are shown beside the statement, and stand on no account."""

from datetime import date

import pytest

from domain.claim_lines import ClaimedItem, ItemDecision, ItemKind
from domain.parts_back import Finding
from domain.use_cases import claiming, returning
from domain.use_cases.booking import Occurrence
from domain.use_cases.claim_form import ClaimForm
from projections.books.documents import Wanted, list_documents
from projections.books.trial_balance import trial_balance
from projections.claims.pending_claims import (
    CLAIM_MONTHS,
    CLAIM_SPANS,
    CLAIM_STEPS,
    PendingClaim,
    pending_claims,
)
from projections.dealers.dealer_statement import dealer_statement
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, fold, index, step
from projections.engine.schemas import building, schemas
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper, found_document
from tests.small_maker import SmallMaker, SoldMachine, policy

JUNE = date(2025, 6, 30)


def submit(bookkeeper: Bookkeeper, number: str, on: date, failed_on: date | None = None) -> None:
    """800.00 labour and 200.00 travel for machine M-1 of D01."""
    amounts = {ItemKind.LABOUR: 80_000, ItemKind.TRAVEL: 20_000}
    items = tuple(
        ClaimedItem(kind=kind, inspected_minor=amount, ordered_minor=amount, claimed_minor=amount)
        for kind, amount in amounts.items()
    )
    form = ClaimForm(
        dealer="D01", machine="M-1", user="Zhao", failed_on=failed_on or on, causal_part="P-1",
        fault_code="F-1", pre_inspection=f"PI-{number}", work_order=f"WO-{number}",
        settlement_sheet=f"SS-{number}", currency="CNY", items=items,
    )  # fmt: skip
    occurrence = Occurrence(on, f"WO-{number}")
    bookkeeper.do(claiming.submit_claim, number=number, occurrence=occurrence, form=form)


def adjudicate(bookkeeper: Bookkeeper, number: str, on: date, approved: tuple[int, ...]) -> None:
    decisions = tuple(
        ItemDecision(item=item, approved_minor=amount, because="as agreed")
        for item, amount in enumerate(approved, start=1)
    )
    bookkeeper.do(
        claiming.adjudicate_claim, actor="li",
        number=number, occurrence=Occurrence(on), decisions=decisions,
    )  # fmt: skip


@pytest.fixture
def claimed(bookkeeper: Bookkeeper) -> Bookkeeper:
    """Three claims: C-1 still in review, C-2 partly approved on 5 July, C-3 rejected in June."""
    machine = SoldMachine("ZY55", "D01", date(2025, 1, 1), "Zhao")
    maker = SmallMaker(policies={"ZY55": policy()}, machines={"M-1": machine})
    bookkeeper.open_for_business(maker)
    for number, day in (("C-1", 10), ("C-2", 12), ("C-3", 14)):
        submit(bookkeeper, number, date(2025, 6, day))
    adjudicate(bookkeeper, "C-3", date(2025, 6, 20), (0, 0))
    adjudicate(bookkeeper, "C-2", date(2025, 7, 5), (80_000, 0))
    return bookkeeper


def test_a_claim_is_pending_until_it_is_credited_or_refused(claimed: Bookkeeper) -> None:
    with claimed.look() as now:
        june = pending_claims(now, "D01", JUNE)
        july = pending_claims(now, "D01", date(2025, 7, 31))
        assert pending_claims(now, "D02", JUNE) == ()
    assert june == (
        PendingClaim("C-1", "WO-C-1", date(2025, 6, 10), "CNY", 100_000, None),
        PendingClaim("C-2", "WO-C-2", date(2025, 6, 12), "CNY", 100_000, None),
    )
    assert [claim.claim for claim in july] == ["C-1"]


def test_claims_of_one_day_are_in_the_order_of_their_numbers(claimed: Bookkeeper) -> None:
    """Whatever the order they came in, and whether they have ended since or not."""
    for number, day in (("C-7", 3), ("C-9", 1), ("C-8", 2)):
        submit(claimed, number, date(2025, 6, 20), failed_on=date(2025, 6, day))
    adjudicate(claimed, "C-7", date(2025, 6, 25), (0, 0))
    with claimed.look() as now:
        numbers = [claim.claim for claim in pending_claims(now, "D01", date(2025, 6, 22))]
    assert [number for number in numbers if number in ("C-7", "C-8", "C-9")] == [
        "C-7", "C-8", "C-9",
    ]  # fmt: skip


def test_a_claim_that_has_ended_since_is_pending_as_of_a_position_before(
    claimed: Bookkeeper,
) -> None:
    """And the view that says from when to when is, as of there, what it was there."""
    with claimed.look() as now:
        rejected = found_document(now, "claims", "C-3")
    assert rejected is not None
    before = rejected.last_position - 1
    with claimed.look(before) as then:
        assert [claim.claim for claim in pending_claims(then, "D01", JUNE)] == ["C-1", "C-2", "C-3"]

    live, shadow = schemas(claimed.book), building(claimed.book, VIEWS)
    with claimed.connect() as connection, connection.cursor() as c:
        create(c, shadow, VIEWS)
        index(c, shadow, VIEWS)
        assert step(c, shadow, VIEWS, before).reached == before
        expected = fingerprint(c, shadow, CLAIM_SPANS, before)
        assert fingerprint(c, live, CLAIM_SPANS, before) == expected
        assert fingerprint(c, live, CLAIM_SPANS, before + 1) != expected  # The control.


def three_pieces_claimed(bookkeeper: Bookkeeper) -> None:
    """Of 10.00 each, that have to come back; approved on 1 July."""
    maker = SmallMaker(
        policies={"ZY55": policy(return_days=30)}, custody_rooms=("R01",),
        machines={"M-1": SoldMachine("ZY55", "D01", date(2025, 1, 1), "Zhao")},
    )  # fmt: skip
    bookkeeper.open_for_business(maker)
    pieces = ClaimedItem(
        kind=ItemKind.MATERIAL, part="P-1", quantity=3,
        inspected_minor=3_000, ordered_minor=3_000, claimed_minor=3_000,
    )  # fmt: skip
    form = ClaimForm("D01", "M-1", "Zhao", JUNE, "P-1", "F-1", "PI", "WO", "SS", "CNY", (pieces,))
    bookkeeper.do(claiming.submit_claim, number="C-1", occurrence=Occurrence(JUNE), form=form)
    adjudicate(bookkeeper, "C-1", date(2025, 7, 1), (3_000,))


def come_back(
    bookkeeper: Bookkeeper, number: str, on: date, quantity: int, finding: Finding
) -> None:
    then = Occurrence(on)
    bookkeeper.do(
        returning.request_defective_return, number=number, occurrence=then, claim="C-1",
        part="P-1", quantity=quantity, to_place="R01",
    )  # fmt: skip
    for step_of_it in (returning.ship_return, returning.receive_return):
        bookkeeper.do(step_of_it, number=number, occurrence=then)
    bookkeeper.do(returning.inspect_return, number=number, occurrence=then, finding=finding)


def test_what_inspection_refused_is_not_approved_any_more_from_its_day_on(
    bookkeeper: Bookkeeper,
) -> None:
    """Of three pieces for 30.00 one was refused on 10 July, and the others are still awaited."""
    three_pieces_claimed(bookkeeper)
    come_back(bookkeeper, "R-1", date(2025, 7, 10), 1, Finding.MISUSE)
    submit(bookkeeper, "C-2", date(2025, 7, 10))  # Of which nothing is approved.

    with bookkeeper.look() as now:
        approved = [
            [claim.approved_minor for claim in pending_claims(now, "D01", day)]
            for day in (JUNE, date(2025, 7, 9), date(2025, 7, 10))
        ]
    assert approved == [[None], [3_000], [2_000, None]]


@pytest.mark.parametrize("step_facts", [1, 10_000])
def test_a_claim_that_is_credited_twice_has_ended_the_first_time(
    bookkeeper: Bookkeeper, step_facts: int
) -> None:
    """Two pieces are credited on 10 July; the third was refused, comes again, and is in August."""
    three_pieces_claimed(bookkeeper)
    come_back(bookkeeper, "R-1", date(2025, 7, 9), 1, Finding.MISUSE)
    come_back(bookkeeper, "R-2", date(2025, 7, 10), 2, Finding.CONFIRMED)
    come_back(bookkeeper, "R-3", date(2025, 8, 20), 1, Finding.CONFIRMED)
    bookkeeper.fold(step_facts)

    days = (JUNE, date(2025, 7, 9), date(2025, 7, 10), date(2025, 7, 31), date(2025, 8, 19))
    with bookkeeper.look() as now:
        credits = "SELECT effective_on FROM {views}.claim_steps WHERE step = 'Credited'"
        assert now.select(f"{credits} ORDER BY version", {}) == [(days[2],), (date(2025, 8, 20),)]
        assert [len(pending_claims(now, "D01", day)) for day in days] == [1, 1, 0, 0, 0]


def test_a_step_of_the_spans_says_nothing_of_what_comes_after_it(claimed: Bookkeeper) -> None:
    """Although the steps of claims, which it is folded from, are all there."""
    with claimed.look() as now:
        ends, begun = {}, 0  # C-3 is the last one that was submitted.
        for claim in ("C-2", "C-3"):
            document = found_document(now, "claims", claim)
            assert document is not None
            ends[claim], begun = document.last_position, document.first_position
    at = building(claimed.book, VIEWS)
    with claimed.connect() as connection, connection.cursor() as c:

        def ended_by(after: int, through: int) -> list[tuple[object, ...]]:
            for view in (CLAIM_SPANS, CLAIM_MONTHS):
                fold(c, view, at, after, through)
            ended = "SELECT claim FROM {views}.claim_spans WHERE ended_position IS NOT NULL"
            c.execute(at.sql(f"{ended} AND ended_on IS NOT NULL ORDER BY claim"))
            spans = c.fetchall()
            c.execute(at.sql("SELECT claim, month FROM {views}.claim_months ORDER BY claim, month"))
            return [*spans, *c.fetchall()]

        create(c, at, VIEWS)
        index(c, at, VIEWS)
        fold(c, CLAIM_STEPS, at, 0, now.position)
        assert ended_by(0, begun - 1) == []
        c.execute(at.sql("SELECT claim FROM {views}.claim_spans ORDER BY claim"))
        assert c.fetchall() == [("C-1",), ("C-2",)]
        assert ended_by(begun - 1, ends["C-3"] - 1) == []
        assert ended_by(ends["C-3"] - 1, ends["C-3"]) == [("C-3",)]
        assert ended_by(ends["C-3"], ends["C-2"] - 1) == [("C-3",)]
        june = ("C-2", date(2025, 6, 1))
        assert ended_by(ends["C-2"] - 1, now.position) == [("C-2",), ("C-3",), june]


@pytest.mark.parametrize("step_facts", [1, 10_000])
def test_a_claim_is_pending_at_each_months_end_that_it_saw(
    claimed: Bookkeeper, step_facts: int
) -> None:
    """And on each day between, however the log was cut into steps."""
    submit(claimed, "C-4", date(2025, 11, 29))
    submit(claimed, "C-5", date(2026, 1, 5))
    claimed.fold(step_facts)
    adjudicate(claimed, "C-5", date(2026, 1, 20), (0, 0))
    adjudicate(claimed, "C-4", date(2026, 2, 10), (0, 0))
    claimed.fold(step_facts)

    def pending(*days: date) -> dict[date, list[str]]:
        with claimed.look() as now:
            asked = {day: pending_claims(now, "D01", day) for day in days}
        return {day: [claim.claim for claim in claims] for day, claims in asked.items()}

    expected = {
        date(2025, 11, 28): ["C-1"],
        date(2025, 11, 29): ["C-1", "C-4"],
        date(2025, 11, 30): ["C-1", "C-4"],
        date(2025, 12, 15): ["C-1", "C-4"],
        date(2025, 12, 31): ["C-1", "C-4"],
        date(2026, 1, 19): ["C-1", "C-4", "C-5"],
        date(2026, 1, 20): ["C-1", "C-4"],
        date(2026, 1, 31): ["C-1", "C-4"],
        date(2026, 2, 9): ["C-1", "C-4"],
        date(2026, 2, 10): ["C-1"],
    }
    assert pending(*expected) == expected
    live, shadow = schemas(claimed.book), building(claimed.book, VIEWS)
    with claimed.connect() as connection, connection.cursor() as c:
        create(c, shadow, VIEWS)
        index(c, shadow, VIEWS)
        through = step(c, shadow, VIEWS, 10_000).reached
        assert fingerprint(c, live, CLAIM_MONTHS, through) == (
            fingerprint(c, shadow, CLAIM_MONTHS, through)
        )
        assert fingerprint(c, live, CLAIM_MONTHS, through)[0] == 4  # C-2 one, C-4 three.
    # The control: the months between are told by the view.
    with claimed.connect() as connection, connection.cursor() as c:
        c.execute(f"DELETE FROM {live.views}.claim_months WHERE claim = 'C-4'")
        assert c.rowcount == 3
    assert pending(date(2025, 12, 15)) == {date(2025, 12, 15): ["C-1"]}


def test_pending_claims_are_on_the_statement_but_in_no_account(claimed: Bookkeeper) -> None:
    with claimed.look() as now:
        june = dealer_statement(now, "D01", "2025-06")
        july = dealer_statement(now, "D01", "2025-07")
        assert trial_balance(now, JUNE).accounts == ()
    assert june is not None
    assert july is not None
    assert (len(june.pending_claims), june.rows, june.closing_minor) == (2, (), 0)
    assert (len(july.pending_claims), july.closing_minor) == (1, -80_000)
    assert [row.fact for row in july.rows] == ["ClaimCredited"]


def test_an_issued_statement_shows_the_claims_that_were_under_way_at_its_issue(
    claimed: Bookkeeper,
) -> None:
    """What comes to light later changes nothing that was sent."""
    claimed.state("2025-06")
    with claimed.look() as now:
        issued = dealer_statement(now, "D01", "2025-06")
    submit(claimed, "C-9", date(2025, 6, 16))
    adjudicate(claimed, "C-1", date(2025, 6, 30), (80_000, 20_000))

    with claimed.look() as now:
        june = dealer_statement(now, "D01", "2025-06")
        as_of_today = [claim.claim for claim in pending_claims(now, "D01", JUNE)]

    assert june is not None
    assert issued is not None
    assert [claim.claim for claim in june.pending_claims] == ["C-1", "C-2"]
    assert as_of_today == ["C-2", "C-9"], "the control"
    assert (june.pending_claims, june.rows, june.open_items, june.issued) == (
        issued.pending_claims, issued.rows, issued.open_items, issued.issued,
    )  # fmt: skip


def test_documents_are_listed_by_kind_dealer_and_state_as_of_a_position(
    claimed: Bookkeeper,
) -> None:
    with claimed.look() as now:
        page = list_documents(now, "claims", Wanted(dealer="D01"))
        rejected = list_documents(now, "claims", Wanted(states=["Rejected"]))
        nobody = list_documents(now, "claims", Wanted(dealer="D02"))
        second = found_document(now, "claims", "C-2")
        assert found_document(now, "claims", "C-9") is None
    assert [(d.key, d.state) for d in page.documents] == [
        ("C-1", "Submitted"),
        ("C-2", "Credited"),
        ("C-3", "Rejected"),
    ]
    assert [d.key for d in rejected.documents] == ["C-3"]
    assert nobody.documents == ()
    assert second is not None
    assert second == page.documents[1]
    with claimed.look(second.first_position) as then:
        earlier = found_document(then, "claims", "C-2")
        assert [d.key for d in list_documents(then, "claims").documents] == ["C-1", "C-2"]
    assert earlier is not None
    assert earlier.state == "Submitted"


def test_documents_come_in_pages(claimed: Bookkeeper) -> None:
    with claimed.look() as now:
        first = list_documents(now, "claims", limit=2).documents
        rest = list_documents(now, "claims", limit=2, after=(None, first[-1].key)).documents
    assert [d.key for d in (*first, *rest)] == ["C-1", "C-2", "C-3"]
