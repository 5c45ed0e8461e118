"""What no log or view can hold is refused for its command alone, and what just fits is not."""

import pytest
from eventsourcing.persistence import StoredEvent

from domain.errors import InvalidValue
from server.writing.recordable import require_recordable


def fact(state: bytes) -> StoredEvent:
    return StoredEvent("parts/P-1", 1, "Part.Registered", state)


def test_a_fact_of_60000_bytes_is_recordable() -> None:
    require_recordable([fact(b"x" * 60_000)])


def test_a_fact_of_one_byte_more_is_refused_whichever_of_several_it_is() -> None:
    with pytest.raises(InvalidValue, match=r"60001 bytes.* at most 60000 bytes"):
        require_recordable([fact(b"{}"), fact(b"x" * 60_001)])


@pytest.mark.parametrize("escape", [rb"\u0000", rb"a\\\u0000", rb"\\\\\u0000"])
def test_a_nul_is_refused(escape: bytes) -> None:
    with pytest.raises(InvalidValue, match="must not hold NUL"):
        require_recordable([fact(b'{"description":"' + escape + b'"}')])


@pytest.mark.parametrize("text", [rb"u0000", rb"\\u0000", rb"\\\\u0000", rb"\u0001"])
def test_a_text_that_only_looks_like_one_is_recordable(text: bytes) -> None:
    require_recordable([fact(b'{"description":"' + text + b'"}')])
