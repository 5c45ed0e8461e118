"""SQL inside a Python string: where it is, and the same text with all that is no SQL covered up.

A cover is as long as what it hides, so that what is found in the covered text is there in the real
one, too.
"""

import ast
import re
from typing import Final, NamedTuple

from tests.mutants.mutant import Source

_IS_SQL: Final = re.compile(
    r"\b(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|JOIN|SET|CASE|IS (?:NOT )?NULL|CHECK|LOCK|LIMIT|"
    r"IN|AND|OR|ORDER BY)\b|%\(\w+\)s|%s|\w+\([a-z*]|\w [<>=+*-]{1,2} |\w::\w"
)
_QUOTES: Final = re.compile(r"""[a-zA-Z]*("{3}|'{3}|"|')""")
# What stands for something else in the text, as one word; then what is only read by people.
_FIELDS: Final = re.compile(r"\{\{\w+\}\}|\{[^{}]*\}|%\(\w+\)s|%s")
_TEXTS: Final = re.compile(r"(?<=')[^'\n]+(?=')")
_COMMENTS: Final = re.compile(r"--[^\n]*")
_JOINTS: Final = re.compile(r'"\s*\n?\s*[frb]*"')  # Where two strings are put together.
# Indexes and room in pages make a query quick and nothing else: the tests of plans look at them.
_STORAGE: Final = re.compile(
    r"CREATE (?:UNIQUE )?INDEX[^;]*|WITH \(fillfactor = \d+\)|fillfactor = \d+"
)
_WORD: Final = "µ"


class Sql(NamedTuple):
    """`text` is as written, `cover` is for searching; both begin at `at` in the file."""

    at: int
    text: str
    cover: str


def sql_in(source: Source, node: ast.Constant | ast.JoinedStr) -> Sql | None:
    """The SQL of a string, or None if there is none in it."""
    start, end = source.span(node)
    words = source.text[start:end]
    opened = _QUOTES.match(words)
    if opened is None:
        return None
    text = words[opened.end() : len(words) - len(opened[1])]
    if not _IS_SQL.search(text):
        return None
    return Sql(start + opened.end(), text, _covered(text))


def _covered(text: str) -> str:
    cover = _FIELDS.sub(lambda found: _WORD * len(found[0]), text)
    cover = _JOINTS.sub(lambda found: " " * len(found[0]), cover)
    cover = _COMMENTS.sub(lambda found: " " * len(found[0]), cover)
    cover = _without_texts(cover)
    return _STORAGE.sub(lambda found: " " * len(found[0]), cover)


def _without_texts(cover: str) -> str:
    """SQL's own strings, emptied: every second gap between two quotes is one."""
    parts = cover.split("'")
    return "'".join(_WORD * len(part) if number % 2 else part for number, part in enumerate(parts))
