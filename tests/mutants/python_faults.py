"""Faults in Python: each function says which ones a node can have.

They are small and likely: a limit that is off by one, a guard that is missing, an argument that
stands where another of the same sort belongs.
"""

import ast
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from tests.mutants.mutant import Edit, Source
from tests.mutants.sites import Site, is_sentence
from tests.mutants.statement_faults import statement_faults

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[str, tuple[str, ...]]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: (r"\bis\b", ("is not",)),
    ast.IsNot: (r"\bis\s+not\b", ("is",)),
    ast.In: (r"\bin\b", ("not in",)),
    ast.NotIn: (r"\bnot\s+in\b", ("in",)),
}
_ARITHMETIC: Final[dict[type[ast.operator], tuple[str, str]]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.LShift: ("<<", ">>"),
}
_OPPOSITES: Final = {
    "min": "max", "max": "min", "any": "all", "all": "any", "startswith": "endswith",
    "partition": "rpartition", "rpartition": "partition", "reversed": "list",
}  # fmt: skip
_LOOSE: Final = (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr)


def python_faults(source: Source, site: Site) -> Iterator[Edit]:
    """All that can be wrong with a node by itself."""
    for kind, faults in _EXPRESSIONS.items():
        if isinstance(site.node, kind):
            yield from faults(source, site)
    if isinstance(site.node, ast.stmt):
        yield from statement_faults(source, site.node, site.function)


def _comparison(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.Compare)
    sides = [node.left, *node.comparators]
    for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
        pattern, others = _COMPARISONS[type(operator)]
        for other in others:
            yield from _operator(source, left, right, pattern, other, "comparison")


def _arithmetic(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.BinOp)
    if type(node.op) in _ARITHMETIC:
        pattern, other = _ARITHMETIC[type(node.op)]
        yield from _operator(source, node.left, node.right, pattern, other, "arithmetic")
    if isinstance(node.op, ast.BitOr):  # Of types, or of two mappings.
        for side in (node.left, node.right):
            yield Edit(*source.span(node), source.words(side), "one of two")


def _condition(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.BoolOp)
    parts = [_closed(source, value) for value in node.values]
    one, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    span = source.span(node)
    yield Edit(*span, f" {other} ".join(parts), "and, or")
    for index in range(len(parts)):
        left = parts[:index] + parts[index + 1 :]
        yield Edit(*span, f" {one} ".join(left), "condition left out")


def _unary(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.UnaryOp)
    if isinstance(node.op, ast.Not | ast.USub) and not isinstance(node.operand, ast.Constant):
        yield Edit(*source.span(node), _closed(source, node.operand), "not, minus")


def _constant(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.Constant)
    others: tuple[object, ...] = ()
    if isinstance(node.value, bool):
        others = (not node.value,)
    elif isinstance(node.value, int):
        others = (node.value + 1, node.value - 1)
    elif isinstance(node.value, str) and not is_sentence(node.value) and "\n" not in node.value:
        others = (f"{node.value}_" if node.value else "x",)
    elif isinstance(node.value, bytes):
        others = (node.value + b"_",)
    for other in others:
        yield Edit(*source.span(node), repr(other), "constant")


def _choice(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.IfExp)
    for branch in (node.body, node.orelse):
        yield Edit(*source.span(node), _closed(source, branch), "one of two")
    yield from _negation(source, node.test)


def _filter(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.comprehension)
    for condition in node.ifs:
        yield Edit(*source.span(condition), "True", "filter")


def _set(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.Set)
    for element in node.elts:
        others = [source.words(other) for other in node.elts if other is not element]
        yield Edit(*source.span(node), f"{{{', '.join(others)}}}", "one of many")


def _call(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.Call)
    start, end = source.span(node.func)
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if name in _OPPOSITES:
                yield Edit(end - len(name), end, _OPPOSITES[name], "opposite")
            if name == "sorted" and not any(k.arg == "reverse" for k in node.keywords):
                yield Edit(start, source.span(node)[1] - 1, _reversed(source, node), "order")
    yield from _swapped(source, node, site.function)


def _reversed(source: Source, call: ast.Call) -> str:
    start, end = source.span(call)
    return source.text[start : end - 1].rstrip(", \n") + ", reverse=True"


def _swapped(source: Source, call: ast.Call, function: ast.FunctionDef | None) -> Iterator[Edit]:
    """Two arguments of the same sort, each in the other's place."""
    keywords = [keyword.value for keyword in call.keywords if keyword.arg]
    for arguments in (call.args, keywords):
        for one, other in pairwise(arguments):
            sort = _sort(one, function)
            if sort and sort == _sort(other, function) and ast.dump(one) != ast.dump(other):
                (start, one_end), (other_start, end) = source.span(one), source.span(other)
                between = source.text[one_end:other_start]
                swapped = source.words(other) + between + source.words(one)
                yield Edit(start, end, swapped, "swapped")


def _sort(value: ast.expr, function: ast.FunctionDef | None) -> str:
    """The annotation of a parameter, or what a name ends in: `debit_minor` is one of `minor`."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if isinstance(value, ast.Name) and function is not None:
                for parameter in (*function.args.args, *function.args.kwonlyargs):
                    if parameter.arg == name and parameter.annotation is not None:
                        return ast.unparse(parameter.annotation)
            return name.rpartition("_")[2] if "_" in name.strip("_") else ""
        case ast.Constant(value=str()):
            return "str"
        case _:
            return ""


def _negation(source: Source, test: ast.expr) -> Iterator[Edit]:
    """Other tests than a plain one are negated in their parts."""
    if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.NamedExpr):
        yield Edit(*source.span(test), f"not ({source.words(test)})", "negation")


def _tested(source: Source, site: Site) -> Iterator[Edit]:
    node = site.node
    assert isinstance(node, ast.If | ast.While)
    yield from _negation(source, node.test)


def _operator(
    source: Source, left: ast.expr, right: ast.expr, pattern: str, other: str, kind: str
) -> Iterator[Edit]:
    start, end = source.span(left)[1], source.span(right)[0]
    found = re.search(pattern, source.text[start:end])
    if found is not None:
        yield Edit(start + found.start(), start + found.end(), other, kind)


def _closed(source: Source, node: ast.expr) -> str:
    """The text of an expression, so that another may stand beside it."""
    words = source.words(node)
    return f"({words})" if isinstance(node, _LOOSE) else words


_EXPRESSIONS: Final[dict[type[ast.AST], Callable[[Source, Site], Iterator[Edit]]]] = {
    ast.Compare: _comparison,
    ast.BinOp: _arithmetic,
    ast.BoolOp: _condition,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.IfExp: _choice,
    ast.comprehension: _filter,
    ast.Set: _set,
    ast.Call: _call,
    ast.If: _tested,
    ast.While: _tested,
}
