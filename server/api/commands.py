"""Runs commands: reads who calls and what, submits it to the writer, and answers."""

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

import grpc
from google.protobuf.message import Message

from domain.errors import InvalidValue, RequestIdReused
from domain.proofs import Figures
from domain.storing import NO_REQUEST
from partsledger.v1 import types_pb2
from server.api.batches import requests_of, response_to_batch
from server.api.callers import Caller, caller_of
from server.api.conversions.book import ShownBook
from server.api.conversions.times import moment_message
from server.api.errors import ApiError, require_book
from server.api.resource import Resources
from server.eventlog.answers import Receipt
from server.writing.dry_run import DryRun
from server.writing.promise import Promise
from server.writing.submission import Batch, Outcome, RefusedInBatch, Submission
from server.writing.writer import Writer

LONGEST_CALL_SECONDS: Final = 60

_RULE: Final = "must be a UUID, new for every request"
_CANONICAL: Final = re.compile("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}").fullmatch

T = TypeVar("T")


class Commands:
    """Runs commands on one book."""

    def __init__(
        self,
        writer: Writer,
        book: ShownBook,
        resources: Resources,
        dry_run: Callable[[], AbstractContextManager[DryRun]],
        figures: Callable[[str], Figures],
    ) -> None:
        self._writer = writer
        self.book = book
        self._resources = resources
        self.dry_run = dry_run  # A ledger to decide commands without recording them.
        self.figures = figures  # Of a month that is to be closed for good.

    def run(self, context: grpc.ServicerContext, request: Message) -> Any:
        """Runs a command and answers after the commit."""
        submission = self.read(request, caller_of(context))
        outcome, request_id = self.submit(submission), submission.request_id
        return answered(_wait(context, outcome, f"request {request_id}", request_id=request_id))

    def run_batch(self, context: grpc.ServicerContext, batch: Message) -> Any:
        """Runs all requests of a batch or none, and answers after the commit."""
        caller = caller_of(context)
        submissions: dict[str, Submission] = {}  # By request id.
        requests = requests_of(batch, self._resources.batches[type(batch)])
        for index, request in enumerate(requests):
            try:
                submission = self.read(request, caller)
                if submission.request_id in submissions:
                    raise RequestIdReused(submission.request_id)
            except Exception as refusal:
                raise RefusedInBatch(index, refusal) from refusal
            submissions[submission.request_id] = submission
        queued = self._writer.submit_batch(Batch(list(submissions.values())))
        outcomes = _wait(context, queued, "the batch")
        return response_to_batch(batch, map(answered, outcomes))

    def read(
        self,
        request: Message,
        caller: Caller,
        render: bool = True,
        figures: Callable[[str], Figures] | None = None,
    ) -> Submission:
        """Decodes a request and checks what all mutations have: the book and the request id.

        Without `render` the outcome has no response: only the stream and the receipt. `figures` are
        read elsewhere than usual.
        """
        mutation = self._resources.mutations[type(request)]
        decoded = mutation.decode(request)
        require_book(decoded.book, self.book.name)
        use_case = decoded.use_case
        if decoded.proves:
            use_case = partial(use_case, figures=(figures or self.figures)(decoded.proves))
        return Submission(
            caller.actor,
            _spelt_as_one(request),
            fingerprint(request),
            (mutation.stream(decoded), *decoded.beside),
            use_case,
            partial(mutation.answer, self.book) if render else None,
            differences=partial(mutation.differences, self.book, request),
            principal=caller.principal,
        )

    def submit(self, submission: Submission) -> Promise[Outcome]:
        """Queues a command for the writer; see `Writer.submit`."""
        return self._writer.submit(submission)


def fingerprint(request: Message) -> bytes:
    """A hash of the kind and the content of a request, to compare it with an earlier one."""
    content = request.SerializeToString(deterministic=True)
    return hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\0" + content).digest()


def answered(outcome: Outcome) -> Any:
    """The response with the receipt filled in."""
    assert outcome.receipt is not None
    outcome.response.receipt.CopyFrom(receipt_message(outcome.receipt))
    return outcome.response


def receipt_message(receipt: Receipt) -> types_pb2.Receipt:
    return types_pb2.Receipt(
        first_position=receipt.first_position,
        last_position=receipt.last_position,
        leaf_hash=receipt.leaf_hashes[-1],
        leaf_hashes=receipt.leaf_hashes,
        record_time=moment_message(receipt.recorded_at),
    )


def _spelt_as_one(request: Any) -> str:
    """The id of the request, which then has it in this spelling, so that its hash does not tell two
    spellings apart."""
    text: str = request.request_id
    if not _CANONICAL(text):
        try:
            text = request.request_id = str(UUID(text))
        except ValueError:
            raise InvalidValue("request_id", text, _RULE) from None
    if text == NO_REQUEST:
        raise InvalidValue("request_id", text, f"{_RULE}, and not the one of no request")
    return text


def _wait(context: grpc.ServicerContext, outcome: Promise[T], again: str, **facts: str) -> T:
    seconds = min(context.time_remaining() or LONGEST_CALL_SECONDS, LONGEST_CALL_SECONDS)
    try:
        return outcome.result(seconds)
    except TimeoutError:
        raise ApiError(
            grpc.StatusCode.DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN",
            f"not answered within {seconds:.1f} s: repeat {again}", **facts,
        ) from None  # fmt: skip
