"""Runs commands: reads who calls and what, submits it to the writer, and answers."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
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
from server.api.batches import AnswerSize, requests_of, response_to_batch
from server.api.callers import Caller, calling
from server.api.conversions.book import ShownBook
from server.api.conversions.times import fill_moment
from server.api.errors import ApiError, require_book
from server.api.event_loop import Arrivals, in_thread
from server.api.resource import Resources
from server.eventlog.answers import Receipt
from server.writing.dry_run import DryRun
from server.writing.promise import Promise
from server.writing.submission import Batch, Outcome, RefusedInBatch, Submission
from server.writing.writer import Writer

LONGEST_CALL_SECONDS: Final = 60
_TURN: Final = 50  # Requests of a batch read before others on the event loop have their turn.

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
        self._figures = figures  # Of a month; reading them takes its time.
        self._arrivals = Arrivals()

    async def run(self, context: Any, request: Message) -> Any:
        """Runs a command and answers after the commit."""
        submission = await self.read(request, calling())
        outcome, request_id = self.submit(submission), submission.request_id
        again = f"request {request_id}"
        return answered(await self._wait(context, outcome, again, request_id=request_id))

    async def run_batch(self, context: Any, batch: Message) -> Any:
        """Runs all requests of a batch or none, and answers after the commit."""
        caller = calling()
        submissions: dict[str, Submission] = {}  # By request id.
        requests, size = (
            requests_of(batch, self._resources.batches[type(batch)].resource),
            AnswerSize(),
        )
        for index, request in enumerate(requests):
            try:
                submission = await self.read(request, caller)
                assert submission.render is not None
                submission.render = size.within(submission.render)
                if submission.request_id in submissions:
                    raise RequestIdReused(submission.request_id)
            except Exception as refusal:
                raise RefusedInBatch(index, refusal) from refusal
            submissions[submission.request_id] = submission
            if index % _TURN == 0:
                await asyncio.sleep(0)
        queued = self._writer.submit_batch(Batch(list(submissions.values()), caller.sender))
        outcomes = await self._wait(context, queued, "the batch")
        return response_to_batch(batch, map(answered, outcomes))

    async def read(
        self,
        request: Message,
        caller: Caller,
        render: bool = True,
        figures: Callable[[str], Awaitable[Figures]] | None = None,
    ) -> Submission:
        """Decodes a request and checks what all mutations have: that the caller may ask for it, the
        book, and the request id.

        Without `render` the outcome has no response: only the stream and the receipt. `figures` are
        read elsewhere than usual.
        """
        mutation, dealer = self._resources.mutations[type(request)], caller.rights.dealer
        caller.require_current()
        mutation.act.permission.require(request.DESCRIPTOR.name, request, caller.rights)
        decoded = mutation.decode(request)
        require_book(decoded.book, self.book.name)
        if dealer:
            decoded = self._resources.kept_to(dealer, mutation, decoded, request)
        book, use_case = self.book._replace(seen_by=dealer), decoded.use_case
        if decoded.proves:
            proofs = await (figures or self.figures)(decoded.proves)
            use_case = partial(use_case, figures=proofs)
        return Submission(
            caller.actor,
            _spelt_as_one(request),
            fingerprint(request),
            (mutation.stream(decoded), *decoded.beside),
            use_case,
            partial(mutation.answer, book) if render else None,
            differences=partial(mutation.differences, book, request),
            principal=caller.principal,
            lane=caller.sender,
        )

    async def figures(self, month: str) -> Figures:
        """Of a month that is to be closed for good."""
        return await in_thread(self._figures, month)

    async def kept(self, promise: Promise[T], seconds: float | None = None) -> None:
        """Waits until a promise of the writer is kept; raises TimeoutError after so long."""
        if not promise.done():
            await self._arrivals.of(promise.then, seconds)

    def submit(self, submission: Submission) -> Promise[Outcome]:
        """Queues a command for the writer; see `Writer.submit`."""
        return self._writer.submit(submission)

    async def _wait(self, context: Any, outcome: Promise[T], again: str, **facts: str) -> T:
        seconds = min(context.time_remaining() or LONGEST_CALL_SECONDS, LONGEST_CALL_SECONDS)
        try:
            await self.kept(outcome, seconds)
        except TimeoutError:
            raise ApiError(
                grpc.StatusCode.DEADLINE_EXCEEDED, "OUTCOME_UNKNOWN",
                f"not answered within {seconds:.1f} s: repeat {again}", **facts,
            ) from None  # fmt: skip
        return outcome.result()


def fingerprint(request: Message) -> bytes:
    """A hash of the kind and the content of a request, to compare it with an earlier one."""
    content = request.SerializeToString(deterministic=True)
    return hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\0" + content).digest()


def answered(outcome: Outcome) -> Any:
    """The response with the receipt filled in."""
    assert outcome.receipt is not None
    fill_receipt(outcome.response.receipt, outcome.receipt)
    return outcome.response


def fill_receipt(message: types_pb2.Receipt, receipt: Receipt) -> None:
    message.first_position = receipt.first_position
    message.last_position = receipt.last_position
    message.leaf_hash = receipt.leaf_hashes[-1]
    message.leaf_hashes.extend(receipt.leaf_hashes)
    fill_moment(message.record_time, receipt.recorded_at)


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
