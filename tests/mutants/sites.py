"""Where in a file a fault could be put: everything that decides, nothing that is only read.

Left out are docstrings, annotations, decorators, imports, assertions (`strict` of zip is one), what
is logged, and the sentences in which an error is told to people.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

# What only says what something is called, or of which type it is.
_NAMING: Final = {"TypeVar", "cast", "getLogger", "Thread", "ThreadPoolExecutor"}
_LOGGING: Final = {"_log", "logging", "warnings"}


class Site(NamedTuple):
    node: ast.AST
    function: ast.FunctionDef | None  # The innermost around it.
    scope: str  # What it stands in: `PartsTransfer.Closed.apply`, or the name of a constant.


def sites(tree: ast.Module) -> Iterator[Site]:
    """Every node that a fault can be put in. An f-string is one: its parts are left out."""
    for statement in tree.body:
        if not _is_type_alias(statement):
            yield from _sites(statement, None, "")


def is_sentence(text: str) -> bool:
    """Whether a text is one for people."""
    return " " in text.strip()


def _sites(node: ast.AST | None, function: ast.FunctionDef | None, scope: str) -> Iterator[Site]:
    if node is None or _is_left_out(node):
        return
    name = _scope(node, function)
    scope = f"{scope}.{name}".strip(".") if name else scope
    yield Site(node, function, scope)
    inside = node if isinstance(node, ast.FunctionDef) else function
    for child in _children(node):
        yield from _sites(child, inside, scope)


def _scope(node: ast.AST, function: ast.FunctionDef | None) -> str:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return name
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return "" if function else name
        case _:
            return ""


def _children(node: ast.AST) -> Iterable[ast.AST | None]:
    match node:
        case ast.FunctionDef():
            return [*node.args.defaults, *node.args.kw_defaults, *node.body]
        case ast.ClassDef():
            return node.body
        case ast.AnnAssign():
            return [node.value]
        case ast.JoinedStr():
            return []
        case ast.Raise(exc=ast.Call() as told):
            parts: list[ast.expr | ast.keyword] = [*told.args, *told.keywords]
            return [part for part in parts if not _is_message(part)]
        case ast.Raise():
            return []
        case _:
            return ast.iter_child_nodes(node)


def _is_left_out(node: ast.AST) -> bool:
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()) | ast.keyword(arg="strict"):
            return True
        case ast.IfExp():
            return _is_message(node.body) and _is_message(node.orelse)
        case ast.Call():
            return _named(node.func) in _NAMING or _is_logging(node.func)
        case ast.Expr(value=ast.Call() as call):
            return _is_logging(call.func)
        case _:
            return False


def _is_message(argument: ast.expr | ast.keyword) -> bool:
    match argument:
        case ast.Constant(value=str() as text):
            return is_sentence(text)
        case ast.BinOp(left=left, right=right):
            return _is_message(left) or _is_message(right)
        case _:
            return isinstance(argument, ast.JoinedStr)


def _is_type_alias(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Subscript)


def _is_logging(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and _named(function.value) in _LOGGING


def _named(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
