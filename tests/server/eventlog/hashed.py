"""The bytes of an entry, made again from its stored columns, as whoever checks the log would."""

from uuid import UUID

from server.eventlog.entry import Entry, encode, microseconds


def encoded(entry: Entry) -> bytes:
    """The bytes that were hashed."""
    return encode(
        entry.book.encode(),
        entry.position,
        microseconds(entry.recorded_at),
        entry.actor.encode(),
        entry.principal.encode(),
        UUID(entry.request_id).bytes,
        entry.stream.encode(),
        entry.version,
        entry.previous_hash,
        entry.salt,
        entry.topic.encode(),
        entry.state,
    )
