"""The bytes of an entry, made again from its stored columns, as whoever checks the log would."""

from server.eventlog.entry import Entry, encode, microseconds


def encoded(entry: Entry) -> bytes:
    """The bytes that were hashed."""
    return encode(
        entry.position,
        microseconds(entry.recorded_at),
        entry.actor.encode(),
        entry.request_id.encode(),
        entry.stream.encode(),
        entry.version,
        entry.previous_hash,
        entry.salt,
        entry.topic.encode(),
        entry.state,
    )
