"""Where an order shows in a result, the SQL asks for it: otherwise each PostgreSQL has its own."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import projections
import server.eventlog
from projections.engine.folding import _statement
from projections.views import VIEWS

# Aggregates whose result depends on the order of what they take.
ORDERED = re.compile(
    r"\b(?:array_agg|string_agg|jsonb?_agg|jsonb?_object_agg|jsonb?_arrayagg|xmlagg|first_value|"
    r"last_value|nth_value|row_number|lag|lead)\s*\(",
    re.IGNORECASE,
)
DISTINCT_ON = re.compile(r"\bDISTINCT\s+ON\b", re.IGNORECASE)
WINDOW = re.compile(r"\bOVER\s*(?:\(|(\w+))", re.IGNORECASE)


def inside(sql: str, start: int) -> str:
    """What stands between the parenthesis that was opened before `start` and its end."""
    depth, at = 1, start
    while depth and at < len(sql):
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        at += 1
    return sql[start : at - 1]


def unordered(sql: str) -> list[str]:
    """The calls in a statement whose result may be another on another server."""
    found = []
    for call in ORDERED.finditer(sql):
        arguments = inside(sql, call.end())
        window = WINDOW.match(sql[call.end() + len(arguments) + 1 :].lstrip())
        if "ORDER BY" not in arguments and not (window and _is_ordered(sql, call.end(), window)):
            found.append(f"{call[0]}{arguments})")
    return found + [f"{each[0]} …" for each in DISTINCT_ON.finditer(sql)]


def _is_ordered(sql: str, after: int, window: re.Match[str]) -> bool:
    """Whether the window of a call, named or not, has an order."""
    if window[1] is None:
        return "ORDER BY" in inside(sql, sql.index("(", sql.upper().index("OVER", after)) + 1)
    defined = re.search(rf"\bWINDOW\s+{window[1]}\s+AS\s*\(", sql)
    return defined is not None and "ORDER BY" in inside(sql, defined.end())


def modules() -> Iterator[ModuleType]:
    for room in (projections, server.eventlog):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if ".migrations." not in found.name:
                yield importlib.import_module(found.name)


def statements() -> dict[str, str]:
    """Every text of SQL in the rooms that ask PostgreSQL, by where it stands."""
    found = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, str) and re.search(r"\b(?:SELECT|INSERT)\b", value):
                found[f"{module.__name__}.{name}"] = value
    for view in VIEWS:
        found |= {f"{view.name}.fold": view.fold, f"{view.name}.rows": view.rows}
    plain = tuple(view for view in VIEWS if not view.derived)
    return found | {
        "all folds of the log": _statement(plain),
        "all folds where some facts are of an older form": _statement(plain, some_older=True),
    }


STATEMENTS = statements()


@pytest.mark.parametrize("where", STATEMENTS)
def test_no_result_depends_on_an_order_that_is_not_asked_for(where: str) -> None:
    assert unordered(STATEMENTS[where]) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT array_agg(lot) FROM balances GROUP BY part",  # As it was in closed_stock.
        "SELECT array_agg(lot), array_agg(part ORDER BY part) FROM balances",
        "SELECT string_agg(sha256(convert_to(a, 'UTF8')), '') FROM (SELECT a ORDER BY a) AS t",
        "SELECT DISTINCT ON (part) part, lot FROM balances ORDER BY part",
        "SELECT row_number() OVER () FROM balances",
        "SELECT lead(month) OVER months FROM moved WINDOW months AS (PARTITION BY part)",
    ],
)
def test_an_order_left_out_is_noticed(sql: str) -> None:
    """Control."""
    assert len(unordered(sql)) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT array_agg(lot ORDER BY origin_on, lot) FROM balances",
        "SELECT row_number() OVER (PARTITION BY part ORDER BY month) FROM balances",
        "SELECT lead(month) OVER months FROM moved WINDOW months AS (ORDER BY month)",
        "SELECT sum(quantity) OVER months, min(month) FROM moved",
    ],
)
def test_an_order_that_is_there_is_seen(sql: str) -> None:
    assert unordered(sql) == []


def test_the_statements_are_found() -> None:
    assert any("array_agg" in sql for sql in STATEMENTS.values())
    assert any("lead(" in sql for sql in STATEMENTS.values())
    assert "server.eventlog.lookup.STATEMENT" in STATEMENTS
