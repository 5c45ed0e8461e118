"""Whom an entry concerns: no document that names a dealer is left out, and no stretch of a log."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from domain.aggregates import AGGREGATES
from domain.facts import FirstFact
from projections.dealers.entries_of_party import (
    OF_DEALERS,
    entries_of_party,
    parties_of_entries,
)
from tests.projections.bookkeeping import Bookkeeper

DEALERS = ("dealers/D01", "dealers/D02")
PARTIES = (*DEALERS, "suppliers/S01")


def test_every_collection_whose_first_fact_names_a_dealer_is_looked_through() -> None:
    named = {
        kind.KIND
        for kind in AGGREGATES
        for fact in vars(kind).values()
        if isinstance(fact, type)
        and issubclass(fact, FirstFact)
        and "dealer" in fact.__struct_fields__
    }

    assert named - {"accounts"} == set(OF_DEALERS), "accounts have a view of their own"


@pytest.fixture
def traded(bookkeeper: Bookkeeper) -> Bookkeeper:
    """A purchase, a sale to each dealer, a payment, and statements of both that were issued."""
    bookkeeper.open_for_business()
    bookkeeper.buy("R-1", date(2025, 6, 2), "P-1", 100, 800)
    for number, dealer in (("D02", "D01"), ("S-1", "D02")):  # Numbers are of their kind.
        bookkeeper.sell(number, date(2025, 6, 5), "P-1", 1, dealer)
    bookkeeper.pay("S-1", date(2025, 6, 6), 500)
    for dealer in ("D01", "D02"):
        bookkeeper.state("2025-06", dealer)
    return bookkeeper


def concerned(bookkeeper: Bookkeeper) -> Iterator[tuple[int, str]]:
    """Position and party, worked out from the facts alone."""
    dealers: dict[str, str] = {}
    mapper = bookkeeper.ledger.mapper
    for entry in bookkeeper.ledger.recorder.select_notifications(start=1, limit=10_000):
        fact: Any = mapper.to_domain_event(entry)
        stream = str(entry.originator_id)
        kind, _, key = stream.partition("/")
        parties = {posting.party for posting in getattr(fact, "postings", ())}
        if kind in ("dealers", "accounts"):
            parties.add(f"dealers/{key}")
        elif kind in OF_DEALERS:
            if fact.originator_version == 1:
                dealers[stream] = fact.dealer
            parties.add(f"dealers/{dealers[stream]}")
        if kind == "purchases":
            parties.add(f"suppliers/{fact.supplier}")
        yield from ((entry.id, party) for party in parties if party in PARTIES)


def test_both_ways_of_asking_find_the_same_on_every_stretch_of_the_log(
    traded: Bookkeeper,
) -> None:
    expected = sorted(concerned(traded))
    assert {party for _, party in expected} == set(PARTIES)
    with traded.look() as now:
        end = now.position
        for after in range(end):
            for through in range(after, min(after + 3, end) + 1):
                found = [
                    (position, party)
                    for party in PARTIES
                    for position in entries_of_party(now, party, after, through, 100)
                ]
                between = [pair for pair in expected if after < pair[0] <= through]
                assert sorted(found) == between
                assert sorted(parties_of_entries(now, after, through)) == between


def test_of_many_entries_the_first_are_found_each_once(traded: Bookkeeper) -> None:
    with traded.look() as now:
        end = now.position
        for party in PARTIES:
            all_of_them = [position for position, of in sorted(concerned(traded)) if of == party]
            for limit in range(len(all_of_them) + 2):
                found = entries_of_party(now, party, 0, end, limit)
                assert list(found) == all_of_them[:limit]


@pytest.mark.parametrize("party", ["", "D01", "dealers", "dealers/", "suppliers/", "machines/M-1"])
def test_what_no_entry_names_has_none(traded: Bookkeeper, party: str) -> None:
    with traded.look() as now:
        assert entries_of_party(now, party, 0, now.position, 100) == ()
