"""What a fact was decided by, as it says itself: prices, rates, terms and policies, by version.

A fact that is decided by base data names the stream of that, or what the stream's name is made of,
and the version (docs/facts). So whoever reads the log finds what was known when it was decided.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from domain.facts import Cause


class Basis(NamedTuple):
    """What it is, and the fact that says it."""

    what: str
    step: Cause


# The documents that a fact may name, by the field that does: `sale` names `sales/…`.
_DOCUMENTS = {"claim": "claims", "parts_return": "returns", "sale": "sales"}


def bases(fact: Mapping[str, Any]) -> list[Basis]:
    """Of a fact as its stored JSON has it; each once, in the order in which it names them."""
    return list(dict.fromkeys(_bases(fact, "")))


def documents(fact: Mapping[str, Any]) -> list[str]:
    """The streams of the other documents that a fact names."""
    return [f"{kind}/{fact[field]}" for field, kind in _DOCUMENTS.items() if fact.get(field)]


def _bases(said: Any, part: str) -> Iterator[Basis]:
    """`part` is that of the line that the value belongs to: a price is kept by list and part."""
    if isinstance(said, list):
        for each in said:
            yield from _bases(each, part)
    if not isinstance(said, Mapping):
        return
    part = said.get("part", part)
    price_list = said.get("price_list", "")
    for what, version, stream in (
        ("terms", "dealer_version", f"dealers/{said.get('dealer')}"),
        ("policy", "policy_version", f"policies/{said.get('policy')}"),
        ("tax rate", "price_list_version", f"price-lists/{price_list}"),
        ("price", "price_version", f"listed-prices/{price_list}/{part}"),
    ):
        if version in said:
            yield Basis(what, Cause(stream, said[version]))
    if said.get("conversion"):
        rate = said["conversion"]
        yield Basis("exchange rate", Cause(rate["stream"], rate["version"]))
    for value in said.values():
        yield from _bases(value, part)
