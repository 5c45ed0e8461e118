"""Refusals are API: each has a reason of its own, names its facts, and has a test here."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import (
    AlreadyExists,
    Conflict,
    DomainError,
    EntryUnreadable,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    RequestIdReused,
    RuleViolation,
    SamePerson,
    Stale,
)

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
    assert InvalidValue("quantity", 0, "must be above 0").facts == {
        "field": "quantity", "value": "0", "rule": "must be above 0",
    }  # fmt: skip


UNREADABLE = EntryUnreadable("sales/SA1", 2, "partsledger:PartsSale.Sold", "no dealer")


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        (InvalidValue("quantity", 0, "must be above 0"), "quantity: 0: must be above 0"),
        (NotFound("Dealer", "D09"), "no Dealer D09"),
        (AlreadyExists("Dealer", "D01"), "Dealer D01 already exists"),
        (Stale("D01", "1", "2"), "D01 is at 2, not 1"),
        (RequestIdReused("r-1"),
         "request id r-1 was used for another request; a new one needs a new id"),
        (RequestIdReused("r-1", "dealer was D01"),
         "request id r-1 was used for another request: dealer was D01; a new one needs a new id"),
        (UNREADABLE, "an entry cannot be read: partsledger:PartsSale.Sold, version 2 of sales/SA1:"
         " no dealer"),
        (UNREADABLE.at(7), "entry 7 cannot be read: partsledger:PartsSale.Sold, version 2 of"
         " sales/SA1: no dealer"),
        (NotAllowedInState("transfer", "T1", "closed", "receive"),
         "transfer T1 is closed: cannot receive"),
        (SamePerson("ann", "requested", "approve"),
         "ann requested it, so someone else has to approve it"),
    ],
)  # fmt: skip
def test_a_refusal_says_in_one_sentence_what_is_wrong(refusal: DomainError, message: str) -> None:
    assert str(refusal) == message


def test_an_entry_that_cannot_be_read_is_named_by_its_position_once_that_is_known() -> None:
    named = {
        "stream": "sales/SA1", "version": "2", "topic": "partsledger:PartsSale.Sold",
        "why": "no dealer",
    }  # fmt: skip

    assert UNREADABLE.facts == named | {"position": "0"}
    assert UNREADABLE.at(7).facts == named | {"position": "7"}


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
