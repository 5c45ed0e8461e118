"""Mutants that nobody can tell from the original, each with the reason: equivalents.txt.

An entry is found again by its lines and by what they stand in, not by their numbers:

    domain/layers.py pieces
    - here = max(0, min(layer.quantity - skip, quantity))
    + here = max(-1, min(layer.quantity - skip, quantity))
    why: …
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.mutants.mutant import Change

LIST: Final = Path(__file__).parent / "equivalents.txt"


class BadEntry(Exception):  # noqa: N818 - Named after what is wrong with the list.
    """An entry that cannot be read, or gives no reason."""


def equivalents(text: str) -> dict[Change, str]:
    """Each change that changes nothing, and why."""
    found: dict[Change, str] = {}
    for entry in text.split("\n\n"):
        lines = [line for line in entry.splitlines() if line.strip() and not line.startswith("#")]
        if lines:
            change, reason = _read(lines)
            if change in found:
                raise BadEntry(f"it is there twice: {lines}")
            found[change] = reason
    return found


def stale(listed: Mapping[Change, str], possible: Iterable[Change]) -> list[Change]:
    """Entries that no mutant makes any more."""
    return sorted(set(listed) - set(possible))


def _read(lines: list[str]) -> tuple[Change, str]:
    head, *rest = lines
    path, _, scope = head.partition(" ")
    removed = tuple(line[2:].strip() for line in rest if line.startswith("- "))
    added = tuple(line[2:].strip() for line in rest if line.startswith("+ "))
    reasons = [line for line in rest if not line.startswith(("- ", "+ "))]
    reason = " ".join(line.strip() for line in reasons).removeprefix("why:").strip()
    if not (scope and removed and added and reasons[:1] and reason and _is_why(reasons[0])):
        raise BadEntry(f"it needs a file and a name, lines with - and +, and why: … {lines}")
    return Change(path, scope.strip(), removed, added), reason


def _is_why(line: str) -> bool:
    return line.startswith("why:")
