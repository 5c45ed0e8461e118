"""Makes one append ready: checks its events before anything is sent, and hashes them.

Events are first checked and encoded. Then they are sealed: each gets its position and its hash,
which covers the position.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from eventsourcing.persistence import DataError, StoredEvent

from domain.storing import RecordedEvent
from server.eventlog.answers import NewAnswer, Receipt
from server.eventlog.entry import (
    CHAINED_PREFIX,
    FRAME_BYTES,
    HASH_BYTES,
    MAX_ENTRY_BYTES,
    SALT_BYTES,
    encode,
    leaf_hash,
    microseconds,
)
from server.eventlog.errors import BrokenChain, EntryTooLarge
from server.eventlog.rows import Checked, Seal, known_columns


class Tip(NamedTuple):
    """The last entry of an account stream, which the next one names."""

    version: int
    leaf_hash: bytes


class Unsealed(NamedTuple):
    """The events of an append in order, checked and encoded."""

    events: list[Checked]
    columns: list[bytes]  # Of each, the COPY text of what is known before its position.
    continued: dict[str, int]  # The account streams, and the version before the first event.


def check(events: Sequence[StoredEvent]) -> Unsealed:
    """Checks that the log can hold each event. Raises `DataError` or `EntryTooLarge`."""
    checked: list[Checked] = []
    continued: dict[str, int] = {}
    last: datetime | None = None
    moment, column = 0, b""
    for event in events:
        if isinstance(event, RecordedEvent):
            recorded_at, actor, request_id = event.recorded_at, event.actor, event.request_id
        else:
            recorded_at, actor, request_id = datetime.now(UTC), "", ""
        if recorded_at is not last:  # The events of one request share it.
            moment, column = _moment(recorded_at)
            last = recorded_at
        name, version, state = str(event.originator_id), event.originator_version, event.state
        try:
            who, why, stream = actor.encode(), request_id.encode(), name.encode()
            topic = event.topic.encode()
        except UnicodeEncodeError as error:
            raise DataError(f"{name!r} has a text that is not Unicode: {error}") from error
        size = FRAME_BYTES + len(who) + len(why) + len(stream) + len(topic) + len(state)
        if name.startswith(CHAINED_PREFIX):
            size += HASH_BYTES
            continued.setdefault(name, version - 1)
        if size > MAX_ENTRY_BYTES:
            raise EntryTooLarge(name, size, MAX_ENTRY_BYTES)
        checked.append((name, recorded_at, moment, column, who, why, stream, version, topic, state))
    return Unsealed(checked, known_columns(checked), continued)


def seal(unsealed: Unsealed, first: int, tips: dict[str, Tip]) -> list[Seal]:
    """Gives events their positions from `first` on, chains the accounts, and hashes each.

    `tips` holds the last entry of every account stream that has one, and is moved on.
    """
    salts = os.urandom(SALT_BYTES * len(unsealed.events))
    salt_at = 0
    seals: list[Seal] = []
    for position, event in enumerate(unsealed.events, first):
        name, _, moment, _, actor, request_id, stream, version, topic, state = event
        chained = name in unsealed.continued
        previous = _previous_hash(name, version, tips) if chained else b""
        salt = salts[salt_at : salt_at + SALT_BYTES]
        salt_at += SALT_BYTES
        leaf = leaf_hash(
            encode(
                position, moment, actor, request_id, stream, version, previous, salt, topic, state
            )
        )
        if chained:
            tips[name] = Tip(version, leaf)
        seals.append((position, previous, salt, leaf))
    return seals


def receipts_of(
    answers: Sequence[NewAnswer], events: Sequence[Checked], seals: Sequence[Seal]
) -> list[Receipt]:
    """Where the facts stand that each answer speaks of."""
    receipts: list[Receipt] = []
    for answer in answers:
        last = answer.fact_offset + answer.fact_count - 1
        first_position, last_position = seals[answer.fact_offset][0], seals[last][0]
        leaves = tuple(seal[3] for seal in seals[answer.fact_offset : last + 1])
        receipts.append(Receipt(first_position, last_position, leaves, events[last][1]))
    return receipts


def _moment(recorded_at: datetime) -> tuple[int, bytes]:
    if recorded_at.tzinfo is None:
        raise DataError(f"{recorded_at} has no time zone: no one could tell when that was")
    return microseconds(recorded_at), recorded_at.isoformat().encode()


def _previous_hash(stream: str, version: int, tips: dict[str, Tip]) -> bytes:
    tip = tips.get(stream)
    if tip is None:
        if version > 1:
            raise BrokenChain(stream, version)
        return b""
    if tip.version != version - 1:
        raise BrokenChain(stream, version)
    return tip.leaf_hash
