"""Records of base data: what documents refer to, in versions, each by the day it holds from.

A record is revised by a version of another day and never overwritten. A rule of the trade reads the
version in force on the day something happened, so a revision changes nothing that is recorded.
"""

from collections.abc import Set
from datetime import date
from typing import Any, TypeVar

from domain.changes import NeverChanges, changes
from domain.dated import Dated
from domain.facts import Aggregate

T = TypeVar("T")


class Record(Aggregate):
    """A part, a place, a dealer, a machine, a supplier: what is said of it, from which day on."""

    versions: Dated[Any]


def require_revision(
    what: str, versions: Dated[T], effective_from: date, given: T, never: Set[str] = frozenset()
) -> None:
    """Refuses to change what never changes, and another version of a day that has one."""
    fixed = [change for change in changes(versions.newest, given) if change.field in never]
    if fixed:
        raise NeverChanges(what, fixed)
    versions.require_free(what, effective_from, given)
