"""A mutant: one small fault in one source file, and what it reads like."""

import ast
from dataclasses import dataclass
from difflib import unified_diff
from typing import NamedTuple


class Edit(NamedTuple):
    """Replaces the characters from `start` up to `end`."""

    start: int
    end: int
    replacement: str
    kind: str  # What sort of fault it is: "comparison", "guard", …


class Source:
    """One file's text, its tree, and where in the text a node of the tree stands."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.splitlines(keepends=True)
        self._begins = [0]
        for line in self._lines:
            self._begins.append(self._begins[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._at(node.lineno, node.col_offset),
            self._at(node.end_lineno, node.end_col_offset),
        )

    def words(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def _at(self, line: int, column: int) -> int:
        """Python counts columns in bytes of UTF-8."""
        before = self._lines[line - 1].encode()[:column] if column else b""
        return self._begins[line - 1] + len(before.decode())


class Change(NamedTuple):
    """The lines a mutant replaces and what it puts there, as text: it has no line numbers."""

    path: str
    scope: str  # What they stand in: a function or a constant.
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    source: Source
    edit: Edit
    scope: str

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def line(self) -> int:
        return self.source.line(self.edit.start)

    @property
    def text(self) -> str:
        """The whole file with the fault in it."""
        before, after = self.source.text[: self.edit.start], self.source.text[self.edit.end :]
        return before + self.edit.replacement + after

    @property
    def compiles(self) -> bool:
        try:
            compile(self.text, self.path, "exec")
        except SyntaxError:
            return False
        return True

    @property
    def change(self) -> Change:
        text = self.source.text
        begin = text.rfind("\n", 0, self.edit.start) + 1
        end = text.find("\n", self.edit.end)
        end = len(text) if end < 0 else end
        added = text[begin : self.edit.start] + self.edit.replacement + text[self.edit.end : end]
        return Change(self.path, self.scope, _stripped(text[begin:end]), _stripped(added))

    @property
    def diff(self) -> str:
        before, after = self.source.text.splitlines(), self.text.splitlines()
        return "\n".join(unified_diff(before, after, self.path, self.path, lineterm="", n=2))


def _stripped(lines: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in lines.splitlines())
