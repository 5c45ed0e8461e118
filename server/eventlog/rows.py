"""The rows of the log: their columns, in one order for writing and reading.

Written, they are a text for COPY, or lists that a statement binds: the same rows.
"""

from binascii import hexlify
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from eventsourcing.persistence import StoredEvent

from domain.storing import FORM
from server.eventlog.answers import NewAnswer, Receipt
from server.eventlog.copytext import (
    BEFORE_BYTEA,
    bytea,
    escaped,
    needs_no_escape,
    raw,
    require_text,
)
from server.eventlog.entry import Entry

# First what is known of an event before it has its position, then what comes with that. The topic
# is a number of the table `topics`.
ENTRY_COLUMNS: Final = (
    "stream, version, state, recorded_at, actor, principal, request_id, "
    "topic, position, previous_hash, salt, leaf_hash"
)
# The same read back: the topic is the name it has.
ENTRY_READ: Final = ENTRY_COLUMNS.replace("topic", "name")
ENTRIES: Final = "{schema}.entries JOIN {schema}.topics ON number = topic"
ANSWER_COLUMNS: Final = "request_id, fingerprint, response, first_position, last_position"
SNAPSHOT_COLUMNS: Final = "stream, version, topic, state, form"

# What the events of one request share: recorded_at, in microseconds, and as a column; actor,
# principal; the request id as 16 bytes, and as a column.
Shared = tuple[datetime, int, bytes, bytes, bytes, bytes, bytes]

# An event that waits for its position: its stream's name; what it shares; stream, version, topic,
# state. A plain tuple, because a hundred thousand of them are made in a second.
Checked = tuple[str, *Shared, bytes, int, bytes, bytes]

Topics = Mapping[bytes, int]  # The number of each topic.

# What it gets with its position: that, the hash before it in its account or nothing, its salt and
# its leaf hash. A plain tuple for the same reason.
Seal = tuple[int, bytes, bytes, bytes]


def entry(book: str, row: tuple[Any, ...]) -> Entry:
    """A row of `ENTRY_READ`."""
    stream, version, state, at, actor, principal, request_id, topic, position, *hashed = row
    previous, salt, leaf = map(bytes, hashed)
    return Entry(
        book, position, at, actor, principal, request_id, stream, version, previous, salt, topic,
        state.encode(), leaf,
    )  # fmt: skip


def known_columns(events: Sequence[Checked]) -> list[bytes]:
    """Of each event, the COPY text of the columns that are known before its position is.

    All texts are joined and searched at once for what must be refused or escaped. One search
    through a thousand joined texts takes less time than ten searches through one text.
    """
    columns = [
        b"\t".join((stream, str(version).encode(), state, moment, actor, principal, request_id))
        for _, _, _, moment, actor, principal, _, request_id, stream, version, _, state in events
    ]
    joined = b"".join(columns)
    require_text(joined)
    if needs_no_escape(joined, tabs=6 * len(columns)):
        return columns
    return [
        plain if needs_no_escape(plain, tabs=6) else _escaped_columns(event)
        for plain, event in zip(columns, events, strict=True)
    ]


def entry_rows(
    known: Sequence[bytes], events: Sequence[Checked], seals: Sequence[Seal], topics: Topics
) -> bytes:
    """The COPY text of entries, of what was known of them and their seals."""
    rows: list[bytes] = []
    for columns, event, (position, previous, salt, leaf) in zip(known, events, seals, strict=True):
        before = b"%b\t%d\t%d" % (columns, topics[event[-2]], position)
        hashed = hexlify(previous), hexlify(salt), hexlify(leaf)
        rows.append(BEFORE_BYTEA.join((before, *hashed)))
    rows.append(b"")  # The last row ends its line, too.
    return b"\n".join(rows)


def entry_columns(
    events: Sequence[Checked], seals: Sequence[Seal], topics: Topics
) -> dict[str, list[Any]]:
    """The same, each column by its name."""
    columns: dict[str, list[Any]] = {name: [] for name in ENTRY_COLUMNS.split(", ")}
    for event, (position, previous, salt, leaf) in zip(events, seals, strict=True):
        name, _, _, moment, actor, principal, _, request_id, _, version, topic, state = event
        row = (
            name, version, state.decode(), moment.decode(), actor.decode(), principal.decode(),
            request_id.decode(), topics[topic], position, previous, salt, leaf,
        )  # fmt: skip
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return columns


def answer_rows(answers: Sequence[NewAnswer], receipts: Sequence[Receipt]) -> bytes:
    """The COPY text of answers with their receipts."""
    return b"".join(
        b"%b\t%b\t%b\t%d\t%d\n"
        % (
            answer.request_id.encode(),
            bytea(answer.fingerprint),
            bytea(answer.response),
            receipt.first_position,
            receipt.last_position,
        )
        for answer, receipt in zip(answers, receipts, strict=True)
    )


def answer_columns(
    answers: Sequence[NewAnswer], receipts: Sequence[Receipt]
) -> dict[str, list[Any]]:
    """The same, each column by its name."""
    return {
        "request_id": [answer.request_id for answer in answers],
        "fingerprint": [answer.fingerprint for answer in answers],
        "response": [answer.response for answer in answers],
        "first_position": [receipt.first_position for receipt in receipts],
        "last_position": [receipt.last_position for receipt in receipts],
    }


def snapshot_rows(snapshots: Sequence[StoredEvent]) -> bytes:
    """The COPY text of snapshots."""
    rows = []
    for snapshot in snapshots:
        require_text(snapshot.state)
        rows.append(
            b"%b\t%d\t%b\t%b\t%d\n"
            % (
                escaped(raw(str(snapshot.originator_id))),
                snapshot.originator_version,
                escaped(raw(snapshot.topic)),
                escaped(snapshot.state),
                FORM,
            )
        )
    return b"".join(rows)


def _escaped_columns(event: Checked) -> bytes:
    _, _, _, moment, actor, principal, _, request_id, stream, version, _, state = event
    texts = stream, str(version).encode(), state, moment, actor, principal, request_id
    return b"\t".join(map(escaped, texts))
