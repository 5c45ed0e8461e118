"""Documents are found by number, dealer and state, page by page, as of any position."""

from collections.abc import Iterator
from typing import Any

import pytest

from projections.books.documents import Document, list_documents, steps_of_number
from tests.projections.bookkeeping import Bookkeeper
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


def asked_for(keys: list[str]) -> Iterator[dict[str, Any]]:
    for dealer in (None, "D01", "D02", "D99"):
        yield {"dealer": dealer}
    for states in ((), ("Submitted",), ("Rejected", "Credited"), ("Requested",)):
        yield {"states": states}
    for key in ("", *keys, "D01/", "zzz"):
        yield {"after_key": key}
        yield {"before_key": key}
        yield {"after_key": key, "before_key": keys[-1] if keys else None, "limit": 1}
        yield {"key_end": key[1:]}
        yield {"key_end": key}
    for limit in range(1, len(keys) + 2):
        yield {"limit": limit}
        yield {"limit": limit, "dealer": "D01", "states": ("Submitted", "Credited", "Sold")}


def wanted(document: Document, asked: dict[str, Any]) -> bool:
    before = asked.get("before_key")
    return (
        asked.get("dealer") in (None, document.dealer)
        and (not asked.get("states") or document.state in asked["states"])
        and document.key > asked.get("after_key", "")
        and (before is None or document.key < before)
        and document.key.endswith(asked.get("key_end", ""))
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_asked_for_lets_through_what_meets_all_of_it(traded: Bookkeeper, kind: str) -> None:
    with traded.look() as now:
        every = documents(entries(traded), kind, now.position)
        for asked in asked_for([document.key for document in every]):
            expected = [document for document in every if wanted(document, asked)]
            found = list_documents(now, kind, **asked).documents
            assert list(found) == expected[: asked.get("limit", 100)], asked


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
