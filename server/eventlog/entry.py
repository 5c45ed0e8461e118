"""An entry of the log: the exact bytes of one recorded fact, and its leaf hash.

This module is the format (docs/log-format.md). It uses no database and only the standard library,
so that a program which verifies a log offline can do the same in as few lines.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from struct import Struct
from uuid import UUID

FORMAT_VERSION = 1
MAX_ENTRY_BYTES = 65_535
SALT_BYTES = 16
HASH_BYTES = 32
CHAINED_PREFIX = "accounts/"  # Streams whose entries each name the leaf hash of the one before.

REQUEST_BYTES = 16  # Of a UUID.

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPENING = Struct(">BI").pack  # Format, and the length of the book's name.
_PLACED = Struct(">IqIqI").pack  # Position, recorded_at, and the length of the actor.
_LENGTH = Struct(">I").pack
_VERSION = Struct(">IqI").pack  # Version, and the length of the previous hash.

# What the frame of an entry takes, its texts and the previous hash left out.
FRAME_BYTES = 1 + 12 * 4 + 3 * 8 + REQUEST_BYTES + SALT_BYTES


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log, with everything that was hashed."""

    book: str
    position: int
    recorded_at: datetime
    actor: str  # Who is responsible.
    principal: str  # Who sent it, where that is another; or empty.
    request_id: str  # A UUID in its canonical spelling.
    stream: str
    version: int
    previous_hash: bytes  # 32 bytes, or none: not an account, or its first entry.
    salt: bytes
    topic: str
    state: bytes
    leaf_hash: bytes


def encode(
    book: bytes,
    position: int,
    recorded_at: int,  # Microseconds since 1970 in UTC.
    actor: bytes,
    principal: bytes,
    request_id: bytes,  # 16: those of the UUID.
    stream: bytes,
    version: int,
    previous_hash: bytes,
    salt: bytes,
    topic: bytes,
    state: bytes,
) -> bytes:
    """The entry bytes, format 1: a version byte, then twelve fields, each after its length."""
    return b"".join(
        (
            _OPENING(FORMAT_VERSION, len(book)),
            book,
            _PLACED(8, position, 8, recorded_at, len(actor)),
            actor,
            _LENGTH(len(principal)),
            principal,
            _LENGTH(len(request_id)),
            request_id,
            _LENGTH(len(stream)),
            stream,
            _VERSION(8, version, len(previous_hash)),
            previous_hash,
            _LENGTH(len(salt)),
            salt,
            _LENGTH(len(topic)),
            topic,
            _LENGTH(len(state)),
            state,
        )
    )


def bytes_of(entry: Entry) -> bytes:
    """The bytes of an entry as it is stored now: of one that was altered, not those hashed."""
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


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf of the tree (RFC 9162, 2.1.1): the zero byte marks it as a leaf."""
    return sha256(b"\x00" + entry).digest()


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 in UTC, counted in integers only."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
