"""Stored answers: a repeated request is answered from them, even if the first reply was lost."""

from dataclasses import dataclass, field
from datetime import datetime

AnswerKey = tuple[str, str]  # Caller and request id.


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to be committed with the facts it speaks of.

    Its facts are `fact_count` events of the same append, from index `fact_offset` on.
    """

    caller: str
    request_id: str
    fingerprint: bytes  # Of the request: another payload under the same id is refused.
    response: bytes
    fact_offset: int = 0
    fact_count: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A committed answer. One without facts has `last_position == first_position - 1`."""

    caller: str
    request_id: str
    fingerprint: bytes
    response: bytes
    first_position: int
    last_position: int
    leaf_hash: bytes = field(default=b"", compare=False)  # Of the last fact, if there is one.
    recorded_at: datetime | None = field(default=None, compare=False)

    @property
    def key(self) -> AnswerKey:
        return self.caller, self.request_id
