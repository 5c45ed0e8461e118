"""A command or a batch of them on its way through the writer, and what comes back of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from domain.facts import Aggregate, Command
from domain.ledger import Ledger
from server.eventlog.answers import Receipt
from server.writing.promise import Promise


class LogUnavailable(Exception):  # noqa: N818 - Named after what the caller is told.
    """The outcome is unknown: repeat the request under the same id."""


class BookTakenOver(LogUnavailable):
    """Another server writes the book: send the request to that one."""


class LogRefused(LogUnavailable):
    """The database refuses, until an operator puts it right; then repeat the request."""


class QueueFull(Exception):  # noqa: N818
    """Too many commands wait for the writer: try again in a moment."""


class RefusedInBatch(Exception):  # noqa: N818
    """The command at an index was refused, and with it the whole batch."""

    def __init__(self, index: int, refusal: Exception) -> None:
        super().__init__(f"requests[{index}]: {refusal}")
        self.index = index
        self.refusal = refusal


class UseCase(Protocol):
    def __call__(self, ledger: Ledger, command: Command, /) -> Aggregate: ...


# What a request says otherwise than the one that left this aggregate as it is; empty if not known.
Differences = Callable[[Ledger, Aggregate], str]


def _not_told(_: Ledger, __: Aggregate) -> str:
    return ""


class Outcome(NamedTuple):
    """What the caller gets: the rendered aggregate as this command left it, and the receipt."""

    response: Any  # None where nothing was to be rendered.
    stream: str  # Of the aggregate: `transfers/T-1`.
    receipt: Receipt | None  # None where nothing is recorded: in a dry run.
    repeated: bool  # An earlier call of the same request had recorded it.


@dataclass(slots=True)
class Submission:
    """One command on its way through the writer.

    `streams` are the aggregates it will need, as far as that is known beforehand; those of a group
    are loaded together. `render` turns the aggregate into the response at once, before another
    command changes it; without it, the response holds nothing but the name of the aggregate's
    stream. `after` is the outcome of the command before this one on the same import stream: if that
    one could not be decided, this one is not decided either.
    """

    actor: str
    request_id: str
    fingerprint: bytes  # Of the request: another payload under the same id is refused.
    streams: tuple[str, ...]
    use_case: UseCase
    render: Callable[[Any], Any] | None
    after: Promise[Outcome] | None = None
    principal: str = ""  # Who sent it, where that is not the actor.
    lane: str = ""  # Of the queue: whose turn it is.
    differences: Differences = _not_told
    outcome: Promise[Outcome] = field(default_factory=Promise)

    @property
    def commands(self) -> Sequence["Submission"]:
        """Itself: what a batch has many of."""
        return (self,)


@dataclass(slots=True)
class Batch:
    """Commands that are decided in order and committed together: all of them, or none.

    No two are of one request. Those recorded before are answered as they were then, and only the
    others are decided.
    """

    commands: Sequence[Submission]
    lane: str = ""
    outcome: Promise[list[Outcome]] = field(default_factory=Promise)  # Or RefusedInBatch.

    def __post_init__(self) -> None:
        assert len({command.request_id for command in self.commands}) == len(self.commands) > 0
