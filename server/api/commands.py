"""Every command goes this way: who calls, which request, through the writer, and back."""

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message

from domain import values
from domain.errors import InvalidValue, RequestIdReused
from partsledger.v1 import types_pb2
from server.api.batches import requests_of, response_to
from server.api.conversions.times import moment_message
from server.api.errors import ApiError
from server.api.mutations import MUTATIONS, Decoded
from server.eventlog.answers import AnswerKey, Receipt
from server.writing.submission import Batch, Outcome, RefusedInBatch, Submission
from server.writing.writer import Writer

ACTOR_METADATA: Final = "partsledger-actor"  # Until callers authenticate, they say who they are.
ANONYMOUS: Final = "anonymous"
LONGEST_CALL_SECONDS: Final = 60

_CANONICAL: Final = re.compile("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}").fullmatch

T = TypeVar("T")


class Call(NamedTuple):
    """A decoded command with its identity: actor, request id and fingerprint."""

    actor: str
    request_id: str
    fingerprint: bytes
    decoded: Decoded


class Commands:
    """Runs commands on one book."""

    def __init__(self, writer: Writer, book: str) -> None:
        self._writer = writer
        self.book = book

    def run(self, context: grpc.ServicerContext, request: Message) -> Any:
        """Runs a unary command and answers when it is durable."""
        call = self.read(request, actor_of(context))
        outcome = self.submit(self.submission(call, call.decoded.respond))
        again = f"request {call.request_id}"
        return answered(_wait(context, outcome, again, request_id=call.request_id))

    def run_batch(self, context: grpc.ServicerContext, batch: Message) -> Any:
        """Runs every request of a batch, or none, and answers when all are durable."""
        actor = actor_of(context)
        submissions: dict[AnswerKey, Submission] = {}
        for index, request in enumerate(requests_of(batch)):
            try:
                call = self.read(request, actor)
                submission = self.submission(call, call.decoded.respond)
                if submission.key in submissions:
                    raise RequestIdReused(call.request_id)
            except Exception as refusal:
                raise RefusedInBatch(index, refusal) from refusal
            submissions[submission.key] = submission
        queued = self._writer.submit_batch(Batch(list(submissions.values())))
        outcomes = _wait(context, queued, "the batch")
        return response_to(batch, map(answered, outcomes))

    def read(self, request: Message, actor: str) -> Call:
        """Decodes a command and checks what every command has."""
        decode: Callable[[Any], Decoded] = MUTATIONS[type(request)]
        decoded = decode(request)
        if decoded.book != self.book:
            raise ApiError(
                grpc.StatusCode.NOT_FOUND, "BOOK_UNKNOWN",
                f"no book {decoded.book} here, only {self.book}", book=decoded.book,
            )  # fmt: skip
        return Call(actor, _request_id(request), fingerprint(request), decoded)

    def submit(self, submission: Submission) -> Future[Outcome]:
        """Queues a command for the writer; see `Writer.submit`."""
        return self._writer.submit(submission)

    def submission(self, call: Call, render: Callable[[Any], Any] | None) -> Submission:
        return Submission(
            call.actor,
            call.request_id,
            call.fingerprint,
            (call.decoded.stream, *call.decoded.beside),
            call.decoded.use_case,
            render,
        )


def actor_of(context: grpc.ServicerContext) -> str:
    """Who calls, as the call's metadata says."""
    for key, value in context.invocation_metadata():
        if key == ACTOR_METADATA:
            return actor_named(value if isinstance(value, str) else value.decode())
    return ANONYMOUS


def actor_named(value: str) -> str:
    return values.code(value, ACTOR_METADATA)


def fingerprint(request: Message) -> bytes:
    """What makes two requests the same: their kind and all their content."""
    content = request.SerializeToString(deterministic=True)
    return hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\0" + content).digest()


def answered(outcome: Outcome) -> Any:
    """The response with its receipt."""
    assert outcome.receipt is not None
    outcome.response.receipt.CopyFrom(receipt_message(outcome.receipt))
    return outcome.response


def receipt_message(receipt: Receipt) -> types_pb2.Receipt:
    return types_pb2.Receipt(
        first_position=receipt.first_position,
        last_position=receipt.last_position,
        leaf_hash=receipt.leaf_hash,
        record_time=moment_message(receipt.recorded_at),
    )


def _request_id(request: Any) -> str:
    text: str = request.request_id
    if _CANONICAL(text):
        return text
    try:
        return str(UUID(text))
    except ValueError:
        raise InvalidValue("request_id", text, "must be a UUID, new for every request") from None


def _wait(context: grpc.ServicerContext, outcome: Future[T], again: str, **facts: str) -> T:
    seconds = min(context.time_remaining() or LONGEST_CALL_SECONDS, LONGEST_CALL_SECONDS)
    try:
        return outcome.result(seconds)
    except FutureTimeout:
        raise ApiError(
            grpc.StatusCode.DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN",
            f"not answered within {seconds:.1f} s: repeat {again}", **facts,
        ) from None  # fmt: skip
