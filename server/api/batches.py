"""Batches: many requests of one kind that are recorded together, or not at all.

Each request in a batch is decoded, decided and answered like a single one: a request that was sent
by itself and is repeated in a batch, or the other way round, is recorded once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from domain.errors import InvalidValue
from server.api.conversions import names
from server.api.conversions.names import NamePattern
from server.api.paging import PAGE_BYTES
from server.api.resource import Resource
from server.api.schema import response_to
from server.writing.submission import RefusedInBatch

MAX_REQUESTS: Final = 1_000


def requests_of(batch: Any, resource: Resource[Any]) -> Sequence[Message]:
    """The requests of a batch, each with its parent, as they would be sent by themselves."""
    if not 1 <= len(batch.requests) <= MAX_REQUESTS:
        raise InvalidValue("requests", len(batch.requests), f"must be 1 to {MAX_REQUESTS:,}")
    if resource.parent is None:
        joined = _in_book(batch.parent)
    else:
        joined = _within(batch.parent, resource.parent, resource.name)
    for index, request in enumerate(batch.requests):
        try:
            joined(request)
        except InvalidValue as refusal:
            raise RefusedInBatch(index, refusal) from refusal
    requests: Sequence[Message] = batch.requests
    return requests


class AnswerSize:
    """How large the answers to a batch are together, so that they arrive at every client.

    It is found out before anything is recorded: a batch of which the answer would be too large
    leaves nothing. What is left free is for the receipts, which are smaller than what they are for.
    """

    def __init__(self) -> None:
        self._bytes = 0

    def within(self, render: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Renders an answer if there is room for it after those before; or else `InvalidValue`."""

        def rendered(aggregate: Any) -> Any:
            answer = render(aggregate)
            self._bytes += answer.ByteSize()
            if self._bytes > PAGE_BYTES:
                raise InvalidValue(
                    "answer", f"{self._bytes:,} bytes with those before it",
                    f"must be at most {PAGE_BYTES:,} in a batch: send the rest in another one",
                )  # fmt: skip
            return answer

        return rendered


def response_to_batch(batch: Message, answers: Iterable[Any]) -> Any:
    """The response to a batch, from the responses to its requests."""
    kind, field = response_to(batch.DESCRIPTOR)
    response: Any = kind()
    resources = getattr(response, field)
    for answer in answers:
        resources.append(getattr(answer, answer.DESCRIPTOR.fields_by_number[1].name))
        response.receipts.append(answer.receipt)
    return response


def _in_book(parent: str) -> Callable[[Any], None]:
    """Fills in the parent in requests that leave it out; others must have the same."""
    names.book(parent)

    def join(request: Any) -> None:
        if request.parent not in ("", parent):
            raise InvalidValue("parent", request.parent, f"must be {parent}, as that of the batch")
        request.parent = parent

    return join


def _within(parent: str, pattern: NamePattern, name: NamePattern) -> Callable[[Any], None]:
    """For requests without parent: their names must be within that of the batch."""
    book, collection = pattern.parse_or_all(parent, "parent")

    def join(request: Any) -> None:
        key = name.key(request.name, "name", book)
        if collection and not key.startswith(f"{collection}/"):
            raise InvalidValue("name", request.name, f"must be on {parent}, as the batch is")

    return join
