"""Makes one append ready: checks its events before anything is sent, and hashes them.

Events are first checked and encoded. Then they are sealed: each gets its position and its hash,
which covers the position.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from eventsourcing.persistence import DataError, StoredEvent

from domain.storing import NO_REQUEST, RecordedEvent
from server.eventlog.answers import NewAnswer, Receipt
from server.eventlog.copytext import require_text
from server.eventlog.entry import (
    CHAINED_PREFIX,
    FRAME_BYTES,
    HASH_BYTES,
    MAX_ENTRY_BYTES,
    REQUEST_BYTES,
    SALT_BYTES,
    encode,
    leaf_hash,
    microseconds,
)
from server.eventlog.errors import BrokenChain, EntryTooLarge
from server.eventlog.rows import Checked, Seal, Shared, known_columns


class Tip(NamedTuple):
    """The last entry of an account stream, which the next one names."""

    version: int
    leaf_hash: bytes


class Unsealed(NamedTuple):
    """The events of an append in order, checked and encoded."""

    events: list[Checked]
    columns: list[bytes]  # Of each, the COPY text of what is known before its position.
    continued: dict[str, int]  # The account streams, and the version before the first event.
    topics: frozenset[bytes]  # Those that occur.


def check(book: bytes, events: Sequence[StoredEvent]) -> Unsealed:
    """Checks that the log can hold each event. Raises `DataError` or `EntryTooLarge`."""
    checked: list[Checked] = []
    continued: dict[str, int] = {}
    framed = FRAME_BYTES + len(book)
    last, shared = None, None
    for event in events:
        name, version, state = str(event.originator_id), event.originator_version, event.state
        asked = _asked(event)
        try:
            if shared is None or asked != last:  # The events of one request share it.
                last, shared = asked, _shared(*asked)
            stream, topic = name.encode(), event.topic.encode()
        except UnicodeEncodeError as error:
            raise DataError(f"{name!r} has a text that is not Unicode: {error}") from error
        size = framed + len(shared[3]) + len(shared[4]) + len(stream) + len(topic) + len(state)
        if name.startswith(CHAINED_PREFIX):
            size += HASH_BYTES
            continued.setdefault(name, version - 1)
        if size > MAX_ENTRY_BYTES:
            raise EntryTooLarge(name, size, MAX_ENTRY_BYTES)
        checked.append((name, *shared, stream, version, topic, state))
    topics = frozenset(event[-2] for event in checked)
    for topic in topics:
        require_text(topic)
    return Unsealed(checked, known_columns(checked), continued, topics)


def seal(book: bytes, unsealed: Unsealed, first: int, tips: dict[str, Tip]) -> list[Seal]:
    """Gives events their positions from `first` on, chains the accounts, and hashes each.

    `tips` holds the last entry of every account stream that has one, and is moved on.
    """
    salts = os.urandom(SALT_BYTES * len(unsealed.events))
    salt_at = 0
    seals: list[Seal] = []
    for position, event in enumerate(unsealed.events, first):
        name, _, moment, _, actor, principal, request, _, stream, version, topic, state = event
        chained = name in unsealed.continued
        previous = _previous_hash(name, version, tips) if chained else b""
        salt = salts[salt_at : salt_at + SALT_BYTES]
        salt_at += SALT_BYTES
        leaf = leaf_hash(
            encode(
                book, position, moment, actor, principal, request, stream, version, previous, salt,
                topic, state,
            )
        )  # fmt: skip
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


def request_bytes(request_id: str) -> bytes:
    """The sixteen that the log has for it. Raises `DataError` for an id that is no UUID."""
    try:
        found = bytes.fromhex(request_id.replace("-", ""))
    except ValueError:
        found = b""
    if len(found) != REQUEST_BYTES:
        raise DataError(f"the request id {request_id!r} is not a UUID")
    return found


def _asked(event: StoredEvent) -> tuple[datetime, str, str, str]:
    """When it was recorded, who is responsible, who sent it, and under which request."""
    if isinstance(event, RecordedEvent):
        return event.recorded_at, event.actor, event.principal, event.request_id
    return datetime.now(UTC), "", "", NO_REQUEST


def _shared(recorded_at: datetime, actor: str, principal: str, request_id: str) -> Shared:
    if recorded_at.tzinfo is None:
        raise DataError(f"{recorded_at} has no time zone: no one could tell when that was")
    request = request_bytes(request_id)
    return (
        recorded_at, microseconds(recorded_at), recorded_at.isoformat().encode(), actor.encode(),
        principal.encode(), request, request.hex().encode(),
    )  # fmt: skip


def _previous_hash(stream: str, version: int, tips: dict[str, Tip]) -> bytes:
    tip = tips.get(stream)
    if tip is None:
        if version > 1:
            raise BrokenChain(stream, version)
        return b""
    if tip.version != version - 1:
        raise BrokenChain(stream, version)
    return tip.leaf_hash
