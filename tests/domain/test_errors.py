"""Refusals are API: each has a reason of its own, names its facts, and has a test here."""

import re
from collections.abc import Iterator
from pathlib import Path

from domain.errors import Conflict, DomainError, RequestIdReused, RuleViolation

GROUPS = (Conflict, RuleViolation)
HERE = Path(__file__).parent


def refusals(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Those of the domain; the server has some of its own beside them."""
    for refusal in kind.__subclasses__():
        if refusal.__module__ == DomainError.__module__ and refusal not in GROUPS:
            yield refusal
        yield from refusals(refusal)


def test_each_refusal_has_a_reason_of_its_own() -> None:
    reasons = [refusal.reason for refusal in refusals()]

    assert len(set(reasons)) == len(reasons)
    assert all(re.fullmatch(r"[A-Z][A-Z_]*[A-Z]", reason) for reason in reasons)


def test_facts_are_written_as_text() -> None:
    assert RequestIdReused("r-1").facts == {"request_id": "r-1"}


def untested(sources: str) -> set[str]:
    """Refusals that no test requires: neither as an argument of `refused`, nor as raised."""
    required = set(re.findall(r"\b[A-Z]\w+", sources))
    return {refusal.__name__ for refusal in refusals()} - required


def test_each_refusal_of_the_domain_is_required_by_a_test() -> None:
    sources = "".join(
        re.sub(r"(?ms)^from domain\.errors import .*?$(?:\n    \w+,)*(?:\n\))?", "", text)
        for path in HERE.glob("test_*.py")
        if path != Path(__file__)
        for text in [path.read_text()]
    )

    # A reused request id is refused by the server, before the domain sees the command.
    assert untested(sources) == {"RequestIdReused"}


def test_a_refusal_without_a_test_would_be_noticed() -> None:
    """The control."""
    assert "OverApproval" in untested("desk.refused(OverReturn, approve)")
