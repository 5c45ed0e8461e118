"""Whatever is defined in production code is used in production code, and not by tests alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

from server.api.resources import SERVED

ROOT = Path(__file__).parent.parent
ROOMS = ("domain", "projections", "server")

# Called by those whose interfaces these are, and by nobody here.
BY_OTHERS = {
    "alembic": {"upgrade", "revision", "down_revision"},
    "eventsourcing": {
        "aggregate_recorder", "application_recorder", "process_recorder", "tracking_recorder",
        "insert_events", "select_events", "select_notifications", "max_notification_id",
        "insert_tracking", "max_tracking_id", "subscribe", "snapshot_class", "Event",
        "take", "construct_env",
    },
    "facts of an older form": {"formerly"},  # There is none yet: docs/adding.md makes one.
    "grpc": {"intercept_service"},
    "pydantic": {"model_config"},
}  # fmt: skip

# Other decorators register what they decorate.
READ_OTHERWISE = {"property", "cached_property", "staticmethod", "classmethod"}


def sources() -> dict[str, ast.Module]:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in files}


def called_by_others() -> set[str]:
    """Names of interfaces, and the methods of the API, which gRPC calls by their names."""
    generated = [base for servicer in SERVED for base in servicer.__bases__]
    return set[str]().union(*(vars(base) for base in generated), *BY_OTHERS.values())


def defined(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Functions, classes and constants of a module and of its classes, with their lines.

    Members of enumerations and fields are left out: they hold what comes from outside.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.lineno
            if not any("Enum" in ast.unparse(base) for base in node.bases):
                yield from defined(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if all(ast.unparse(each) in READ_OTHERWISE for each in node.decorator_list):
                yield node.name, node.lineno
        elif isinstance(node, ast.Assign):
            targets = [each for target in node.targets for each in ast.walk(target)]
            yield from ((each.id, node.lineno) for each in targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(tree, ast.Module):
            assert isinstance(node.target, ast.Name)
            yield node.target.id, node.lineno


def used(tree: ast.AST) -> Iterator[str]:
    """Names that are read: as such, as attributes, under another name, or by their text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.ImportFrom):
            yield from (each.name for each in node.names if each.asname not in (None, each.name))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def dead(trees: dict[str, ast.Module], by_others: set[str]) -> list[str]:
    names = by_others.union(*(used(tree) for tree in trees.values()))
    return [
        f"{path}:{line} {name}"
        for path, tree in trees.items()
        for name, line in defined(tree)
        if name not in names and not name.startswith("__")
    ]


def test_nothing_is_defined_that_only_tests_use() -> None:
    assert dead(sources(), called_by_others()) == []


def test_a_definition_that_nothing_uses_is_found() -> None:
    """The control: of each kind."""
    lonely = """
class Alone:
    LIMIT = 3

    @property
    def size(self): return self.size_of()

    def size_of(self): return 1

DAYS: int = 7

def helper(): return helper_of_helper

async def waiting(): ...

@app.command
def registered(): ...
"""
    assert dead({"lonely.py": ast.parse(lonely)}, set()) == [
        "lonely.py:2 Alone", "lonely.py:3 LIMIT", "lonely.py:6 size", "lonely.py:10 DAYS",
        "lonely.py:12 helper", "lonely.py:14 waiting",
    ]  # fmt: skip


def test_every_name_that_others_call_is_there() -> None:
    """What is no more shall not stand in the list, and hide another."""
    names = {name for tree in sources().values() for name, _ in defined(tree)}
    assert {name for theirs in BY_OTHERS.values() for name in theirs} - names == set()
