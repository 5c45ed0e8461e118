"""The page of a service: its methods, then the messages and enums of its file."""

import re
from collections.abc import Iterator
from typing import Final

from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)

from server.access.roles import Role
from server.api.published.comments import Comments
from server.api.published.links import (
    GENERATED,
    element_link,
    first_sentence,
    in_a_cell,
    linked,
    type_link,
)
from server.api.registry import permissions

_PERMISSIONS: Final = permissions()
_REASONS: Final = "Reasons: "
_WORD: Final = re.compile(r"\w+")
_REQUIRED: Final = "Required."
_OUTPUT_ONLY: Final = "Output only"
_ALWAYS: Final = ("parent", "name", "request_id", "requests")  # Where a request has it at all.
_METHODS: Final = "| method | changes the book | what it does |\n| --- | --- | --- |"
_FIELDS: Final = "| field | type | needed | meaning |\n| --- | --- | --- | --- |"
_VALUES: Final = "| value | number | meaning |\n| --- | --- | --- |"
_FOOTER: Final = "[All services](README.md) · [Shared messages](types.md) · [Reasons](reasons.md)"


def service_page(service: ServiceDescriptor, said: Comments) -> str:
    """All that a client of one service needs, but for what services share."""
    own = {
        message.name
        for method in service.methods
        for message in (method.input_type, method.output_type)
    }
    parts = [
        f"{GENERATED}\n\n# {service.name}",
        said[service.file.name],
        said[service.full_name],
        _FOOTER,
        "\n".join([_METHODS, *(_summary(method, said) for method in service.methods)]),
        *(section for method in service.methods for section in _method(method, said)),
        *sections(service.file, said, leaving_out=own),
    ]
    return "\n\n".join(parts) + "\n"


def sections(file: FileDescriptor, said: Comments, leaving_out: set[str]) -> Iterator[str]:
    """One for each message and each enum of a file."""
    for message in file.message_types_by_name.values():
        if message.name not in leaving_out:
            yield f"## {message.name}\n\n{linked(said[message.full_name])}"
            yield _fields(message, said)
    for enum in file.enum_types_by_name.values():
        yield _enum(enum, said)


def described(method: MethodDescriptor, said: Comments) -> tuple[str, str]:
    """What a method does, and for what reasons it refuses."""
    does, found, reasons = said[method.full_name].partition(_REASONS)
    if not found:
        raise LookupError(f"{method.full_name} does not say its reasons")
    own = method.containing_service.methods_by_name
    return does.strip(), _WORD.sub(
        lambda word: element_link(own[word[0]]) if word[0] in own else word[0], reasons
    )


def changes_the_book(message: Descriptor) -> bool:
    """Whether a request records something: it, or one inside it, has an id."""
    inside = (field.message_type for field in message.fields if field.message_type)
    return "request_id" in message.fields_by_name or any(map(changes_the_book, inside))


def needed(field: FieldDescriptor, said: Comments) -> str:
    """Whether a request has to have it: `required`, `output only`, one of a choice, or nothing."""
    says = said[field.full_name]
    if says.startswith(_OUTPUT_ONLY):
        return "output only"
    if field.containing_oneof and _is_choice(field.containing_oneof.name):
        return f"one of `{field.containing_oneof.name}`"
    request = field.full_name.rpartition(".")[0].endswith("Request")
    return "required" if _REQUIRED in says or (request and field.name in _ALWAYS) else ""


def _summary(method: MethodDescriptor, said: Comments) -> str:
    does, _ = described(method, said)
    changes = "yes" if changes_the_book(method.input_type) else ""
    return f"| {element_link(method)} | {changes} | {in_a_cell(first_sentence(does))} |"


def _method(method: MethodDescriptor, said: Comments) -> Iterator[str]:
    does, reasons = described(method, said)
    takes, answers = method.input_type, method.output_type
    changes = "It changes the book." if changes_the_book(takes) else "It only reads."
    path = f"/{method.containing_service.full_name}/{method.name}"
    roles = ", ".join(role for role in Role if role in _PERMISSIONS[path].roles)
    callers = f"It is for the roles {roles} ([security.md](../security.md))."
    yield f"## {method.name}\n\n{linked(does)}"
    yield f"```proto\n{_signature(method)}\n```"
    also = "and those that [any call](README.md#errors) may have."
    yield f"{changes} Its path is `{path}`. {callers}"
    yield f"Its reasons to refuse: {linked(reasons).rstrip('.')}; {also}"
    for message in (takes, answers):
        yield f"### {message.name}\n\n{_fields(message, said)}"


def _signature(method: MethodDescriptor) -> str:
    takes = "stream " * method.client_streaming + method.input_type.name
    answers = "stream " * method.server_streaming + method.output_type.name
    return f"rpc {method.name}({takes}) returns ({answers})"


def _fields(message: Descriptor, said: Comments) -> str:
    """The fields of a message in the order of its file."""
    needs = [needed(field, said) for field in message.fields]
    head = _FIELDS if any(needs) else _FIELDS.replace(" needed |", "").replace(" --- |", "", 1)
    rows = [
        f"| `{field.name}` | {type_link(field)} |{f' {need} |' if any(needs) else ''}"
        f" {_meaning(field, said)} |"
        for field, need in zip(message.fields, needs, strict=True)
    ]
    choices = [
        f"`{choice.name}`: {said[f'{message.full_name}.{choice.name}']}"
        for choice in message.oneofs
        if _is_choice(choice.name)
    ]
    return "\n\n".join(["\n".join([head, *rows]) if rows else "It has no fields.", *choices])


def _is_choice(oneof: str) -> bool:
    """Others are made for a field that tells whether it is there, and belong to it alone."""
    return not oneof.startswith("_")


def _meaning(field: FieldDescriptor, said: Comments) -> str:
    says = said[field.full_name].removeprefix(f"{_OUTPUT_ONLY}. ")
    return in_a_cell(says.replace(_REQUIRED, "").strip())


def _enum(enum: EnumDescriptor, said: Comments) -> str:
    rows = [
        f"| `{value.name}` | {value.number} | {in_a_cell(said[f'{enum.full_name}.{value.name}'])} |"
        for value in enum.values
    ]
    return "\n".join([f"## {enum.name}\n\n{said[enum.full_name]}\n\n{_VALUES}", *rows])
