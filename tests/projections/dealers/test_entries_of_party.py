"""No document that names a dealer is left out of what concerns that dealer."""

from domain.aggregates import AGGREGATES
from domain.facts import FirstFact
from projections.dealers.entries_of_party import OF_DEALERS


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
