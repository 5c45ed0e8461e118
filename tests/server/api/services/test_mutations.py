"""The schema, the table of mutations, the import stream and the list of reasons say the same."""

import ast
import re
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from hypothesis import example, given, settings
from hypothesis import strategies as st

import domain.changes
import domain.errors
import server.api.errors
import server.app
from domain.errors import DomainError
from partsledger.v1 import error_reason_pb2, import_service_pb2
from server.api.resources import RESOURCES
from tests.server.api.methods import METHODS, PROTOS

MUTATING = {
    m.input_type.full_name: m
    for m in METHODS.values()
    if "request_id" in m.input_type.fields_by_name
}
REASONS = {
    name.removeprefix("ERROR_REASON_")
    for name in EnumTypeWrapper(error_reason_pb2.ErrorReason.DESCRIPTOR).keys()  # noqa: SIM118
} - {"UNSPECIFIED"}


OF_THE_DOMAIN = [
    kind.__dict__["reason"]
    for kind in (vars(domain.errors) | vars(domain.changes)).values()
    if isinstance(kind, type) and "reason" in kind.__dict__
]


def test_the_table_has_every_mutation_and_nothing_else() -> None:
    assert {kind.DESCRIPTOR.full_name for kind in RESOURCES.mutations} == set(MUTATING)
    assert len(RESOURCES.mutations) > 40  # Control: there are some to compare.


def test_the_import_stream_takes_every_mutation_under_its_own_name() -> None:
    fields = import_service_pb2.ImportCommand.DESCRIPTOR.oneofs_by_name["command"].fields
    taken = {f.message_type.full_name: f.name for f in fields if f.message_type is not None}

    assert taken == {request: _snake(method.name) for request, method in MUTATING.items()}


def test_what_only_reads_takes_no_request_id() -> None:
    reading = [m.name for m in METHODS.values() if m.name.startswith(("Get", "List", "Subscribe"))]

    assert len(reading) > 30
    assert not {method.name for method in MUTATING.values()} & set(reading)


def test_every_mutation_answers_with_a_receipt() -> None:
    for method in MUTATING.values():
        receipt = method.output_type.fields_by_name["receipt"].message_type
        assert receipt is not None
        assert receipt.name == "Receipt"


def test_every_read_can_wait_for_a_write_and_says_where_it_stands() -> None:
    for method in METHODS.values():
        if method.name.startswith(("Get", "List")) and method.name != "GetViewStatus":
            assert "min_position" in method.input_type.fields_by_name, method.full_name
            assert "as_of_position" in method.output_type.fields_by_name, method.full_name


def test_every_list_is_paged() -> None:
    for method in METHODS.values():
        if method.name.startswith("List"):
            assert {"page_size", "page_token"} <= set(method.input_type.fields_by_name)
            assert "next_page_token" in method.output_type.fields_by_name


def test_no_message_has_a_float() -> None:
    for message in _messages():
        for field in message.fields:
            assert field.type not in (field.TYPE_DOUBLE, field.TYPE_FLOAT), field.full_name


def test_every_reason_of_the_domain_is_published() -> None:
    assert len(OF_THE_DOMAIN) > 30
    assert set(OF_THE_DOMAIN) <= REASONS


def test_every_published_reason_below_101_is_one_of_the_domains() -> None:
    numbers = error_reason_pb2.ErrorReason.items()
    published = {name.removeprefix("ERROR_REASON_") for name, number in numbers if 0 < number < 101}

    assert published == set(OF_THE_DOMAIN)


def test_every_reason_of_the_server_is_published() -> None:
    used = {reason for _, _, reason in server.api.errors._OTHER}
    used |= {kind.reason for kind in _concrete(DomainError)}
    for file in Path(server.app.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "ApiError":
                used.add(ast.literal_eval(call.args[1]))

    assert {"BOOK_UNKNOWN", "QUEUE_FULL"} <= used  # The control: they are found.
    assert used <= REASONS


def test_every_reason_that_the_schema_mentions_is_published() -> None:
    mentioned = set()
    for file in PROTOS.glob("*_service.proto"):
        for comment in re.findall(r"Reasons: ([^;]*?)\.\s*\n\s*rpc", _uncommented(file)):
            mentioned |= set(re.findall(r"[A-Z][A-Z_]{3,}[A-Z]", comment))

    assert len(mentioned) > 30
    assert mentioned <= REASONS


def test_every_method_says_its_reasons() -> None:
    silent = []
    for file in PROTOS.glob("*_service.proto"):
        for comment, name in re.findall(r"((?:  //.*\n)+)  rpc (\w+)", file.read_text()):
            if "easons" not in comment:
                silent.append(name)
    assert silent == []


def test_no_reason_is_named_twice() -> None:
    assert sorted(OF_THE_DOMAIN) == sorted(set(OF_THE_DOMAIN))


@pytest.mark.parametrize("kind", RESOURCES.mutations, ids=lambda kind: kind.DESCRIPTOR.name)
def test_an_empty_request_is_refused_and_not_a_defect(kind: Any) -> None:
    with pytest.raises(DomainError):
        RESOURCES.mutations[kind].decode(kind())


@pytest.mark.parametrize("kind", RESOURCES.mutations, ids=lambda kind: kind.DESCRIPTOR.name)
@settings(max_examples=5)
@given(chance=st.randoms(use_true_random=False), of_a_book=st.booleans())
@example(chance=Random(1), of_a_book=True)
@example(chance=Random(2), of_a_book=True)
@example(chance=Random(3), of_a_book=False)
def test_no_request_at_all_is_a_defect(kind: Any, chance: Random, of_a_book: bool) -> None:
    request = kind()
    _fill(request, chance)
    for name, value in (("parent", "books/main"), ("name", "books/main/period")):
        if hasattr(request, name) and of_a_book:
            setattr(request, name, value)
    try:
        decoded = RESOURCES.mutations[kind].decode(request)
    except DomainError as refusal:
        assert refusal.facts  # noqa: PT017 - Either end is fine; a defect is not.
    else:
        assert decoded.book


def _concrete(kind: type[DomainError]) -> set[type[DomainError]]:
    """All kinds of refusal, those the server adds to the domain's included."""
    own = {kind} if hasattr(kind, "reason") else set()
    return own.union(*map(_concrete, kind.__subclasses__()))


def _fill(message: Any, random: Any, depth: int = 0) -> None:
    """Sets some fields to values of their type that somebody might send."""
    texts = ["", "P-1", "books/main/parts/P-1", "books/main/dealers/D01", "x" * 600, "\0", "泵"]
    numbers = [0, 1, 2, 12, 2025, 2**31 - 1, -1, -(2**31)]
    for field in message.DESCRIPTOR.fields:
        if random.random() < 0.3 or depth > 4:
            continue
        if field.message_type is not None:
            target = getattr(message, field.name)
            if field.is_repeated:
                for _ in range(random.randrange(3)):
                    _fill(target.add(), random, depth + 1)
            else:
                target.SetInParent()
                _fill(target, random, depth + 1)
            continue
        kinds = {field.CPPTYPE_STRING: texts, field.CPPTYPE_BOOL: [True, False]}
        value = random.choice(kinds.get(field.cpp_type, numbers))
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)


def _messages() -> list[Descriptor]:
    files = [import_module(f"partsledger.v1.{file.stem}_pb2") for file in PROTOS.glob("*.proto")]
    return [message for file in files for message in file.DESCRIPTOR.message_types_by_name.values()]


def _uncommented(file: Path) -> str:
    return re.sub(r"\n\s*// ", " ", file.read_text())


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
