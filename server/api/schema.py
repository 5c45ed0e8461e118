"""What the schema says of a kind of request: what answers it, and what carries many of it."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass


class Response(NamedTuple):
    """The response to a kind of request. Its first field holds the resource, or the resources."""

    kind: type[Message]
    field: str

    def holding(self, held: Any, **rest: Any) -> Any:
        return self.kind(**{self.field: held}, **rest)


@cache
def response_to(request: Any) -> Response:
    """That of the one method that takes requests with such a descriptor."""
    [answer] = [
        method.output_type
        for service in request.file.services_by_name.values()
        for method in service.methods
        if method.input_type is request
    ]
    return Response(GetMessageClass(answer), answer.fields_by_number[1].name)


def batches_of(request: Any) -> Iterator[type[Message]]:
    """Requests that have a list of requests with such a descriptor."""
    for message in request.file.message_types_by_name.values():
        listed = message.fields_by_name.get("requests")
        if listed is not None and listed.message_type is request:
            yield GetMessageClass(message)
