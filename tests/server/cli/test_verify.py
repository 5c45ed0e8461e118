"""The client's own arithmetic: what it makes of entries, whoever shows them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.storing import NO_REQUEST
from partsledger.v1 import entry_service_pb2 as pb
from server.api.conversions.times import moment_message
from server.cli.leaf import leaf_hash
from server.cli.log_reading import LogReading
from server.eventlog import entry as server_side
from server.eventlog.entry import Entry, bytes_of
from tests.server.cli.terminal import Served, partsledger

MOMENTS = st.integers(-(2**50), 2**50).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
TEXTS = st.text(max_size=20)
HASHES = st.sampled_from([b"", b"\x11" * 32])


def shown(entry: Entry) -> pb.Entry:
    return pb.Entry(
        name=f"books/{entry.book}/entries/{entry.position}", position=entry.position,
        record_time=moment_message(entry.recorded_at), actor=entry.actor,
        principal=entry.principal, request_id=entry.request_id,
        stream=entry.stream, version=entry.version,
        previous_hash=entry.previous_hash, salt=entry.salt, topic=entry.topic, state=entry.state,
    )  # fmt: skip


@given(
    st.builds(
        Entry,
        st.just("main"),
        st.integers(1, 2**62),
        MOMENTS,
        TEXTS,
        TEXTS,
        st.uuids().map(str),
        TEXTS,
        st.integers(1, 2**62),
        HASHES,
        st.binary(min_size=16, max_size=16),
        TEXTS,
        st.binary(max_size=50),
        st.just(b""),
    )
)
def test_client_and_server_make_the_same_leaf_hash_without_sharing_code(entry: Entry) -> None:
    message = shown(entry)
    assert leaf_hash(message) == server_side.leaf_hash(bytes_of(entry))
    message.state += b" "
    assert leaf_hash(message) != server_side.leaf_hash(bytes_of(entry))


def history() -> list[pb.Entry]:
    """Two accounts and a part, three entries each, as a log has them."""
    entries: list[pb.Entry] = []
    tips: dict[str, bytes] = {}
    for version in (1, 2, 3):
        for stream in ("accounts/D01", "parts/P-1", "accounts/D02"):
            previous = tips.get(stream, b"") if stream.startswith("accounts/") else b""
            entry = pb.Entry(
                name=f"books/main/entries/{len(entries) + 1}", request_id=NO_REQUEST,
                position=len(entries) + 1, stream=stream, version=version, previous_hash=previous,
                topic="partsledger:Thing.Happened", state=b'{"amount_minor":125000}',
                salt=bytes(16),
            )  # fmt: skip
            entry.leaf_hash = tips[stream] = leaf_hash(entry)
            entries.append(entry)
    return entries


def found(entries: Sequence[pb.Entry], last: int = 9) -> dict[int, str]:
    reading = LogReading({})
    for entry in entries:
        reading.read(entry)
    reading.end(last)
    return {finding.position: finding.fault for finding in reversed(reading.findings)}


def _amount(entries: list[pb.Entry]) -> None:
    entries[3].state = b'{"amount_minor":925000}'


def _amount_with_hash(entries: list[pb.Entry]) -> None:
    _amount(entries)
    entries[3].leaf_hash = leaf_hash(entries[3])


def _actor(entries: list[pb.Entry]) -> None:
    entries[4].actor = "somebody else"


def _leaf(entries: list[pb.Entry]) -> None:
    entries[4].leaf_hash = b"?" * 32


def _gone(entries: list[pb.Entry]) -> None:
    del entries[1]


def _many_gone(entries: list[pb.Entry]) -> None:
    del entries[2:8]


def _last_gone(entries: list[pb.Entry]) -> None:
    del entries[-1]


@pytest.mark.parametrize(
    ("forge", "position", "fault"),
    [
        (_amount, 4, "its leaf hash is not that of what is stored"),
        (_amount_with_hash, 7, "does not name the entry before by its hash"),
        (_actor, 5, "its leaf hash is not that of what is stored"),
        (_leaf, 5, "its leaf hash is not that of what is stored"),
        (_gone, 2, "it is missing"),
        (_many_gone, 3, "it is missing, and so are all up to 8"),
        (_last_gone, 9, "it is missing"),
    ],
)
def test_the_first_wrong_position_is_named(
    forge: Callable[[list[pb.Entry]], None], position: int, fault: str
) -> None:
    entries = history()
    assert found(entries) == {}  # The control.
    forge(entries)
    told = found(entries)
    assert min(told) == position
    assert told[position].endswith(fault)


def test_a_version_that_is_missing_in_its_stream_is_named() -> None:
    entries = history()
    gone = entries.pop(4)
    for entry in entries[4:]:
        entry.position -= 1
        entry.leaf_hash = leaf_hash(entry)
    told = found(entries, last=8)
    assert gone.stream == "parts/P-1"
    assert told[7] == "it is version 3 of parts/P-1, and comes after version 1"


def test_a_log_that_cannot_be_read_is_not_called_sound(served: Served) -> None:
    assert partsledger("verify", "--server", "127.0.0.1:1").code == 2
    other = partsledger("verify", "--server", served.address, "--book", "other")
    assert (other.code, other.out) == (2, "")
    assert served.ask("verify").code == 0  # The control.


def test_every_form_says_the_same(examples: Served) -> None:
    told = examples.ask("verify", "--receipts", str(examples.receipts), "--json").json
    head = examples.head()
    assert told == {
        "sound": True, "entries": head, "head_position": head, "receipts": head - 1, "faults": [],
    }  # fmt: skip
    assert examples.ask("verify", "--csv").out == "position,fault,shown_by\n"
