"""Rows as COPY reads them: columns after tabs, lines after rows, four bytes escaped."""

from binascii import hexlify

from eventsourcing.persistence import DataError

_ESCAPES = ((b"\\", b"\\\\"), (b"\n", b"\\n"), (b"\r", b"\\r"), (b"\t", b"\\t"))
BEFORE_BYTEA = b"\t" + rb"\\x"  # The end of a column, and the start of one in hexadecimal.


def raw(text: str) -> bytes:
    """The UTF-8 of a text. Refuses lone surrogates and NUL, which PostgreSQL cannot hold."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"{text!r} is not a text PostgreSQL can hold: {error}") from error
    if b"\0" in encoded:
        raise DataError(f"{text!r} contains NUL, which PostgreSQL cannot hold")
    return encoded


def require_text(text: bytes) -> None:
    """Refuses bytes that are not the UTF-8 of a text PostgreSQL can hold."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        culprit = error.object[error.start : error.end]
        raise DataError(f"bytes that are not UTF-8 text: {culprit!r}, {error.reason}") from error
    if b"\0" in text:
        raise DataError("a text contains NUL, which PostgreSQL cannot hold")


def needs_no_escape(rows: bytes, tabs: int) -> bool:
    """Whether rows joined without escapes read as they should: only `tabs` separators in them."""
    return not any(byte in rows for byte in (b"\\", b"\n", b"\r")) and rows.count(b"\t") == tabs


def escaped(text: bytes) -> bytes:
    """A text as one COPY column."""
    for byte, escape in _ESCAPES:
        text = text.replace(byte, escape)
    return text


def bytea(value: bytes) -> bytes:
    """Bytes as one COPY column."""
    return rb"\\x" + hexlify(value)
