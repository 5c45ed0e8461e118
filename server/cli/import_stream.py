"""Sends commands on the import stream, many in flight, and survives the loss of the connection.

What has been sent and not answered is kept. When the connection breaks, or the server answers that
it could not decide, a new stream starts with the oldest unanswered command: the order stays, and
what had been recorded after all is recognised by its request id.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Final

import grpc

from partsledger.v1 import import_service_pb2 as pb
from partsledger.v1.import_service_pb2_grpc import ImportServiceStub
from server.cli.channel import Connection
from server.cli.failure import Failure, error_info, failure_for, failure_of, is_unavailable
from server.erp.folder import Ordered

MAX_IN_FLIGHT: Final = 2_000  # Commands that are sent and not answered.
_BATCH: Final = 250  # Commands in one message, and at most so many bytes, or one command:
_BATCH_BYTES: Final = 512 * 1024
_REFUSES_ALL: Final = frozenset({"CLOCK_NOT_TRUSTED", "LOG_DAMAGED"})  # Whatever is sent.
_UNDECIDED: Final = frozenset(
    {"LOG_UNAVAILABLE", "DATABASE_REFUSES", "QUEUE_FULL", "OUTCOME_UNKNOWN"}
)

# Hears of each answer: the command, the answer, and whether it was sent more than once.
Heard = Callable[[Ordered, pb.ImportAnswer, bool], None]


class ImportStream:
    """One import. `send` in order, `drain` at the end; every answer is told to `heard`."""

    def __init__(self, connection: Connection, dry_run: bool, heard: Heard) -> None:
        self._connection = connection
        self._stub = ImportServiceStub(connection.channel)
        self._dry_run = dry_run
        self._heard = heard
        self._waiting: deque[Ordered] = deque()  # Not answered; the last few perhaps not sent.
        self._unsent = 0  # How many of them, at the end.
        self._unsent_bytes = 0
        self._sent_before = 0  # How many of them, at the front, went out on an earlier stream.
        self._losses = 0  # One after another, without an answer in between.
        self._open()

    def send(self, command: Ordered) -> None:
        """Queues a command; waits for answers while too many are in flight."""
        self._waiting.append(command)
        self._unsent += 1
        self._unsent_bytes += command.command.ByteSize()
        if self._unsent >= _BATCH or self._unsent_bytes >= _BATCH_BYTES:
            self._flush()
        while len(self._waiting) >= MAX_IN_FLIGHT:
            self._take()

    def drain(self) -> None:
        """Returns when everything that was sent is answered."""
        self._flush()
        while self._waiting:
            self._take()

    def finish(self) -> None:
        """Returns when everything is answered and the server has ended the stream, too."""
        self.drain()
        self._requests.put(None)
        with self._connection.failing():
            for _ in self._call:
                pass

    def close(self) -> None:
        """Leaves the stream; what is not answered may have been recorded or not."""
        self._requests.put(None)
        self._call.cancel()

    def _open(self) -> None:
        self._requests: SimpleQueue[pb.ImportRequest | None] = SimpleQueue()
        sending: Iterator[pb.ImportRequest] = iter(self._requests.get, None)
        self._call = self._stub.Import(sending, metadata=self._connection.metadata)

    def _flush(self) -> None:
        """Sends what is unsent, in messages that a server takes."""
        start = len(self._waiting) - self._unsent
        batch = pb.ImportRequest(dry_run=self._dry_run)
        size = 0
        for index in range(start, len(self._waiting)):
            command = self._waiting[index].command
            if len(batch.commands) == _BATCH or (batch.commands and size > _BATCH_BYTES):
                self._requests.put(batch)
                batch, size = pb.ImportRequest(dry_run=self._dry_run), 0
            batch.commands.append(command)
            size += command.ByteSize()
        if batch.commands:
            self._requests.put(batch)
        self._unsent = self._unsent_bytes = 0

    def _take(self) -> None:
        """Takes one message of answers, or starts again if there is none to be had."""
        try:
            response = next(self._call)
        except StopIteration:
            self._begin_again("the server ended the import", None)
            return
        except grpc.RpcError as error:
            self._begin_again("the connection was lost", error)
            return
        for answer in response.answers:
            reason = answer.HasField("error") and error_info(answer.error)
            if reason and reason.reason in _UNDECIDED:
                self._begin_again(answer.error.message, None)
                return
            if reason and reason.reason in _REFUSES_ALL:
                raise failure_for(reason.reason, answer.error.message)
            self._losses = 0
            again = self._sent_before > 0
            self._sent_before = max(0, self._sent_before - 1)
            self._heard(self._waiting.popleft(), answer, again)

    def _begin_again(self, why: str, error: grpc.RpcError | None) -> None:
        """A new stream with all that is unanswered, after a pause; gives up after some."""
        self.close()
        if error is not None and not is_unavailable(error):
            raise failure_of(error, self._connection.server)
        if self._dry_run:
            raise Failure(f"{why}, and the dry run with it", "start it again")
        if self._losses == len(self._connection.pauses):
            raise self._given_up(why, error)
        time.sleep(self._connection.pauses[self._losses])
        self._losses += 1
        self._sent_before = max(self._sent_before, len(self._waiting) - self._unsent)
        self._unsent = len(self._waiting)
        self._open()
        self._flush()

    def _given_up(self, why: str, error: grpc.RpcError | None) -> Failure:
        cause = failure_of(error, self._connection.server) if error else why
        return Failure(
            f"{cause}; gave up after {len(self._connection.pauses)} tries,"
            f" {len(self._waiting):,} commands are not answered",
            "import the same files again: what was recorded is recognised",
        )
