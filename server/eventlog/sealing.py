"""Makes one append ready: checks its events before anything is sent, and makes its rows.

Events are first checked and encoded. Then they are sealed: each gets its position and its hash,
which covers the position. The rows are a text for COPY, or lists of columns for a single statement.
"""

import os
from binascii import hexlify
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from eventsourcing.persistence import DataError, StoredEvent

from domain.facts import RecordedEvent
from server.eventlog.answers import NewAnswer
from server.eventlog.copytext import (
    BEFORE_BYTEA,
    NULL,
    bytea,
    escaped,
    needs_no_escape,
    raw,
    require_text,
)
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

ENTRY_COLUMNS = (
    "stream, version, topic, state, recorded_at, actor, request_id, "
    "position, previous_hash, salt, leaf_hash"
)
ANSWER_COLUMNS = "caller, request_id, fingerprint, response, first_position, last_position"
SNAPSHOT_COLUMNS = "stream, version, topic, state"

# An event that waits for its position: its stream's name, recorded_at in microseconds and as a
# column, actor, request id, stream, version, topic, state. A plain tuple, because a hundred
# thousand of them are made in a second.
Prepared = tuple[str, int, bytes, bytes, bytes, bytes, int, bytes, bytes]


class Tip(NamedTuple):
    """The last entry of an account stream, which the next one names."""

    version: int
    leaf_hash: bytes


class Unsealed(NamedTuple):
    """The events of an append in order, checked and encoded."""

    events: list[Prepared]
    columns: list[bytes]  # Each event's COPY columns, as far as they are known.
    continued: dict[str, int]  # The account streams, and the version before the first event.


# What an event gets with its position: that, the hash before it in its account or nothing, its
# salt and its leaf hash. A plain tuple for the same reason.
Seal = tuple[int, bytes, bytes, bytes]


def prepare(events: Sequence[StoredEvent], now: Callable[[], datetime]) -> Unsealed:
    """Checks that the log can hold each event. Raises `DataError` or `EntryTooLarge`."""
    prepared: list[Prepared] = []
    continued: dict[str, int] = {}
    last: datetime | None = None
    moment, moment_column = 0, b""
    for event in events:
        if isinstance(event, RecordedEvent):
            recorded_at, actor, request_id = event.recorded_at, event.actor, event.request_id
        else:
            recorded_at, actor, request_id = now(), "", ""
        if recorded_at is not last:  # The events of one request share it.
            moment, moment_column = _moment(recorded_at)
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
        prepared.append((name, moment, moment_column, who, why, stream, version, topic, state))
    return Unsealed(prepared, _columns(prepared), continued)


def seal(unsealed: Unsealed, first: int, tips: dict[str, Tip]) -> list[Seal]:
    """Gives events their positions from `first` on, chains the accounts, and hashes each.

    `tips` holds the last entry of every account stream that has one, and is moved on.
    """
    salts = os.urandom(SALT_BYTES * len(unsealed.events))
    salt_at = 0
    seals: list[Seal] = []
    for position, event in enumerate(unsealed.events, first):
        name, moment, _, actor, request_id, stream, version, topic, state = event
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


def entry_rows(unsealed: Unsealed, seals: Sequence[Seal]) -> bytes:
    """The COPY text of sealed entries."""
    rows: list[bytes] = []
    for columns, (position, previous, salt, leaf) in zip(unsealed.columns, seals, strict=True):
        known = columns, str(position).encode(), bytea(previous) if previous else NULL
        rows.append(BEFORE_BYTEA.join((b"\t".join(known), hexlify(salt), hexlify(leaf))))
    rows.append(b"")  # The last row ends its line, too.
    return b"\n".join(rows)


def entry_columns(unsealed: Unsealed, seals: Sequence[Seal]) -> dict[str, list[Any]]:
    """The same, each column by its name."""
    columns: dict[str, list[Any]] = {name: [] for name in ENTRY_COLUMNS.split(", ")}
    for event, (position, previous, salt, leaf) in zip(unsealed.events, seals, strict=True):
        name, _, moment, actor, request_id, _, version, topic, state = event
        row = (
            name, version, topic.decode(), state.decode(), moment.decode(), actor.decode(),
            request_id.decode(), position, previous or None, salt, leaf,
        )  # fmt: skip
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return columns


def _moment(recorded_at: datetime) -> tuple[int, bytes]:
    if recorded_at.tzinfo is None:
        raise DataError(f"{recorded_at} has no time zone: no one could tell when that was")
    return microseconds(recorded_at), recorded_at.isoformat().encode()


def _columns(events: Sequence[Prepared]) -> list[bytes]:
    """The COPY columns that are known before the positions are.

    All texts are joined and searched at once for what must be refused or escaped. One search
    through a thousand joined texts takes less time than ten searches through one text.
    """
    columns = [
        b"\t".join((stream, str(version).encode(), topic, state, moment, actor, request_id))
        for _, _, moment, actor, request_id, stream, version, topic, state in events
    ]
    joined = b"".join(columns)
    require_text(joined)
    if needs_no_escape(joined, tabs=6 * len(columns)):
        return columns
    return [
        plain if needs_no_escape(plain, tabs=6) else _escaped_columns(event)
        for plain, event in zip(columns, events, strict=True)
    ]


def _escaped_columns(event: Prepared) -> bytes:
    _, _, moment, actor, request_id, stream, version, topic, state = event
    return b"\t".join(
        (
            escaped(stream),
            str(version).encode(),
            escaped(topic),
            escaped(state),
            moment,
            escaped(actor),
            escaped(request_id),
        )
    )


def _previous_hash(stream: str, version: int, tips: dict[str, Tip]) -> bytes:
    tip = tips.get(stream)
    if tip is None:
        if version > 1:
            raise BrokenChain(stream, version)
        return b""
    if tip.version != version - 1:
        raise BrokenChain(stream, version)
    return tip.leaf_hash


def answer_rows(answers: Sequence[NewAnswer], first: int) -> bytes:
    """The COPY text of answers to an append whose first event is at position `first`."""
    return b"".join(
        b"%b\t%b\t%b\t%b\t%d\t%d\n"
        % (
            escaped(raw(answer.caller)),
            escaped(raw(answer.request_id)),
            bytea(answer.fingerprint),
            bytea(answer.response),
            first + answer.fact_offset,
            first + answer.fact_offset + answer.fact_count - 1,
        )
        for answer in answers
    )


def answer_columns(answers: Sequence[NewAnswer], first: int) -> dict[str, list[Any]]:
    """The same, each column by its name."""
    return {
        "caller": [answer.caller for answer in answers],
        "request_id": [answer.request_id for answer in answers],
        "fingerprint": [answer.fingerprint for answer in answers],
        "response": [answer.response for answer in answers],
        "first_position": [first + answer.fact_offset for answer in answers],
        "last_position": [first + answer.fact_offset + answer.fact_count - 1 for answer in answers],
    }


def snapshot_rows(snapshots: Sequence[StoredEvent]) -> bytes:
    """The COPY text of snapshots."""
    rows = []
    for snapshot in snapshots:
        require_text(snapshot.state)
        rows.append(
            b"%b\t%d\t%b\t%b\n"
            % (
                escaped(raw(str(snapshot.originator_id))),
                snapshot.originator_version,
                escaped(raw(snapshot.topic)),
                escaped(snapshot.state),
            )
        )
    return b"".join(rows)
