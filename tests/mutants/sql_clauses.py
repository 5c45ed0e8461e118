"""Faults in the clauses of SQL: a condition that is missing, another order, no default."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tests.mutants.mutant import Edit
from tests.mutants.sql_text import Sql

_CLAUSE: Final = re.compile(r"\b(?:WHERE|HAVING|ON(?! CONFLICT))\b")
# What opens, closes, separates or ends conditions.
_TOKENS: Final = re.compile(
    r"[()]|;|\b(?:CASE|END|AND|OR|BETWEEN|GROUP|ORDER|LIMIT|OFFSET|UNION|RETURNING|WINDOW|HAVING|"
    r"WHERE|LEFT|JOIN|CROSS|FOR|ON|SELECT|THEN|WHEN|ELSE)\b"
)
# A string that is only a condition, for the query it is put into.
_PIECE: Final = re.compile(r"[<>=]|\bIS\b|\bIN\b")
_STATEMENT: Final = re.compile(
    r"\b(?:SELECT|CREATE|INSERT|UPDATE|ALTER|COPY|SET|LOCK|VALUES|GRANT)\b"
)
_CONDITION: Final = re.compile(r"[<>=]|\b(?:IS|IN|BETWEEN|EXISTS)\b|\w\(|µ")
_BETWEEN: Final = re.compile(r"([\w.]+) BETWEEN (\S+) AND ([^\s)]+)")
_ORDER: Final = re.compile(r"\bORDER BY ((?:[^()\n]|\([^()]*\))+?)(?=\)|\n|$| LIMIT| FOR | DESC)")
_COALESCE: Final = re.compile(r"\bcoalesce\(")


class _Condition(NamedTuple):
    start: int
    end: int
    joined_by: int | None  # Where the AND before it stands.


def clause_faults(sql: Sql) -> Iterator[Edit]:
    for begin in _beginnings(sql):
        for condition in _conditions(sql, begin):
            if condition.joined_by is not None:
                at = condition.joined_by
                yield _edit(sql, at, at + len("AND"), "OR", "and, or")
            if _CONDITION.search(sql.cover[condition.start : condition.end]):
                yield _edit(sql, condition.start, condition.end, "true", "condition left out")
    for found in _BETWEEN.finditer(sql.cover):
        what, low, high = (sql.text[slice(*found.span(group))] for group in (1, 2, 3))
        for others in (
            f"{what} > {low} AND {what} <= {high}",
            f"{what} >= {low} AND {what} < {high}",
        ):
            yield _edit(sql, *found.span(), others, "comparison")
    yield from _orders(sql)
    yield from _defaults(sql)


def _beginnings(sql: Sql) -> Iterator[int]:
    """Where conditions begin: behind WHERE, ON, HAVING; in a piece of a query at its start."""
    yield from (clause.end() for clause in _CLAUSE.finditer(sql.cover))
    if _PIECE.search(sql.cover) and not _STATEMENT.search(sql.cover):
        yield 0


def _conditions(sql: Sql, begin: int) -> Iterator[_Condition]:
    """Those that must all hold, up to the end of the clause or its first OR."""
    between, start, joined_by = False, begin, None
    for token in _tokens_outside(sql, begin):
        if token[0] == "AND" and not between:
            yield _trimmed(sql, start, token.start(), joined_by)
            start, joined_by = token.end(), token.start()
        elif token[0] == "OR":
            return  # Of two ways, which the faults of words are for.
        elif token[0] not in ("AND", "BETWEEN"):
            yield _trimmed(sql, start, token.start(), joined_by)
            return
        between = token[0] == "BETWEEN"
    yield _trimmed(sql, start, len(sql.cover), joined_by)


def _tokens_outside(sql: Sql, begin: int) -> Iterator[re.Match[str]]:
    """Those in no bracket that was opened since, and in no CASE."""
    depth = 0
    for token in _TOKENS.finditer(sql.cover, begin):
        if token[0] in ("(", "CASE"):
            depth += 1
        elif depth and token[0] in (")", "END"):
            depth -= 1
        elif not depth:
            yield token


def _trimmed(sql: Sql, start: int, end: int, joined_by: int | None) -> _Condition:
    text = sql.cover[start:end]
    start += len(text) - len(text.lstrip())
    return _Condition(start, start + len(text.strip()), joined_by)


def _orders(sql: Sql) -> Iterator[Edit]:
    """The other way round, and without what breaks a tie."""
    for found in _ORDER.finditer(sql.cover):
        start, end = found.span(1)
        first, comma, _ = sql.text[start:end].partition(",")
        if "DESC" not in sql.cover[end : end + len(" DESC")]:
            at = start + len(first.rstrip())
            yield _edit(sql, at, at, " DESC", "order")
        if comma:
            last = sql.text.rindex(",", start, end)
            yield _edit(sql, last, end, "", "order")


def _defaults(sql: Sql) -> Iterator[Edit]:
    """`coalesce(x, 0)` without its default."""
    for found in _COALESCE.finditer(sql.cover):
        depth, comma = 1, None
        for at in range(found.end(), len(sql.cover)):
            letter = sql.cover[at]
            depth += (letter == "(") - (letter == ")")
            if letter == "," and depth == 1 and comma is None:
                comma = at
            if depth == 0:
                if comma is not None:
                    inside = sql.text[found.end() : comma]
                    yield _edit(sql, found.start(), at + 1, f"({inside})", "default left out")
                break


def _edit(sql: Sql, start: int, end: int, replacement: str, kind: str) -> Edit:
    return Edit(sql.at + start, sql.at + end, replacement, f"SQL: {kind}")
