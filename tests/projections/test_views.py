"""The one table of views: every view that a module defines is kept, and each says what it reads."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

import projections
from projections.engine.schemas import tables_of_views
from projections.engine.view import View
from projections.views import VIEWS


def defined() -> Iterator[View]:
    """The views of all modules: as such, or as what something like running sums is kept in."""
    for module in walk_packages(projections.__path__, "projections."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, View):
                yield value
            elif isinstance(getattr(value, "view", None), View):
                yield value.view


def test_every_view_that_is_defined_is_kept() -> None:
    assert {view.name for view in defined()} == {view.name for view in VIEWS}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_derives_from_what_its_fold_reads_and_from_nothing_else(view: View) -> None:
    sources = {source.name for source in view.sources}

    assert tables_of_views(view.fold) - {view.name} == sources


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_reads_those_fields_of_a_fact_that_its_fold_names(view: View) -> None:
    """A field too many would make it be built again for nothing."""
    always = {"position", "stream", "version", "topic", "recorded_at"}
    named = set(re.findall(r"\bf\.(\w+)", view.fold)) - always

    assert set(view.reads) == named


def test_there_are_views_of_both_kinds_to_check() -> None:
    assert {view.derived for view in VIEWS} == {True, False}
