"""Faults in SQL: found by its words, because its strings are put together from many pieces."""

import re
from collections.abc import Iterator
from typing import Final

from tests.mutants.mutant import Edit
from tests.mutants.sql_clauses import clause_faults
from tests.mutants.sql_text import Sql

# What is found, and what may stand there instead.
_WORDS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    (r"= ANY\b", ("<> ALL",), "comparison"),
    (r"<> ALL\b", ("= ANY",), "comparison"),
    (r"\bIS NULL\b", ("IS NOT NULL",), "comparison"),
    (r"\bIS NOT NULL\b", ("IS NULL",), "comparison"),
    (r"\bNOT IN\b", ("IN",), "comparison"),
    (r"(?<!NOT )\bIN(?= \()", ("NOT IN",), "comparison"),
    (r"(?<!NOT )\bEXISTS\b(?= \()", ("NOT EXISTS",), "comparison"),
    (r"(?<=[\w)]) \+ (?=[\w(])", (" - ",), "arithmetic"),
    (r"(?<=[\w)]) - (?=[\w(])", (" + ",), "arithmetic"),
    (r"(?<=[\w)]) \* (?=[\w(])(?!FROM)", (" + ",), "arithmetic"),
    (r"(?<=[\w)]) / (?=[\w(])", (" * ",), "arithmetic"),
    (r"(?<=[\s(,])-(?=[\w(])", ("",), "not, minus"),
    (r"\bOR\b(?! (?:DELETE|TRUNCATE|UPDATE))", ("AND",), "and, or"),
    (r"\bmin\(", ("max(",), "opposite"),
    (r"\bmax\(", ("min(",), "opposite"),
    (r"\bleast\(", ("greatest(",), "opposite"),
    (r"\bgreatest\(", ("least(",), "opposite"),
    (r"\bsum\(", ("max(",), "sum"),
    (r"\bcount\(\*\)", ("1",), "sum"),
    (r"\blead\(", ("lag(",), "opposite"),
    (r"\bleft\(", ("right(",), "opposite"),
    (r"\bright\(", ("left(",), "opposite"),
    (r"\bDESC\b", ("ASC",), "order"),
    (r"\bASC\b", ("DESC",), "order"),
    (r"\bLEFT JOIN\b", ("JOIN",), "join"),
    (r"(?<!LEFT )(?<!CROSS )\bJOIN\b", ("LEFT JOIN",), "join"),
    (r"\bDISTINCT ", ("",), "distinct"),
    (r"\bUNION ALL\b", ("UNION",), "distinct"),
    (r" FOR UPDATE(?: OF \w+)?", ("",), "lock"),
    (r"(?<=LIMIT )µ+", ("NULL",), "limit"),
    (r"(?<=OFFSET )µ+", ("0",), "limit"),
    (r"\btrue\b", ("false",), "constant"),
    (r"\bfalse\b", ("true",), "constant"),
    (r"''", ("'x'",), "constant"),
)
_COMPARED: Final = re.compile(r"(?<![<>=!:|-])(?:<=|>=|<>|<|>|=)(?![<>=]| ANY| ALL)")
_OTHERS: Final = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "=": ("<>",), "<>": ("=",),
}  # fmt: skip
_NUMBER: Final = re.compile(r"(?<![\w.$])\d+(?![\w.])")
_TEXT: Final = re.compile(r"'(µ+)'")
# Here `=` sets something.
_SETTING: Final = re.compile(r"\bSET\b.*?(?=\bWHERE\b|\bRETURNING\b|\bFROM\b|;|$)", re.DOTALL)


def sql_faults(sql: Sql) -> Iterator[Edit]:
    """All that can be wrong with the SQL of one string."""
    for pattern, others, kind in _WORDS:
        for found in re.finditer(pattern, sql.cover):
            if not sql.text[found.start() : found.end()].startswith("SELECT *"):
                for other in others:
                    yield _edit(sql, found.start(), found.end(), other, kind)
    yield from _comparisons(sql)
    yield from _constants(sql)
    yield from clause_faults(sql)


def _comparisons(sql: Sql) -> Iterator[Edit]:
    settings = [found.span() for found in _SETTING.finditer(sql.cover)]
    for found in _COMPARED.finditer(sql.cover):
        at = found.start()
        if found[0] == "=" and any(start <= at < end for start, end in settings):
            continue
        for other in _OTHERS[found[0]]:
            yield _edit(sql, at, found.end(), other, "comparison")


def _constants(sql: Sql) -> Iterator[Edit]:
    for found in _NUMBER.finditer(sql.cover):
        yield _edit(sql, found.start(), found.end(), str(int(found[0]) + 1), "constant")
    for found in _TEXT.finditer(sql.cover):
        start, end = found.span(1)
        text = sql.text[start:end]
        number = re.match(r"\d+", text)
        other = str(int(number[0]) + 1) + text[number.end() :] if number else f"{text}_"
        yield _edit(sql, start, end, other, "constant")


def _edit(sql: Sql, start: int, end: int, replacement: str, kind: str) -> Edit:
    return Edit(sql.at + start, sql.at + end, replacement, f"SQL: {kind}")
