"""Faults in statements of Python: one that is missing, one that leaves at the wrong moment."""

import ast
from collections.abc import Iterator
from typing import Final

from tests.mutants.mutant import Edit, Source

_SIGNS: Final[dict[type[ast.operator], tuple[str, str]]] = {
    ast.Add: ("+=", "-="),
    ast.Sub: ("-=", "+="),
    ast.Mult: ("*=", "+="),
    ast.BitOr: ("|=", "="),
}
_EXITS: Final = (ast.Raise, ast.Return, ast.Continue, ast.Break)


def statement_faults(
    source: Source, node: ast.stmt, function: ast.FunctionDef | None
) -> Iterator[Edit]:
    """What can be wrong with a statement as a whole; what is inside it is looked at by itself."""
    if isinstance(node, ast.AugAssign):
        yield from _added(source, node)
    if isinstance(node, ast.Assign):
        yield from _assigned(source, node, function)
    if isinstance(node, ast.Assign | ast.AnnAssign) and function is None:
        yield from _shorter(source, node.value)
    yield from _left_out(source, node)


def _left_out(source: Source, node: ast.stmt) -> Iterator[Edit]:
    span = source.span(node)
    match node:
        case ast.Expr(value=ast.Call()) | ast.Delete():
            yield Edit(*span, "pass", "statement left out")
        case ast.Break():
            yield Edit(*span, "continue", "break, continue")
        case ast.Continue():
            yield Edit(*span, "break", "break, continue")
        case ast.If(body=[*_, last]) if isinstance(last, _EXITS):
            yield Edit(*source.span(node.test), "False", "guard")
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield Edit(*span, "return None", "return")


def _added(source: Source, node: ast.AugAssign) -> Iterator[Edit]:
    yield Edit(*source.span(node), "pass", "statement left out")
    sign, other = _SIGNS.get(type(node.op), ("", ""))
    if sign:
        start, end = source.span(node.target)[1], source.span(node.value)[0]
        at = source.text.index(sign, start, end)
        yield Edit(at, at + len(sign), other, "arithmetic")


def _assigned(source: Source, node: ast.Assign, function: ast.FunctionDef | None) -> Iterator[Edit]:
    """A state that is not changed. In `__init__` it would only be missing."""
    begins = function is None or function.name == "__init__"
    if isinstance(node.targets[0], ast.Attribute | ast.Subscript) and not begins:
        yield Edit(*source.span(node), "pass", "statement left out")


def _shorter(source: Source, many: ast.expr | None) -> Iterator[Edit]:
    """A constant of many things without one of them."""
    if not isinstance(many, ast.Tuple | ast.List) or len(many.elts) < 2:
        return
    for element in many.elts:
        others = [source.words(other) for other in many.elts if other is not element]
        text = ", ".join(others)
        whole = f"[{text}]" if isinstance(many, ast.List) else f"({text},)"
        yield Edit(*source.span(many), whole, "one of many")
