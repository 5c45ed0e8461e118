"""The leaf hash of an entry as docs/log-format.md describes it, made of what the API shows.

It is written from that page and shares no code with the server, so that a mistake or a lie of one
is not repeated by the other.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

from partsledger.v1 import entry_service_pb2 as pb

CHAINED: Final = "accounts/"  # Streams whose entries each name the one before by its hash.
_FORMAT: Final = b"\x01"
_LEAF: Final = b"\x00"


def leaf_hash(entry: pb.Entry) -> bytes:
    """SHA-256 of the leaf's mark and the entry's bytes: the format, then each field after its
    length."""
    moment = entry.record_time
    fields = (
        entry.name.split("/")[1].encode(),  # `books/main/entries/7`: the book.
        _number(entry.position),
        _number(moment.seconds * 1_000_000 + moment.nanos // 1_000),
        entry.actor.encode(),
        entry.principal.encode(),
        UUID(entry.request_id).bytes,
        entry.stream.encode(),
        _number(entry.version),
        entry.previous_hash,
        entry.salt,
        entry.topic.encode(),
        entry.state,
    )
    framed = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return sha256(_LEAF + _FORMAT + framed).digest()


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)
