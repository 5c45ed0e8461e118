"""Each amount that is stored has its currency in the same fact; nothing about it is implied.

Layers, costs of pieces and functional amounts are in the book's currency, which their fact names.
Every other amount has a currency beside it, or beside what it is a part of.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from domain.facts import Fact
from domain.ledger import Ledger
from tests.domain.tour import every_fact

MAPPER = Ledger().mapper
OF_THE_BOOK = ("unit_cost_minor", "functional_minor")  # And whatever is said of layers.


def lacking(fact: dict[str, Any]) -> list[str]:
    """The amounts of a stored fact whose currency it does not say."""
    return list(_lacking(fact, "book_currency" in fact, False, False))


def _lacking(value: Any, book: bool, currency: bool, of_layers: bool) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _lacking(each, book, currency, of_layers)
    if not isinstance(value, dict):
        return
    currency = currency or "currency" in value
    for name, inner in value.items():
        if name.endswith("_minor"):
            of_the_book = of_layers or name.endswith(OF_THE_BOOK)
            if not (book if of_the_book else currency):
                yield name
        yield from _lacking(inner, book, currency, of_layers or name == "layers")


def stored(fact: Fact) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(MAPPER.to_stored_event(fact).state)
    return state


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    return every_fact()


def test_each_amount_has_its_currency_in_the_same_fact(facts: list[Fact]) -> None:
    amounts = [fact for fact in facts if "_minor" in str(stored(fact))]

    assert {fact.TOPIC: lacking(stored(fact)) for fact in amounts if lacking(stored(fact))} == {}
    assert len({fact.TOPIC for fact in amounts}) > 30, "most facts have amounts"


def test_where_all_is_in_one_currency_no_fact_says_what_it_is_worth(facts: list[Fact]) -> None:
    """So the entries of such a book are not longer than they have to be."""
    own = [fact for fact in facts if "USD" not in str(stored(fact))]

    assert not [fact for fact in own if "functional" in str(stored(fact))]
    assert not [fact for fact in own if "conversion" in stored(fact)]


@pytest.mark.parametrize(
    ("fact", "found"),
    [
        ({"tolerance_minor": 5}, ["tolerance_minor"]),
        ({"terms": {"tolerance_minor": 5, "currency": "CNY"}}, []),
        (
            {"statement": {"opening_minor": 1, "closing_minor": 2}},
            ["opening_minor", "closing_minor"],
        ),
        ({"currency": "CNY", "statement": {"opening_minor": 1}}, []),
        ({"currency": "USD", "lines": [{"layers": [{"value_minor": 7}]}]}, ["value_minor"]),
        ({"book_currency": "CNY", "lines": [{"layers": [{"value_minor": 7}]}]}, []),
        ({"currency": "USD", "functional_minor": 7}, ["functional_minor"]),
        ({"book_currency": "CNY", "net_minor": 7}, ["net_minor"]),
    ],
)
def test_an_amount_without_its_currency_is_noticed(fact: dict[str, Any], found: list[str]) -> None:
    """The control."""
    assert lacking(fact) == found
