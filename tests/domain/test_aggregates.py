"""Every aggregate of the domain is one that the ledger knows: else its facts could not be read."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import domain
from domain.aggregates import AGGREGATES
from domain.document import Document
from domain.facts import Aggregate
from domain.records import Record


def defined() -> Iterator[type[Aggregate]]:
    for module in walk_packages(domain.__path__, "domain."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Aggregate):
                yield value


def test_every_aggregate_is_known_to_the_ledger() -> None:
    assert set(defined()) - {Aggregate, Document, Record} == set(AGGREGATES)


def test_no_two_aggregates_share_a_collection_of_streams() -> None:
    assert len({kind.KIND for kind in AGGREGATES}) == len(AGGREGATES) > 10
