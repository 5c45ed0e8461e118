"""Documents are found by number, dealer and state, page by page, as of any position."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest

from projections.books.documents import (
    DOCUMENT_STEPS,
    EVERYTHING,
    Document,
    Order,
    Wanted,
    list_documents,
    steps_of_number,
)
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.rows import rows_of
from tests.projections.trading import Entry, a_busy_spring, entries

KINDS = (
    "sales", "payments", "claims", "transfers", "purchases", "settlements", "dealers", "periods",
    "stock", "accounts",
)  # fmt: skip


@pytest.fixture
def traded(bookkeeper: Bookkeeper) -> Bookkeeper:
    return a_busy_spring(bookkeeper)


def documents(log: list[Entry], kind: str, position: int) -> list[Document]:
    """All of a kind, worked out from the facts, by number."""
    found: dict[str, list[Entry]] = {}
    for entry in log:
        if entry.kind == kind and entry.position <= position:
            found.setdefault(entry.key, []).append(entry)
    if kind in ("stock", "accounts"):  # They have reports of their own.
        return []
    return [
        Document(
            kind, key, getattr(first.fact, "dealer", None), first.position,
            first.recorded.recorded_at, last.position, last.version, last.name,
            getattr(first.fact, "occurred_on", None),
        )
        for key, (first, last) in sorted((key, (of[0], of[-1])) for key, of in found.items())
    ]  # fmt: skip


def test_a_document_is_what_its_last_step_up_to_a_position_left(traded: Bookkeeper) -> None:
    log = entries(traded)
    with traded.look() as latest:
        for position in range(latest.position + 1):
            for kind in KINDS:
                page = list_documents(latest.as_of(position), kind)
                assert list(page.documents) == documents(log, kind, position), (kind, position)
                assert page.as_of_position == position


class Asked(NamedTuple):
    """What a page is asked for by: what is wanted, after which document, and how many."""

    wanted: Wanted = EVERYTHING
    after: Document | None = None
    limit: int = 100


def asked_for(every: list[Document]) -> Iterator[Asked]:
    keys = [document.key for document in every]
    for dealer in (None, "D01", "D02", "D99"):
        yield Asked(Wanted(dealer=dealer))
    for states in ((), ("Submitted",), ("Rejected", "Credited"), ("Requested",)):
        yield Asked(Wanted(states=states))
    for key in ("", *keys, "D01/", "zzz"):
        yield Asked(Wanted(begin=key))
        yield Asked(Wanted(end=key))
        yield Asked(Wanted(begin=key, end=keys[-1] if keys else None), limit=1)
        yield Asked(Wanted(key_end=key[1:]))
        yield Asked(Wanted(key_end=key))
    for limit in range(1, len(keys) + 2):
        yield Asked(limit=limit)
        yield Asked(Wanted(dealer="D01", states=("Submitted", "Credited", "Sold")), limit=limit)


def asked_for_by_day(every: list[Document]) -> Iterator[Asked]:
    """The same with days, orders and papers."""
    days = sorted({document.occurred_on for document in every if document.occurred_on})
    for day in days:
        yield Asked(Wanted(first_day=day))
        yield Asked(Wanted(last_day=day))
        yield Asked(Wanted(first_day=days[0], last_day=day, order=Order.BY_DAY))
    dated = bool(days) and all(document.occurred_on for document in every)
    for order in Order if dated else (Order.BY_KEY,):
        yield Asked(Wanted(order=order))
        for document in every:
            yield Asked(Wanted(order=order), document)
            yield Asked(Wanted(order=order, dealer="D01"), document, limit=2)
    for paper in ("S-1", "WO-C-1", "WO-C-3", "P-2", "NONE"):
        yield Asked(Wanted(paper=paper))


def place(document: Document, order: Order) -> tuple[Any, ...]:
    day = document.occurred_on or date.min
    return (document.key,) if order is Order.BY_KEY else (day, document.key)


def expected(every: list[Document], log: list[Entry], asked: Asked) -> list[Document]:
    wanted, after, limit = asked
    latest_first = wanted.order is Order.LATEST_FIRST

    def meets(document: Document) -> bool:
        day = document.occurred_on
        papers = {
            getattr(entry.fact, "document", "") for entry in log
            if (entry.kind, entry.key) == (document.kind, document.key)
        }  # fmt: skip
        return (
            wanted.dealer in (None, document.dealer)
            and (not wanted.states or document.state in wanted.states)
            and document.key > wanted.begin
            and (wanted.end is None or document.key < wanted.end)
            and document.key.endswith(wanted.key_end)
            and (wanted.first_day is None or (day is not None and day >= wanted.first_day))
            and (wanted.last_day is None or (day is not None and day <= wanted.last_day))
            and (not wanted.paper or wanted.paper in {document.key, *papers})
        )

    found = sorted(
        filter(meets, every), key=lambda each: place(each, wanted.order), reverse=latest_first
    )
    if after is not None:
        at = place(after, wanted.order)
        found = [
            each for each in found
            if (place(each, wanted.order) < at if latest_first else place(each, wanted.order) > at)
        ]  # fmt: skip
    return found[:limit]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_for_lets_through_what_meets_all_of_it(traded: Bookkeeper, kind: str) -> None:
    log = entries(traded)
    with traded.look() as now:
        every = documents(log, kind, now.position)
        for asked in (*asked_for(every), *asked_for_by_day(every)):
            after = asked.after and (asked.after.occurred_on, asked.after.key)
            found = list_documents(now, kind, asked.wanted, after=after, limit=asked.limit)
            assert list(found.documents) == expected(every, log, asked), asked


def test_a_number_has_the_steps_of_all_its_documents_and_those_on_its_paper(
    traded: Bookkeeper,
) -> None:
    """S-1 is a sale and a payment; WO-C-1 is the paper of a claim, and no document. A paper is only
    kept where it has another number than its document."""
    log = [entry for entry in entries(traded) if entry.kind not in ("stock", "accounts")]
    papers = [(entry, getattr(entry.fact, "document", "")) for entry in log]
    with traded.look() as latest:
        kept = "SELECT position, paper FROM {views}.document_steps WHERE paper IS NOT NULL"
        assert sorted(latest.select(kept, {})) == [
            (entry.position, paper) for entry, paper in papers if paper not in ("", entry.key)
        ]
        for position in range(latest.position + 1):
            for number in ("S-1", "WO-C-1", "WO-C-3", "P-2", "D01", "S-99"):
                steps = [
                    entry.position
                    for entry in log
                    if number in (entry.key, getattr(entry.fact, "document", ""))
                    and entry.position <= position
                ]
                assert steps_of_number(latest.as_of(position), number) == steps, number


def test_unless_told_otherwise_a_page_has_a_hundred(bookkeeper: Bookkeeper) -> None:
    moment = datetime(2025, 3, 1, tzinfo=UTC)
    rows = [
        (number, moment, 1, "parts", f"P-{number:03}", "Registered", None, None, None, None)
        for number in range(1, 102)
    ]
    with rows_of(bookkeeper, DOCUMENT_STEPS, rows, through=101) as now:
        found = list_documents(now, "parts").documents
        assert len(list_documents(now, "parts", limit=200).documents) == 101  # The control.
    assert [document.first_position for document in found] == list(range(1, 101))
