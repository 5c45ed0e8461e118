"""Stored answers: a repeated request is answered from them, even if the first reply was lost.

A request id is one of the whole book: whoever sends it again gets the same answer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Receipt(NamedTuple):
    """Where a command's facts stand in the log, and the leaf hash of each, in their order.

    Of each, because whoever keeps them can then show which entry was changed, and not only that
    one was.
    """

    first_position: int
    last_position: int
    leaf_hashes: tuple[bytes, ...]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to be committed with the facts it speaks of.

    They are `fact_count` events of the same append, at least one, from index `fact_offset` on.
    """

    request_id: str
    fingerprint: bytes  # Of the request: another payload under the same id is refused.
    response: bytes
    fact_offset: int
    fact_count: int


class Answer(NamedTuple):
    """A committed answer, and where the facts stand that it speaks of."""

    fingerprint: bytes
    response: bytes
    receipt: Receipt
