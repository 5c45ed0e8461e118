"""Whom an entry concerns: no document that names a dealer is left out, and no stretch of a log."""

from collections.abc import Iterator

import pytest

from domain.aggregates import AGGREGATES
from domain.facts import FirstFact
from projections.dealers.entries_of_party import (
    OF_DEALERS,
    entries_of_party,
    parties_of_entries,
)
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.trading import a_busy_spring, entries

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
    return a_busy_spring(bookkeeper)


def concerned(bookkeeper: Bookkeeper) -> Iterator[tuple[int, str]]:
    """Position and party, worked out from the facts alone."""
    dealers: dict[tuple[str, str], str] = {}
    for entry in entries(bookkeeper):
        parties = {posting.party for posting in getattr(entry.fact, "postings", ())}
        if entry.kind in ("dealers", "accounts"):
            parties.add(f"dealers/{entry.key}")
        elif entry.kind in OF_DEALERS:
            if entry.version == 1:
                dealers[entry.kind, entry.key] = entry.fact.dealer
            parties.add(f"dealers/{dealers[entry.kind, entry.key]}")
        if entry.kind == "purchases":
            parties.add(f"suppliers/{entry.fact.supplier}")
        yield from ((entry.position, party) for party in parties if party in PARTIES)


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
