"""A field that its comment calls required cannot be left out of a request, and another one can."""

import re
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from domain.errors import DomainError
from server.api.published.comments import Comments, comments
from server.api.published.services import needed
from server.api.resources import RESOURCES
from tests.docs.adding import ROOT
from tests.server.erp.exports import request_of, stream

OF_A_KIND = 25  # Requests that are looked at, of those of the small example.


class Left(NamedTuple):
    """A field that was left out of so many requests in order, of which so many were refused."""

    out: int
    refused: int


@cache
def left_out() -> dict[FieldDescriptor, Left]:
    """Each field that the requests of the example have, left out of each of them."""
    found: defaultdict[FieldDescriptor, Left] = defaultdict(lambda: Left(0, 0))
    for request in requests():
        for field, without in each_without(request, request, ()):
            out, refused = found[field]
            found[field] = Left(out + 1, refused + is_refused(without))
    return dict(found)


def requests() -> Iterator[Message]:
    seen: defaultdict[type[Message], int] = defaultdict(int)
    for ordered in stream(ROOT / "examples" / "small"):
        request = request_of(ordered)
        seen[type(request)] += 1
        if seen[type(request)] <= OF_A_KIND:
            yield request


def each_without(
    whole: Any, message: Any, way: tuple[tuple[str, bool], ...]
) -> Iterator[tuple[FieldDescriptor, Any]]:
    """Copies of a request, each without one field; of a list, the first message is looked into."""
    for field, value in message.ListFields():
        copied = deepcopy(whole)
        at(copied, way).ClearField(field.name)
        yield field, copied
        ours = field.message_type and field.message_type.full_name.startswith("partsledger.")
        if ours and (not field.is_repeated or value):
            inside = value[0] if field.is_repeated else value
            yield from each_without(whole, inside, (*way, (field.name, field.is_repeated)))


def at(message: Any, way: tuple[tuple[str, bool], ...]) -> Any:
    for name, is_list in way:
        message = getattr(message, name)[0] if is_list else getattr(message, name)
    return message


def is_refused(request: Any) -> bool:
    try:
        RESOURCES.mutations[type(request)].decode(request)
    except DomainError as refusal:
        return refusal.reason == "INVALID_VALUE"
    return False


@pytest.fixture(scope="module")
def said() -> Comments:
    return comments()


# Looked at when the request has been read: every mutation has it (test_request_ids.py).
OF_ALL = "request_id"


def test_what_is_called_required_cannot_be_left_out(said: Comments) -> None:
    taken = [
        field.full_name
        for field, (out, refused) in left_out().items()
        if needed(field, said) == "required" and refused < out and field.name != OF_ALL
    ]
    assert taken == []


def test_what_can_never_be_left_out_says_so(said: Comments) -> None:
    """Or when it has to be there: some requests of the example are all of one sort."""
    silent = [
        field.full_name
        for field, (out, refused) in left_out().items()
        if refused == out
        and not needed(field, said)
        and not re.search("[Rr]equired|left out", said[field.full_name])
    ]
    assert silent == []


def test_there_are_fields_of_both_kinds(said: Comments) -> None:
    """The control: of most kinds of requests, and of what they hold."""
    kinds = {field.containing_type for field in left_out()}
    found = [needed(field, said) for field in left_out()]

    assert len(kinds) > 40
    assert found.count("required") > 100
    assert found.count("") > 20
