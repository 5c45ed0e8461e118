"""What the schema tells of requests: the response to each, and the batches of it."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass


class Response(NamedTuple):
    """The type of a response, and its first field, which holds the resource or the resources."""

    kind: type[Message]
    field: str

    def holding(self, held: Any, **rest: Any) -> Any:
        return self.kind(**{self.field: held}, **rest)


@cache
def response_to(request: Any) -> Response:
    """The response of the method that takes requests with this descriptor."""
    [answer] = [
        method.output_type
        for service in request.file.services_by_name.values()
        for method in service.methods
        if method.input_type is request
    ]
    return Response(GetMessageClass(answer), answer.fields_by_number[1].name)


def batches_of(request: Any) -> Iterator[type[Message]]:
    """The requests for batches of requests with this descriptor."""
    for message in request.file.message_types_by_name.values():
        listed = message.fields_by_name.get("requests")
        if listed is not None and listed.message_type is request:
            yield GetMessageClass(message)
