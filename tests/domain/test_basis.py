"""What facts were decided by: every version that a fact names leads to the record that has it."""

from typing import Any

from msgspec.structs import fields

from domain.aggregates import AGGREGATES
from domain.basis import Basis, bases, documents
from domain.facts import Cause
from domain.published.fields import records
from domain.published.pages import facts_of_kind

# Versions of the own stream, or of the account's, which nothing else has decided.
OF_ITSELF = {
    "approval_version", "caused_by_version", "first_version", "last_version", "line_version",
}  # fmt: skip
NAMED = {"dealer_version", "policy_version", "price_list_version", "price_version"}


def all_fields() -> set[str]:
    """The names of the fields of all facts, and of the records in them."""
    facts = [fact for kind in AGGREGATES for fact in facts_of_kind(kind).values()]
    held = [record for fact in facts for record in records(fact).values()]
    return {field.encode_name for kind in (*facts, *held) for field in fields(kind)}


SALE: dict[str, Any] = {
    "dealer": "D01",
    "dealer_version": 3,
    "conversion": {"stream": "exchange-rates/USD", "version": 9, "rate": "7.2"},
    "lines": [
        {"part": "P-1", "price_list": "L", "price_list_version": 2, "price_version": 5},
        {"part": "P-2", "price_list": "L", "price_list_version": 2, "price_version": 1},
    ],
}


def test_a_sale_names_terms_rates_and_prices_each_once() -> None:
    assert bases(SALE) == [
        Basis("terms", Cause("dealers/D01", 3)),
        Basis("exchange rate", Cause("exchange-rates/USD", 9)),
        Basis("tax rate", Cause("price-lists/L", 2)),
        Basis("price", Cause("listed-prices/L/P-1", 5)),
        Basis("price", Cause("listed-prices/L/P-2", 1)),
    ]


def test_a_claim_names_its_policy_and_the_price_of_each_part() -> None:
    items = [{"item": 1, "part": "P-7", "basis": {"price_list": "L", "price_version": 4}}]
    claim = {"policy": "X200", "policy_version": 2, "items": items}
    assert bases(claim) == [
        Basis("policy", Cause("policies/X200", 2)),
        Basis("price", Cause("listed-prices/L/P-7", 4)),
    ]


def test_what_a_fact_leaves_unsaid_is_empty_in_the_stream_it_names() -> None:
    assert bases({"price_version": 4, "price_list_version": 3}) == [
        Basis("tax rate", Cause("price-lists/", 3)),
        Basis("price", Cause("listed-prices//", 4)),
    ]


def test_the_documents_that_a_fact_names_are_found() -> None:
    assert documents({"claim": "C-1", "sale": "", "part": "P-1"}) == ["claims/C-1"]
    assert documents({"sale": "S-1", "parts_return": "R-1"}) == ["returns/R-1", "sales/S-1"]


def test_every_version_that_facts_name_is_known() -> None:
    named = {name for name in all_fields() if name.endswith("_version")}
    assert named - OF_ITSELF == NAMED
    for field in NAMED:
        assert bases({field: 1}), field
    assert not any(bases({field: 1}) for field in OF_ITSELF)
