"""The kinds of resources that can be shown and listed, as the schema and the names have them.

A Get method answers with a resource; the field that holds it has the name of its pattern in
`names.py`. So a new resource is shown and listed without a line here.
"""

import re
from functools import cache
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor, MethodDescriptor

from server.api.conversions import names
from server.api.conversions.names import NamePattern
from server.cli.failure import Failure
from server.cli.methods import methods

_CAPITAL = re.compile("(?=[A-Z])")


class Kind(NamedTuple):
    """`noun` is what one of them is called, `field` what the schema calls it: `price_list`."""

    field: str
    pattern: NamePattern
    get: MethodDescriptor
    list: MethodDescriptor | None

    @property
    def noun(self) -> str:
        return self.field.replace("_", " ")

    @property
    def plural(self) -> str:
        """What all of them are called on the command line: `price-lists`."""
        collection = self.pattern.template.split("/")[
            -2 if self.pattern.template[-1] == "}" else -1
        ]
        return _CAPITAL.sub("-", collection).lower()

    @property
    def message(self) -> Descriptor:
        """Of one of them."""
        described = self.get.output_type.fields_by_number[1].message_type
        assert described is not None
        return described

    @property
    def has_steps(self) -> bool:
        """Whether it is made of facts: what can be changed has an etag."""
        return "etag" in self.message.fields_by_name

    def key(self, name: str) -> str:
        """What tells it from others of its kind: `P-1`, or `D01/2025-11`."""
        return self.pattern.parse(name, "name")[1]


@cache
def kinds() -> tuple[Kind, ...]:
    """By what one of them is called."""
    lists = {
        method.output_type.fields_by_number[1].message_type: method
        for method in methods().values()
        if method.name.startswith("List")
    }
    found = []
    for method in methods().values():
        answer = method.output_type.fields_by_number[1]
        if method.name.startswith("Get") and "name" in method.input_type.fields_by_name:
            pattern: NamePattern = getattr(names, answer.name.upper())
            found.append(Kind(answer.name, pattern, method, lists.get(answer.message_type)))
    return tuple(sorted(found))


def named(book: str, typed: str) -> tuple[Kind, str]:
    """The kind of a resource, and its name. The book may be left out, and the slashes in a part's
    number may stand as they are: in `books/main`, `parts/A/1` is `books/main/parts/A%2F1`."""
    name = f"{book}/{typed.removeprefix(f'{book}/')}"
    for kind in kinds():
        if meant := kind.pattern.typed(name):
            return kind, meant
    templates = (kind.pattern.template.removeprefix("books/{book}/") for kind in kinds())
    raise Failure(f"NAME {typed!r} must be the name of a resource", f"as {', '.join(templates)}")


def listed_kind(plural: str) -> Kind:
    """The kind that is called so: `price-lists`, or `priceLists` as in names."""
    listed = {kind.plural: kind for kind in kinds() if kind.list and kind.has_steps}
    asked = _CAPITAL.sub("-", plural).lower()
    if asked not in listed:
        raise Failure(f"KIND {plural!r} must be one of {', '.join(sorted(listed))}")
    return listed[asked]
