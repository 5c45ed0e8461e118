"""The entry format, as docs/log-format.md tells it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.dealer_account import DealerAccount
from domain.ledger import Ledger
from domain.storing import RecordedEvent
from server.eventlog.entry import FRAME_BYTES, Entry, encode, leaf_hash, microseconds
from tests.server.eventlog.hashed import encoded

PAGE = Path(__file__).parents[3] / "docs" / "log-format.md"

STATE = (
    b'{"effective_on":"2025-03-14","occurred_on":"2025-03-14","document":"BANK-20","postings":['
    b'{"account":"1002","amount_minor":125000,"currency":"CNY"},'
    b'{"account":"1122","party":"dealers/D01","amount_minor":-125000,"currency":"CNY",'
    b'"item":"sales/S-7"}],'
    b'"caused_by":"payments/PM-20","caused_by_version":1,"statement_month":"2025-03"}'
)

PAYMENT = Entry(
    book="main",
    position=7,
    recorded_at=datetime(2025, 3, 14, 9, 30, 0, 123456, tzinfo=UTC),
    actor="李娜",
    principal="erp@dealer.example",
    request_id="0b7f5a1e-3c52-4f0e-9d55-6a1c2f4e8a20",
    stream="accounts/D01",
    version=2,
    previous_hash=b"\x11" * 32,
    salt=bytes(range(16)),
    topic="partsledger:DealerAccount.PaymentReceived",
    state=STATE,
    leaf_hash=b"",
)


def test_the_worked_example_of_the_documentation_is_right() -> None:
    page = PAGE.read_text(encoding="utf-8")
    example = dict(re.findall(r"^\| (\w+) \| (.+) \|$", page.partition("## Worked")[2], re.M))
    entry = Entry(
        book=example["book"],
        position=int(example["position"]),
        recorded_at=datetime.fromisoformat(example["recorded_at"]),
        actor=example["actor"],
        principal=example["principal"],
        request_id=example["request_id"],
        stream=example["stream"],
        version=int(example["version"]),
        previous_hash=bytes.fromhex(example["previous_hash"]),
        salt=bytes.fromhex(example["salt"]),
        topic=example["topic"],
        state=example["state"].encode(),
        leaf_hash=bytes.fromhex(_block(page, "leaf")),
    )
    assert encoded(entry) == bytes.fromhex(_block(page, "entry"))
    assert leaf_hash(encoded(entry)) == entry.leaf_hash
    assert replace(entry, leaf_hash=b"") == PAYMENT


def test_the_worked_example_is_a_fact_that_is_recorded() -> None:
    mapper = Ledger().mapper
    stored = RecordedEvent(
        PAYMENT.stream, PAYMENT.version, PAYMENT.topic, PAYMENT.state, PAYMENT.recorded_at,
        PAYMENT.actor, PAYMENT.principal, PAYMENT.request_id,
    )  # fmt: skip
    assert isinstance(mapper.to_domain_event(stored), DealerAccount.PaymentReceived)
    assert mapper.to_stored_event(mapper.to_domain_event(stored)) == stored


def test_the_documented_fields_are_in_the_order_of_their_bytes() -> None:
    fields = _fields(encoded(PAYMENT))
    assert fields == [
        b"main",
        (7).to_bytes(8, "big"),
        (1_741_944_600_123_456).to_bytes(8, "big"),
        "李娜".encode(),
        b"erp@dealer.example",
        bytes.fromhex("0b7f5a1e3c524f0e9d556a1c2f4e8a20"),
        b"accounts/D01",
        (2).to_bytes(8, "big"),
        b"\x11" * 32,
        bytes(range(16)),
        b"partsledger:DealerAccount.PaymentReceived",
        STATE,
    ]


@given(
    numbers=st.tuples(
        st.integers(1, 2**63 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**63 - 1)
    ),
    texts=st.tuples(*[st.binary(max_size=300)] * 9),
)
@example(numbers=(1, -(2**63), 0), texts=(b"",) * 9)
@example(numbers=(2**63 - 1, -1, 2**63 - 1), texts=(b"\0\0\0\1", b"", b"\0" * 300, *[b"a"] * 6))
def test_any_entry_can_be_taken_apart_again(
    numbers: tuple[int, int, int], texts: tuple[bytes, ...]
) -> None:
    """So no two different entries have the same bytes."""
    position, moment, version = numbers
    book, actor, principal, request_id, stream, previous, salt, topic, state = texts
    taken = encode(
        book, position, moment, actor, principal, request_id, stream, version, previous, salt,
        topic, state,
    )  # fmt: skip
    fields = _fields(taken)
    assert int.from_bytes(fields[1], "big") == position
    assert int.from_bytes(fields[2], "big", signed=True) == moment
    assert int.from_bytes(fields[7], "big", signed=True) == version
    assert tuple(fields[:1] + fields[3:7] + fields[8:]) == texts
    assert len(taken) == FRAME_BYTES - 16 - 16 + sum(map(len, texts))


@pytest.mark.parametrize("at", range(0, len(encoded(PAYMENT)), 7))
def test_any_flipped_byte_changes_the_leaf_hash(at: int) -> None:
    flipped = bytearray(encoded(PAYMENT))
    flipped[at] ^= 1
    assert leaf_hash(bytes(flipped)) != leaf_hash(encoded(PAYMENT))


def test_a_leaf_is_hashed_apart_from_a_node() -> None:
    payment = encoded(PAYMENT)
    assert leaf_hash(payment) == sha256(b"\0" + payment).digest()
    assert leaf_hash(payment) not in (sha256(payment).digest(), sha256(b"\1" + payment).digest())


def test_moments_before_1970_and_of_far_years_are_counted_exactly() -> None:
    assert microseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert microseconds(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == (
        253_402_300_799_999_999
    )


def _block(page: str, name: str) -> str:
    found = re.search(rf"```{name}\n(.*?)```", page, re.S)
    assert found is not None
    return found[1]


def _fields(encoded: bytes) -> list[bytes]:
    """Takes an entry apart without the module under test."""
    assert encoded[0] == 1
    fields, at = [], 1
    while at < len(encoded):
        length = int.from_bytes(encoded[at : at + 4], "big")
        fields.append(encoded[at + 4 : at + 4 + length])
        at += 4 + length
    assert at == len(encoded)
    assert len(fields) == 12
    return fields
