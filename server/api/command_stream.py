"""The commands of one import stream: read ahead, and decided and answered in order."""

import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import Final, NamedTuple

from google.protobuf.message import Message

from domain.errors import InvalidValue
from domain.proofs import Figures
from partsledger.v1 import import_service_pb2 as pb
from server.api.callers import Caller, actor_named
from server.api.commands import Commands, receipt_message
from server.api.errors import LONGEST_IN_A_MESSAGE, to_status
from server.api.resource import Resources
from server.writing.dry_run import DryRun
from server.writing.promise import Promise
from server.writing.submission import LogUnavailable, Outcome, QueueFull, Submission

MAX_COMMANDS: Final = 1_000  # In one message.
MAX_IN_FLIGHT: Final = 5_000  # Commands of one stream that wait for their answer.
_QUEUE_FULL_PAUSE: Final = 0.005
_LOOK_AGAIN: Final = 0.5  # Seconds between two checks whether the caller is still there.
_STOPPING: Final = "the server is stopping: send again what is not answered"

# The last item for the answering thread: an error, or None if the caller has sent everything.
_Ended = Exception | None


class _Pending(NamedTuple):
    sequence: int
    outcome: Promise[Outcome]


class CommandStream:
    """The commands that were read and are not answered yet, in order."""

    def __init__(
        self,
        commands: Commands,
        resources: Resources,
        caller: Caller,
        closing: threading.Event,
    ) -> None:
        self.left = threading.Event()  # The caller is gone.
        self._closing = closing  # Set when the server stops: then no more is read.
        self._latest: Promise[Outcome] | None = None  # Of the command submitted last.
        self._commands = commands
        self._resources = resources
        self._caller = caller
        self._in_flight: Queue[_Pending | _Ended] = Queue(MAX_IN_FLIGHT)

    def read(self, requests: Iterator[pb.ImportRequest]) -> None:
        """Submits all commands. An error that ends the stream is passed to the answering thread."""
        ended: _Ended = None
        try:
            first = next(requests, None)
            if first is not None and first.dry_run:
                with self._commands.dry_run() as dry_run:
                    self._submit_all(first, requests, lambda command: self._try(dry_run, command))
            elif first is not None:
                self._submit_all(first, requests, self._submit)
        except Exception as error:
            ended = error
        self._put(ended)

    def answers(self) -> Iterator[pb.ImportResponse]:
        """Waits for the oldest command, then sends all answers that are there with its answer."""
        while isinstance(oldest := self._next(), _Pending):
            response = pb.ImportResponse(answers=[self._answer(oldest)])
            while len(response.answers) < MAX_COMMANDS and self._oldest_is_answered():
                following = self._in_flight.get()
                assert isinstance(following, _Pending)
                response.answers.append(self._answer(following))
            yield response
        if oldest is not None and not self.left.is_set():
            raise oldest

    def _submit_all(
        self,
        first: pb.ImportRequest,
        rest: Iterator[pb.ImportRequest],
        submit: Callable[[pb.ImportCommand], Promise[Outcome]],
    ) -> None:
        sequence = 0
        request: pb.ImportRequest | None = first
        while request is not None and not self.left.is_set():
            if self._closing.is_set():
                raise LogUnavailable(_STOPPING)
            if request.dry_run and not first.dry_run:
                raise InvalidValue("dry_run", True, "is settled by the first message of a stream")
            if len(request.commands) > MAX_COMMANDS:
                raise InvalidValue(
                    "commands", len(request.commands), f"must be at most {MAX_COMMANDS} a message"
                )
            for command in request.commands:
                sequence += 1
                self._put(_Pending(sequence, submit(command)))
            request = next(rest, None)

    def _submit(self, command: pb.ImportCommand) -> Promise[Outcome]:
        """Submits a command; waits while the writer's queue is full.

        Commands may depend on earlier ones: after one that could not be decided, no other is.
        """
        try:
            submission = self._read(command, self._figures)
            submission.after = self._latest
            while True:
                try:
                    self._latest = self._commands.submit(submission)
                    return self._latest
                except QueueFull:
                    if self.left.wait(_QUEUE_FULL_PAUSE):
                        raise
        except Exception as refusal:
            return _failed(refusal)

    def _try(self, dry_run: DryRun, command: pb.ImportCommand) -> Promise[Outcome]:
        try:
            return dry_run.decide(self._read(command, dry_run.figures))
        except Exception as refusal:
            return _failed(refusal)

    def _figures(self, month: str) -> Figures:
        """Of a month, with all that was sent before on this stream."""
        if self._latest is not None:
            self._latest.exception()
        return self._commands.figures(month)

    def _read(self, command: pb.ImportCommand, figures: Callable[[str], Figures]) -> Submission:
        """Decodes the request in a command, for the actor it names."""
        field = command.WhichOneof("command")
        if field is None:
            raise InvalidValue("command", "", "is required")
        caller = self._caller
        if command.actor:
            caller = caller.for_another(actor_named(command.actor))
        request: Message = getattr(command, field)
        return self._commands.read(request, caller, render=False, figures=figures)

    def _answer(self, pending: _Pending) -> pb.ImportAnswer:
        """The resource's name and the receipt. Without the resource, the stream is faster."""
        error = pending.outcome.exception()
        if error is not None:
            return pb.ImportAnswer(
                sequence=pending.sequence, error=to_status(error, LONGEST_IN_A_MESSAGE)
            )
        done = pending.outcome.result()
        name = self._resources.of_stream(self._commands.book.name, done.stream)
        answer = pb.ImportAnswer(sequence=pending.sequence, name=name, repeated=done.repeated)
        if done.receipt is not None:
            answer.receipt.CopyFrom(receipt_message(done.receipt))
        return answer

    def _put(self, item: _Pending | _Ended) -> None:
        while not self.left.is_set():
            try:
                self._in_flight.put(item, timeout=_LOOK_AGAIN)
            except Full:
                continue
            return

    def _next(self) -> _Pending | _Ended:
        while not self.left.is_set():
            try:
                return self._in_flight.get(timeout=_LOOK_AGAIN)
            except Empty:
                if self._closing.is_set():
                    return LogUnavailable(_STOPPING)
        return None

    def _oldest_is_answered(self) -> bool:
        """Only this thread takes from the queue, so the item seen here is the one taken next."""
        queued = self._in_flight.queue
        return bool(queued) and isinstance(queued[0], _Pending) and queued[0].outcome.done()


def _failed(refusal: Exception) -> Promise[Outcome]:
    outcome: Promise[Outcome] = Promise()
    outcome.set_exception(refusal)
    return outcome
