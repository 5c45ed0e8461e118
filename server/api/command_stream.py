"""The commands of one import stream: read ahead, and decided and answered in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, NamedTuple

from google.protobuf.message import Message

from domain.errors import InvalidValue
from domain.proofs import Figures
from partsledger.v1 import import_service_pb2 as pb
from server.api.call_log import record_command_refused
from server.api.callers import Caller, actor_named
from server.api.closing import STOPPING, Closing
from server.api.commands import Commands, fill_receipt
from server.api.errors import LONGEST_IN_A_MESSAGE, to_status
from server.api.event_loop import in_thread
from server.api.resource import Resources
from server.writing.dry_run import DryRun
from server.writing.promise import Promise
from server.writing.submission import LogUnavailable, Outcome, QueueFull, Submission

MAX_COMMANDS: Final = 1_000  # In one message.
MAX_IN_FLIGHT: Final = 5_000  # Commands of one stream that wait for their answer.
_QUEUE_FULL_PAUSE: Final = 0.005
_TURN: Final = 50  # Commands read before others on the event loop have their turn.

Submit = Callable[[pb.ImportCommand], Awaitable[Promise[Outcome]]]


class _Pending(NamedTuple):
    sequence: int
    outcome: Promise[Outcome]


class CommandStream:
    """The commands that were read and are not answered yet, in order."""

    def __init__(self, commands: Commands, resources: Resources, caller: Caller) -> None:
        self._commands = commands
        self._resources = resources
        self._caller = caller
        self._latest: Promise[Outcome] | None = None  # Of the command submitted last.
        self._in_flight: deque[_Pending] = deque()
        self._submitted = asyncio.Event()  # One more command, or the last one.
        self._answered = asyncio.Event()
        self._all_read = False
        self._failure: Exception | None = None  # That ended the reading.

    async def run(
        self, requests: AsyncIterator[pb.ImportRequest], closing: Closing
    ) -> AsyncIterator[pb.ImportResponse]:
        """Answers all commands. A server that stops reads no more, and answers what it has read."""
        reading = asyncio.create_task(self._read(requests))
        try:
            with closing.telling(reading.cancel):
                async for response in self._answers():
                    yield response
        finally:
            reading.cancel()
        if self._failure is not None:
            raise self._failure

    async def _read(self, requests: AsyncIterator[pb.ImportRequest]) -> None:
        """Submits all commands. An error ends the stream once those before it are answered."""
        try:
            first = await anext(requests, None)
            if first is not None and first.dry_run:
                await self._try_all(first, requests)
            elif first is not None:
                await self._submit_all(first, requests, self._submit)
        except asyncio.CancelledError:
            self._failure = LogUnavailable(f"{STOPPING}: send again what is not answered")
        except Exception as error:
            self._failure = error
        self._all_read = True
        self._submitted.set()

    async def _answers(self) -> AsyncIterator[pb.ImportResponse]:
        """Waits for the oldest command, then sends all answers that are there with its answer."""
        while await self._any_in_flight():
            await self._commands.kept(self._in_flight[0].outcome)
            response = pb.ImportResponse()
            while self._in_flight and self._in_flight[0].outcome.done():
                if len(response.answers) == MAX_COMMANDS:
                    break
                self._answer(response.answers.add(), self._in_flight.popleft())
            self._answered.set()
            yield response

    async def _any_in_flight(self) -> bool:
        """Waits for a command that was submitted; False when there will be no more."""
        while not self._in_flight and not self._all_read:
            self._submitted.clear()
            await self._submitted.wait()
        return bool(self._in_flight)

    async def _submit_all(
        self, first: pb.ImportRequest, rest: AsyncIterator[pb.ImportRequest], submit: Submit
    ) -> None:
        sequence = 0
        request: pb.ImportRequest | None = first
        while request is not None:
            if request.dry_run and not first.dry_run:
                raise InvalidValue("dry_run", True, "is settled by the first message of a stream")
            if len(request.commands) > MAX_COMMANDS:
                raise InvalidValue(
                    "commands", len(request.commands), f"must be at most {MAX_COMMANDS} a message"
                )
            for command in request.commands:
                sequence += 1
                if sequence % _TURN == 0:
                    await asyncio.sleep(0)
                while len(self._in_flight) >= MAX_IN_FLIGHT:
                    self._answered.clear()
                    await self._answered.wait()
                self._in_flight.append(_Pending(sequence, await submit(command)))
                self._submitted.set()
            request = await anext(rest, None)

    async def _submit(self, command: pb.ImportCommand) -> Promise[Outcome]:
        """Submits a command; waits while the writer's queue is full.

        Commands may depend on earlier ones: after one that could not be decided, no other is.
        """
        try:
            submission = await self._decoded(command, self._figures)
            submission.after = self._latest
            submission.lane = self._caller.sender  # One for all, so that they keep their order.
            while True:
                try:
                    self._latest = self._commands.submit(submission)
                    return self._latest
                except QueueFull:
                    await asyncio.sleep(_QUEUE_FULL_PAUSE)
        except Exception as refusal:
            return _refused(command, refusal)

    async def _try_all(
        self, first: pb.ImportRequest, rest: AsyncIterator[pb.ImportRequest]
    ) -> None:
        """Decides all commands in a dry run, which blocks while it reads the log."""
        dry_run = self._commands.dry_run()
        entering = asyncio.create_task(in_thread(dry_run.__enter__))

        async def attempt(command: pb.ImportCommand) -> Promise[Outcome]:
            return await self._try(entering.result(), command)

        try:
            await asyncio.shield(entering)  # It is left again, also by a caller who is gone by now.
            await self._submit_all(first, rest, attempt)
        finally:
            await entering
            await in_thread(dry_run.__exit__, None, None, None)

    async def _try(self, dry_run: DryRun, command: pb.ImportCommand) -> Promise[Outcome]:
        async def figures(month: str) -> Figures:
            return await in_thread(dry_run.figures, month)

        try:
            return await in_thread(dry_run.decide, await self._decoded(command, figures))
        except Exception as refusal:
            return _refused(command, refusal)

    async def _figures(self, month: str) -> Figures:
        """Of a month, with all that was sent before on this stream."""
        if self._latest is not None:
            await self._commands.kept(self._latest)
        return await self._commands.figures(month)

    async def _decoded(
        self, command: pb.ImportCommand, figures: Callable[[str], Awaitable[Figures]]
    ) -> Submission:
        """Decodes the request in a command, for the actor it names."""
        field = command.WhichOneof("command")
        if field is None:
            raise InvalidValue("command", "", "is required")
        caller = self._caller
        if command.actor:
            caller = caller.for_another(actor_named(command.actor))
        request: Message = getattr(command, field)
        return await self._commands.read(request, caller, render=False, figures=figures)

    def _answer(self, answer: pb.ImportAnswer, pending: _Pending) -> None:
        """The resource's name and the receipt. Without the resource, the stream is faster."""
        answer.sequence = pending.sequence
        error = pending.outcome.exception()
        if error is not None:
            answer.error.CopyFrom(to_status(error, LONGEST_IN_A_MESSAGE))
            return
        done = pending.outcome.result()
        answer.name = self._resources.of_stream(self._commands.book.name, done.stream)
        answer.repeated = done.repeated
        if done.receipt is not None:
            fill_receipt(answer.receipt, done.receipt)


def _refused(command: pb.ImportCommand, refusal: Exception) -> Promise[Outcome]:
    record_command_refused(command.WhichOneof("command") or "", refusal)
    outcome: Promise[Outcome] = Promise()
    outcome.set_exception(refusal)
    return outcome
