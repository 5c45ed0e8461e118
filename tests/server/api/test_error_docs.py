"""docs/errors.md has a row for each reason, and each row says what the code does."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import server.app  # noqa: F401 - With it every refusal of the server is known.
from domain.errors import DomainError
from partsledger.v1 import error_reason_pb2
from server.api.errors import _DOMAIN_CODES, _OTHER
from tests.server.api.error_page import PAGE, ROWS, Row, rows

ROOT = Path(__file__).parents[3]
REASONS = {
    name.removeprefix("ERROR_REASON_"): number
    for name, number in error_reason_pb2.ErrorReason.items()
    if number
}


def kinds(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    """All refusals with a reason, those the server adds to the domain's included."""
    if hasattr(kind, "reason"):
        yield kind
    for narrower in kind.__subclasses__():
        yield from kinds(narrower)


KINDS = {kind.__name__: kind for kind in kinds(DomainError)}


@cache
def sources() -> tuple[ast.AST, ...]:
    """Every node of every file that may refuse."""
    files = [
        file
        for room in ("domain", "projections", "server")
        for file in sorted((ROOT / room).rglob("*.py"))
    ]
    return tuple(node for file in files for node in ast.walk(ast.parse(file.read_text())))


def told_keys(nodes: Iterable[ast.AST]) -> dict[str, set[str]]:
    """The metadata keys of each reason, as the places that refuse give them."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.ClassDef) and node.name in KINDS:
            told[KINDS[node.name].reason] |= _keywords(node, "super().__init__")
        elif isinstance(node, ast.Call):
            named = ast.unparse(node.func)
            if named in KINDS:
                told[KINDS[named].reason] |= _keywords(node, named)
            elif named == "ApiError":
                told[ast.literal_eval(node.args[1])] |= _keywords(node, named)
    _inherit(told)
    return told


def _inherit(told: dict[str, set[str]]) -> None:
    """What a refusal inherits, it tells as well."""
    for kind in KINDS.values():
        for wider in kind.__mro__[1:]:
            if wider.__name__ in KINDS:
                told[kind.reason] |= told[KINDS[wider.__name__].reason]


def _keywords(node: ast.AST, function: str) -> set[str]:
    return {
        keyword.arg
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == function
        for keyword in call.keywords
        if keyword.arg is not None
    }


@cache
def statuses() -> dict[str, set[str]]:
    """The status codes of each reason."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for kind in KINDS.values():
        code = next(code for wider, code in _DOMAIN_CODES.items() if issubclass(kind, wider))
        found[kind.reason].add(code.name)
    for _, code, reason in _OTHER:
        found[reason].add(code.name)
    for node in sources():
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ApiError":
            code_named: Any = node.args[0]
            found[ast.literal_eval(node.args[1])].add(code_named.attr)
    return {**found, "INTERNAL": {"INTERNAL"}}


def test_every_reason_has_one_row_and_no_row_is_stale() -> None:
    assert sorted(row.reason for row in ROWS) == sorted(REASONS)


def test_the_rules_of_the_trade_stand_apart_from_the_server() -> None:
    trade, server_ = (rows(part) for part in PAGE.split("## The server"))

    assert {row.reason for row in trade} == {name for name, n in REASONS.items() if n < 101}
    assert {row.reason for row in server_} == {name for name, n in REASONS.items() if n > 100}
    assert {row.reason for row in trade} | {
        "PAGE_TOKEN_INVALID",
        "CLOCK_NOT_TRUSTED",
        "LOG_DAMAGED",
    } == {kind.reason for kind in KINDS.values()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reason)
def test_a_row_says_the_status_that_is_sent(row: Row) -> None:
    assert statuses()[row.reason] == {row.status}


# Passed on from caller to caller, where no call of the refusal shows them.
HANDED_ON = {"OUTCOME_UNKNOWN": {"request_id"}}


def test_a_row_names_the_metadata_that_is_sent_and_no_other() -> None:
    sent = told_keys(sources())

    for row in ROWS:
        assert row.metadata == sent[row.reason] | HANDED_ON.get(row.reason, set()), row.reason


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reason)
def test_a_row_says_when_it_happens_and_what_to_do(row: Row) -> None:
    assert row.when.endswith(".")
    assert row.what_to_do.endswith(".")


def test_the_checks_see_what_is_missing() -> None:
    """Control: a row left out, a row too many, a key that is not on the page."""
    row = next(line for line in PAGE.splitlines() if line.startswith("| `NO_PRICE`"))
    assert "NO_PRICE" not in {found.reason for found in rows(PAGE.replace(row, ""))}
    stale = rows(f"{PAGE}\n{row.replace('NO_PRICE', 'NO_SUCH')}\n")
    assert "NO_SUCH" in {found.reason for found in stale}

    refusing = "raise NoPrice('no price', part=part, moon=1)"
    assert told_keys(ast.walk(ast.parse(refusing)))["NO_PRICE"] == {"part", "moon"}
    assert told_keys(sources())["INVALID_VALUE"] == {"field", "value", "rule"}
