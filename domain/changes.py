"""What is said of a thing now, and was said before: field by field, as refusals tell it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from domain.errors import Conflict, RuleViolation


class Change(NamedTuple):
    """A field with the value that is known and the value that is given now."""

    field: str
    was: str
    now: str


def changes(was: object, now: object) -> list[Change]:
    """The fields in which two values of one type differ, in the order of the type."""
    names = getattr(type(was), "__annotations__", None)
    if names is None:
        return [Change("value", _shown(was), _shown(now))] if was != now else []
    pairs = ((name, getattr(was, name), getattr(now, name)) for name in names)
    return [Change(name, _shown(old), _shown(new)) for name, old, new in pairs if old != new]


def told(found: Iterable[Change]) -> str:
    """`payment_days was 30, is now 45; level was A, is now (nothing)`."""
    return "; ".join(f"{field} was {was}, is now {now}" for field, was, now in found)


class KnownOtherwise(Conflict):
    """The number is taken, and what is known of it is other than what is given."""

    reason = "KNOWN_OTHERWISE"

    def __init__(self, kind: str, key: str, changes: Sequence[Change]) -> None:
        super().__init__(
            f"{kind} {key} already exists: {told(changes)}. Say from which day that holds"
            " (effective_from)",
            kind=kind, key=key,
            changed=_fields(changes), known=_known(changes), given=_given(changes),
        )  # fmt: skip


class VersionExists(Conflict):
    """What is dated is corrected by a version of another day, never overwritten."""

    reason = "VERSION_EXISTS"

    def __init__(self, what: str, effective_from: date, changes: Sequence[Change]) -> None:
        super().__init__(
            f"{what}: {told(changes)}. The version of {effective_from} stays as it is: say from"
            " which other day this one holds (effective_from)",
            what=what, effective_from=effective_from,
            changed=_fields(changes), known=_known(changes), given=_given(changes),
        )  # fmt: skip


class NeverChanges(RuleViolation):
    """What other records and documents rest on is the same in every version."""

    reason = "NEVER_CHANGES"

    def __init__(self, what: str, changes: Sequence[Change]) -> None:
        super().__init__(
            f"{what}: {told(changes)}, which never changes",
            what=what,
            changed=_fields(changes), known=_known(changes), given=_given(changes),
        )  # fmt: skip


def _fields(found: Iterable[Change]) -> str:
    """`payment_days, level`"""
    return ", ".join(change.field for change in found)


def _known(found: Iterable[Change]) -> str:
    """`payment_days 30, level A`"""
    return ", ".join(f"{change.field} {change.was}" for change in found)


def _given(found: Iterable[Change]) -> str:
    """`payment_days 45, level (nothing)`"""
    return ", ".join(f"{change.field} {change.now}" for change in found)


def _shown(value: Any) -> str:
    """As a cell of a file would say it."""
    if isinstance(value, tuple):
        return ";".join(map(_shown, value)) or "(nothing)"
    if isinstance(value, bool):
        return str(value).lower()
    return "(nothing)" if value is None or value == "" else str(value)
